"""The map of the catalogue as the page Movies shows it: what lies where, its colours, what is marked."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from recommender.charts import TITLE_COLOURS
from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import Abilities, abilities_of
from recommender.dashboard.drawing.words import sentence_case
from recommender.data.titles import short_name

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

GENRE, YEAR, POPULARITY, PLAIN = "genre", "year", "popularity", "plain"
OTHER = "Other"
_ENOUGH_YEARS = 0.5  # of the titles: below it, most points would have no colour


@dataclass(frozen=True)
class TitleMap:
    """The titles of the map, and by what they can be coloured.

    Attributes:
      titles: `item_id`, `title`, `name`, `year`, `x`, `y`, `group` (the label of its colour), `rated`, `weight`.
      groups: the labels that have a colour, most frequent first.
      colourings: those that the data allow, of `GENRE`, `YEAR` and `POPULARITY`.
    """

    titles: pd.DataFrame
    groups: tuple[str, ...]
    colourings: tuple[str, ...]

    @property
    def reach(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Lowest and highest `x`, and `y`."""
        x, y = ((float(self.titles[c].min()), float(self.titles[c].max())) for c in ("x", "y"))
        return x, y

    @cached_property
    def _table(self) -> pa.Table:
        return pa.Table.from_pandas(self.titles.drop(columns="title"), preserve_index=False)

    def table(self, n_opened: int) -> pa.Table:
        """The `titles` of `charts.catalogue_map`, as a table that the browser keeps while it stays the same.

        Args:
          n_opened: as for `marks`.
        """
        return self._table.append_column("turn", pa.array(np.full(len(self.titles), n_opened)))

    def domain(self, colouring: str) -> tuple[str, ...] | tuple[float, ...]:
        """What the legend goes over: groups, or the ends of a ramp (its lowest twentieth has one colour)."""
        if colouring == GENRE:
            return self.groups
        if colouring == YEAR:
            years = self.titles["year"].dropna().astype(float)
            return (float(np.floor(years.quantile(0.05))), float(years.max()))
        if colouring == POPULARITY:
            return (1.0, max(2.0, float(self.titles["rated"].max())))
        return ()

    def marks(self, seen: pd.DataFrame, followed: Collection[str], opened: str | None, n_opened: int) -> pd.DataFrame:
        """The points that this viewer rated, follows or has opened.

        Args:
          seen: what the viewer rated: `item_id`, `rating`, newest first.
          followed: titles.
          opened: a title.
          n_opened: how many titles were opened before, so that a click on a title counts anew after another was opened.

        Returns:
          The `marks` of `charts.catalogue_map`.
        """
        given = dict(zip(seen["item_id"][::-1], seen["rating"][::-1], strict=True))  # the newest rating stays
        chosen = {*followed, opened}
        marked = self.titles["item_id"].isin(list(given)) | self.titles["title"].isin([t for t in chosen if t])
        frame = self.titles[marked]
        mark = ["opened" if t == opened else "followed" if t in chosen else "" for t in frame["title"]]
        given_stars = frame["item_id"].map(given).astype(float)
        names = [short_name(title) for title in frame["title"]]  # of a long one the edge of the map would cut the end
        return frame.assign(name=names, given=given_stars, mark=mark, turn=n_opened).drop(columns="title")


@st.cache_resource(max_entries=4, show_spinner=False)
def title_map(_recommender: "Recommender", version: str) -> TitleMap | None:
    """The map of a model's catalogue; None where its bundle holds none. Shared by all, so never changed."""
    drawn = _recommender.catalogue_map
    if drawn is None:
        return None
    can = abilities_of(_recommender)
    titles = dict(zip(_recommender.item_ids, _recommender.titles, strict=True))
    frame = drawn[drawn["item_id"].isin(list(titles))]
    frame = title_lists.describe(frame.assign(title=[titles[item] for item in frame["item_id"]]))
    labels = title_lists.labels_of(_recommender, frame["item_id"].tolist())
    groups, of_title = group_titles(labels)
    counts = title_lists.times_rated(_recommender, version)
    frame["group"] = of_title
    frame["rated"] = np.nan if counts is None else counts.reindex(frame["item_id"]).fillna(0).to_numpy(float)
    frame["year"] = frame["year"].astype("Float64").to_numpy(float, na_value=np.nan)
    frame["weight"] = frame["rated"].fillna(1).clip(lower=1)  # Vega draws no point without a size
    colourings = []
    if can.labels is not None and groups:
        colourings.append(GENRE)
    years = frame["year"].dropna()
    if len(years) >= _ENOUGH_YEARS * len(frame) and len(years) and years.min() < years.max():
        colourings.append(YEAR)
    if counts is not None:
        colourings.append(POPULARITY)
        frame = frame.sort_values("rated", kind="stable").reset_index(drop=True)  # the well-known are drawn on top
    return TitleMap(frame, groups, tuple(colourings))


def group_titles(labels: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], list[str]]:
    """Gives each title one of the most frequent labels: of those it carries the rarest, which says most of it.

    Args:
      labels: of each title.

    Returns:
      The labels that have a colour, most frequent first, and that of each title, `OTHER` where it has none of them.
    """
    counts = Counter(label for of_title in labels for label in dict.fromkeys(of_title))
    groups = [label for label, _ in counts.most_common(len(TITLE_COLOURS))]
    rarest_first = groups[::-1]
    return tuple(groups), [next((g for g in rarest_first if g in of_title), OTHER) for of_title in labels]


def map_of(recommender: "Recommender", can: Abilities) -> TitleMap | None:
    """The map of the catalogue; None where the model has no space of titles, or the bundle no map."""
    return title_map(recommender, title_lists.version(recommender)) if can.has_space else None


def by_heading(found: TitleMap | None, can: Abilities) -> dict[str, str]:
    """The colourings by the words they are chosen by; none where there is no choice."""
    colourings = () if found is None or len(found.colourings) < 2 else found.colourings
    return {heading_of(colouring, can): colouring for colouring in colourings}


def colouring_of(recommender: "Recommender", can: Abilities, heading: str) -> str:
    """The colouring of this heading; the first there is if it is none."""
    found = map_of(recommender, can)
    if found is None or not found.colourings:
        return PLAIN
    return by_heading(found, can).get(heading, found.colourings[0])


def heading_of(colouring: str, can: Abilities) -> str:
    """What the legend of a colouring is headed by; empty without a colouring."""
    names = {GENRE: sentence_case(can.labels or ""), YEAR: "Year", POPULARITY: "Times rated"}
    return names.get(colouring, "")
