"""What the address may say of the form that asks for a training; see `page_parameters`."""

from typing import TYPE_CHECKING

from recommender.dashboard.bundles.manifests import all_bundles

if TYPE_CHECKING:
    from recommender.dashboard.choices.current import Options
    from recommender.serving.recommender import Recommender

SPLITS = {
    "random": "Every fifth rating, drawn by the seed, is kept for the test.",
    "per-user-last": "Each viewer's last fifth is kept for the test.",
    "temporal": "What was rated after a moment is kept for the test.",
}


def models(recommender: "Recommender", options: "Options") -> list[str]:
    """The models that can be trained, the one that is shown first."""
    from recommender.dashboard.pages.training import settings

    shown = recommender.manifest.model
    return sorted((choice.name for choice in settings.models()), key=lambda name: name != shown)


def data(recommender: "Recommender", options: "Options") -> list[str]:
    """What they can be trained on."""
    from recommender.dashboard.pages.training import data_choice

    return data_choice.labels(recommender, all_bundles())


def splits(recommender: "Recommender", options: "Options") -> list[str]:
    """How parts are held back from them."""
    return list(SPLITS)
