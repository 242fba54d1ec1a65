"""The parameters of the address of the page Training, and the two halves that its switch names."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.dashboard.choices.current import Options
    from recommender.serving.recommender import Recommender

TAB, MODEL, DATA, SPLIT = "view", "train_model", "train_data", "train_split"
LEARNED, TRAIN = "What it learned", "Train a model"


def names(recommender: "Recommender", options: "Options") -> list[str]:
    """What the address may say of the tab; see `page_parameters`."""
    return [LEARNED, TRAIN]
