"""What the page Movies shows, worked out from what is chosen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import Abilities, abilities_of
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.pages.movies.reception import Reception, received
from recommender.dashboard.pages.movies.title_map import TitleMap, title_map
from recommender.dashboard.parts.the_list import catalogue_of_list
from recommender.data.titles import spoken_name

if TYPE_CHECKING:
    from recommender.bundle.manifest import MapFacts
    from recommender.serving.recommender import Recommender

_MOST_ALIKE = 8


class OwnChoices(NamedTuple):
    """What is chosen on this page alone, or without a widget of its own.

    Attributes:
      title: the title that was opened; None if there is none yet.
      n_opened: how many titles the session has opened.
      followed: the titles that are followed.
      colouring: what the map is coloured by, of `TitleMap.colourings`, or `title_map.PLAIN`.
    """

    title: str | None
    n_opened: int
    followed: tuple[str, ...]
    colouring: str


@dataclass(frozen=True, eq=False)
class MoviesView:
    """All that the page shows, but why the title stands where it stands, which takes long and is asked for by a click.

    Attributes:
      can: what the model can show.
      scale: lowest and highest rating; None where the data have no ratings.
      n_titles: of the whole catalogue.
      chosen: what is chosen.
      own: what is chosen on this page alone.
      title, item_id, name, year: the title that is open: the first recommendation until one is opened; `year` None if
        its name has none.
      stands: where it stands in the list.
      stars: its predicted stars; NaN from a model that predicts none.
      score: its retrieval score.
      reception: how it was received; None without ratings.
      given: the stars that the viewer gave it; None without.
      title_map: the map of the catalogue; None where the model has no space of titles, or the bundle no map.
      map_facts: how far the map can be trusted; None where nothing is said of it.
      marks: what is marked on the map: `TitleMap.marks`; None without a map.
      alike: titles like it: `title`, `name`, `year`, `similarity`; None where the model has no space of titles.
    """

    can: Abilities
    scale: tuple[float, float] | None
    n_titles: int
    chosen: Choices
    own: OwnChoices
    title: str
    item_id: str
    name: str
    year: int | None
    stands: title_lists.Standing
    stars: float
    score: float
    reception: Reception | None
    given: float | None
    title_map: TitleMap | None
    map_facts: "MapFacts | None"
    marks: pd.DataFrame | None
    alike: pd.DataFrame | None

    @property
    def called(self) -> str:
        """The title as it is spoken, with its year."""
        return f"{self.name} ({self.year})" if self.year else self.name

    @property
    def following(self) -> bool:
        """Whether the title is followed."""
        return self.title in self.own.followed

    @property
    def stars_given(self) -> pd.DataFrame | None:
        """`charts.stars_given` of the title, the viewer's own stars marked; None if nobody gave it any."""
        if self.reception is None or not self.reception.n_ratings or not self.can.has_stars:
            return None
        return self.reception.stars.assign(own=self.reception.stars["stars"] == self.given)

    @property
    def rated_over_time(self) -> pd.DataFrame | None:
        """`charts.rated_over_time` of the title, the moment marked; None without ratings of it, or times."""
        if self.reception is None or not self.reception.n_ratings or self.reception.parts is None:
            return None
        at, parts = pd.Timestamp(self.chosen.at, unit="s", tz="UTC"), self.reception.parts
        return parts.assign(own=(parts["from"] <= at) & (at < parts["next"]))


def movies_view(recommender: "Recommender", chosen: Choices, own: OwnChoices) -> MoviesView:
    """Works the page out; one call of the model.

    Args:
      recommender: the model.
      chosen: what is chosen.
      own: what is chosen on this page alone.
    """
    can, version = abilities_of(recommender), title_lists.version(recommender)
    now = catalogue_of_list(recommender, chosen)
    title = own.title or _first_recommended(now)
    row = now.loc[now["title"] == title].iloc[0]
    spoken = spoken_name(title)
    rated = chosen.asked(recommender).rated(chosen.user)
    given = rated.loc[rated["item_id"] == row["item_id"], "rating"]
    found = title_map(recommender, version) if can.has_space else None
    return MoviesView(
        can=can,
        scale=(recommender.scale.low, recommender.scale.high) if can.has_stars else None,
        n_titles=len(now),
        chosen=chosen,
        own=own,
        title=title,
        item_id=row["item_id"],
        name=spoken.name,
        year=spoken.year,
        stands=title_lists.standing(now, title),
        stars=float(row["stars"]),
        score=float(row["score"]),
        reception=received(recommender, version, row["item_id"]),
        given=None if given.empty else float(given.iloc[0]),
        title_map=found,
        map_facts=recommender.manifest.map,
        marks=None if found is None else found.marks(rated, own.followed, title, own.n_opened),
        alike=title_lists.describe(recommender.similar(title, _MOST_ALIKE)) if can.has_space else None,
    )


def _first_recommended(now: pd.DataFrame) -> str:
    listed = now[now["place"].notna()]
    return str((listed if len(listed) else now)["title"].iloc[0])
