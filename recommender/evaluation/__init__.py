"""Metrics, protocols and reference rows."""

from recommender.evaluation.ease import Ease
from recommender.evaluation.popularity import Popularity
from recommender.evaluation.protocols import KS, Evaluation, Scorer, evaluate

__all__ = ["KS", "Ease", "Evaluation", "Popularity", "Scorer", "evaluate"]
