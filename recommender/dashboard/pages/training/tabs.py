"""What the address says of the page Training: which half is shown, and what is chosen in its form."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.dashboard.choices.current import Options
    from recommender.serving.recommender import Recommender

TAB, MODEL, DATA, SPLIT = "view", "train_model", "train_data", "train_split"  # parameters of the address
LEARNED, TRAIN = "What it learned", "Train a model"
USUAL_MODEL = "two-tower"
SPLITS = {
    "random": "Every fifth rating, drawn by the seed, is kept for the test.",
    "per-user-last": "Each viewer's last fifth is kept for the test.",
    "temporal": "What was rated after a moment is kept for the test.",
}


def names(recommender: "Recommender", options: "Options") -> list[str]:
    """What the address may say of the tab; see `page_parameters`."""
    return [LEARNED, TRAIN]


def models(recommender: "Recommender", options: "Options") -> list[str]:
    """What it may say of the model to train."""
    from recommender.dashboard.pages.training import settings

    return sorted((choice.name for choice in settings.models()), key=lambda name: name != USUAL_MODEL)


def data(recommender: "Recommender", options: "Options") -> list[str]:
    """What it may say of the data to train on."""
    from recommender.dashboard.bundles.manifests import all_bundles
    from recommender.dashboard.pages.training import data_choice

    return data_choice.labels(recommender, all_bundles())


def splits(recommender: "Recommender", options: "Options") -> list[str]:
    """What it may say of the split."""
    return list(SPLITS)
