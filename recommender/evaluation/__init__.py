"""Metrics, protocols and reference rows."""

from recommender.evaluation.popularity import Popularity
from recommender.evaluation.protocols import KS, Evaluation, Scorer, evaluate

__all__ = ["KS", "Evaluation", "Popularity", "Scorer", "evaluate"]
