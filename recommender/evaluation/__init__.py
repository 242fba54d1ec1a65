"""Metrics, protocols and reference rows."""

from recommender.evaluation.ease import Ease
from recommender.evaluation.popularity import Popularity
from recommender.evaluation.protocols import Evaluation, Figures, Scorer, evaluate, evaluate_own_last

__all__ = ["Ease", "Evaluation", "Figures", "Popularity", "Scorer", "evaluate", "evaluate_own_last"]
