"""What a model and its data let a page show: the one place that asks the manifest, so that no page asks for a name."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.dashboard.answers import viewers

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


@dataclass(frozen=True)
class Abilities:
    """What a model, the data it was trained on, and the ratings it is joined with let a page show.

    Attributes:
      rates: it predicts stars; if not, they are NaN and nothing that shows them is drawn.
      retrieves: it is trained for retrieval; if not, it ranks titles by the stars it predicts.
      has_clock: the data have times, so there are moments to choose from.
      reads_clock: there are, and the model's answers depend on the moment.
      reads_history: it reads, when it is asked, what a viewer has rated, so a visitor can be folded in.
      has_space: its titles lie in a space, so some are more like each other than others.
      has_stars: viewers of the data gave stars; if not, they took titles, and nothing that shows stars is drawn.
      has_ratings: the ratings are here: histories, seen titles, features.
      labels: the feature of a title whose values are shown as chips ("genres"); None without one.
    """

    rates: bool
    retrieves: bool
    has_clock: bool
    reads_clock: bool
    reads_history: bool
    has_space: bool
    has_stars: bool
    has_ratings: bool
    labels: str | None

    @property
    def has_idle_clock(self) -> bool:
        """There is a clock, and turning it changes nothing."""
        return self.has_clock and not self.reads_clock


def abilities_of(recommender: "Recommender") -> Abilities:
    """What this model can show with what it is joined with."""
    manifest, ratings = recommender.manifest, recommender.ratings
    return Abilities(
        rates=manifest.rates,
        retrieves=manifest.retrieves,
        has_clock=manifest.has_clock,
        reads_clock=manifest.reads_clock,
        reads_history=manifest.reads_history,
        has_space=manifest.has_space,
        has_stars=manifest.data.has_ratings,
        has_ratings=recommender.has_ratings,
        labels=None if ratings is None else viewers.labelling_feature(ratings),
    )
