"""Metrics, protocols and reference rows."""

from recommender.evaluation.ease import Ease, EaseSettings
from recommender.evaluation.means import Means
from recommender.evaluation.popularity import Popularity, RecentPopularity
from recommender.evaluation.protocols import Evaluation, Examiner, Figures, Scorer, evaluate, evaluate_own_last

__all__ = [
    "Ease",
    "EaseSettings",
    "Evaluation",
    "Examiner",
    "Figures",
    "Means",
    "Popularity",
    "RecentPopularity",
    "Scorer",
    "evaluate",
    "evaluate_own_last",
]
