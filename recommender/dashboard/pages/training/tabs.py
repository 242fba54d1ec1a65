"""The two halves of the page Training, as its switch and the address name them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.dashboard.choices.current import Options
    from recommender.serving.recommender import Recommender

TAB = "view"  # the parameter of the address
LEARNED, TRAIN = "What it learned", "Train a model"


def names(recommender: "Recommender", options: "Options") -> list[str]:
    """What the address may say of the tab; see `page_parameters`."""
    return [LEARNED, TRAIN]
