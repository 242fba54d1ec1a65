"""Metrics, protocols and reference rows."""

from recommender.evaluation.ease import Ease, EaseSettings
from recommender.evaluation.means import Means
from recommender.evaluation.popularity import Popularity, RecentPopularity
from recommender.evaluation.protocols import KS, Evaluation, Scorer, evaluate

__all__ = [
    "KS",
    "Ease",
    "EaseSettings",
    "Evaluation",
    "Means",
    "Popularity",
    "RecentPopularity",
    "Scorer",
    "evaluate",
]
