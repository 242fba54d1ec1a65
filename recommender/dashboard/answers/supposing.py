"""What may be supposed of a viewer, how the model is asked then, and what is supposed in words."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.answers import title_lists
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import gave_in_words, in_a_row
from recommender.data.titles import short_name
from recommender.serving.changes import Changes
from recommender.serving.viewer_kinds import ViewerKinds

if TYPE_CHECKING:
    from recommender.data.schema import RatingScale
    from recommender.serving.recommender import Recommender


def reads_ratings(recommender: "Recommender") -> bool:
    """Whether ratings may be supposed otherwise: it reads them, and it is known which."""
    return recommender.manifest.reads_history and recommender.knows_what_was_read


def viewer_kinds(recommender: "Recommender") -> ViewerKinds:
    """What the model reads of viewers beside their ratings."""
    return _viewer_kinds(recommender, title_lists.version_of_model(recommender))


@st.cache_resource(max_entries=4, show_spinner=False)
def _viewer_kinds(_recommender: "Recommender", version: str) -> ViewerKinds:
    return _recommender.viewer_kinds()


def fitting(recommender: "Recommender", user: str, changes: Changes) -> Changes:
    """What of these changes the model can be asked with: a link may be of another model, or older than its data."""
    if not changes:
        return changes
    scale, titles = recommender.scale, set(recommender.titles)
    ratings = tuple(
        (title, stars)
        for title, stars in changes.ratings
        if title in titles and (stars is None or scale.low <= stars <= scale.high) and reads_ratings(recommender)
    )
    found = Changes(ratings)
    kinds = viewer_kinds(recommender)
    for name, value in changes.features:
        if name in kinds.names and value in kinds.values(user, found.features, name):
            found = found.described(name, value)
    return found


def as_if(recommender: "Recommender", user: str, at: int, changes: Changes) -> "Recommender":
    """The model as it is asked with changes that fit it; itself without any."""
    return recommender.as_if(user, changes, at) if changes else recommender


def in_words(changes: Changes, gave: Mapping[str, float], scale: "RatingScale | None", who: str = "this viewer") -> str:
    """What is supposed, as part of a sentence, in Markdown.

    Args:
      changes: at least one.
      gave: title -> stars that the viewer really gave.
      scale: of the stars; None where the data have none, and titles are taken or not.
      who: of whom it is supposed.

    Returns:
      this viewer had given five stars to Alien and never rated Heat, and their occupation were writer
    """
    parts = [f"{who} had {in_a_row(clauses(changes, gave, scale))}"] if changes.ratings else []
    were = [f"their {escape(name)} were {escape(value)}" for name, value in changes.features]
    return ", and ".join([*parts, *([in_a_row(were)] if were else [])])


def clauses(changes: Changes, gave: Mapping[str, float], scale: "RatingScale | None") -> list[str]:
    """What became of each rating: given five stars to Alien, never rated Heat."""
    return [_clause(title, stars, gave.get(title), scale) for title, stars in changes.ratings]


def _clause(title: str, stars: float | None, gave: float | None, scale: "RatingScale | None") -> str:
    name = escape(short_name(title))
    if scale is None:
        return f"never taken {name}" if stars is None else f"taken {name}"
    if stars is None:
        return f"never rated {name}"
    instead = "" if gave is None or gave == stars else f" instead of {gave_in_words(gave, scale)}"
    return f"given {gave_in_words(stars, scale)}{instead} to {name}"
