"""The two views of the page Training, as the address names them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.dashboard.choices.current import Options
    from recommender.serving.recommender import Recommender

VIEW = "view"
LEARNED, TRAIN = "What it learned", "Train a model"  # as they stand in the address, too


def views(recommender: "Recommender", options: "Options") -> list[str]:
    """What the address may say of the view; see `own_parameters`."""
    return [LEARNED, TRAIN]
