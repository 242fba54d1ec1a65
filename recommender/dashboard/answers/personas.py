"""What a viewer is called: a persona by its name and number, anybody else by the number alone.

Finding personas takes about a second, most of it for the lists of viewers who might be one, and nobody's list waits for
it: they are found after the page is drawn, and every session uses their names from then on.
"""

from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.answers import title_lists, viewers

if TYPE_CHECKING:
    from recommender.dashboard.answers.viewers import Persona
    from recommender.serving.recommender import Recommender

_LISTED = 10  # titles on the page until another length is chosen


@st.cache_resource(max_entries=4, show_spinner=False)
def _found(version: str) -> "dict[str, Persona]":
    return {}


def named(recommender: "Recommender") -> "dict[str, Persona]":
    """Viewer -> persona, of those found by now; empty before, and without ratings."""
    return dict(_found(title_lists.version_of_model(recommender)))


def find_regular(recommender: "Recommender") -> "viewers.Regular | None":
    """Who came back most often, which takes a moment once; None without ratings, and if nobody did often."""
    version = title_lists.version_of_model(recommender)
    regular = _find_regular(recommender, version)
    if regular is not None:
        _found(version).setdefault(regular.user_id, regular.persona)
    return regular


@st.cache_data(max_entries=4, show_spinner=False)
def _find_regular(_recommender: "Recommender", version: str) -> "viewers.Regular | None":
    return None if _recommender.ratings is None else viewers.find_regular(_recommender.ratings, _recommender.user_ids)


def find(recommender: "Recommender") -> "tuple[Persona, ...]":
    """Finds the personas, once for all sessions, and remembers their names; none without ratings."""
    version = title_lists.version_of_model(recommender)
    personas = _find(recommender, version)
    _found(version).update({persona.user_id: persona for persona in personas})
    return personas


@st.cache_data(max_entries=4, show_spinner=False)
def _find(_recommender: "Recommender", version: str) -> "tuple[Persona, ...]":
    if _recommender.ratings is None:
        return ()

    def list_of(user: str) -> list[str]:
        """What the page lists for a viewer until another moment is chosen."""
        listed = _recommender.retrieve(user, _recommender.last_known_moment(user), _LISTED)
        return [str(item) for item in listed["item_id"]]

    return viewers.find_personas(_recommender.ratings, _recommender.user_ids, list_of)


def name_of(recommender: "Recommender", user: str, *, inside: bool = False, short: bool = False) -> str:
    """A viewer as they are called: Harsh critic (viewer 181), or Viewer 42.

    Args:
      recommender: the model.
      user: the viewer.
      inside: whether it stands inside a sentence, where a viewer without a name is written small.
      short: whether there is place for the name alone: Harsh critic.
    """
    persona = _found(title_lists.version_of_model(recommender)).get(user)
    if persona is not None:
        return persona.name if short else f"{persona.name} (viewer {user})"
    return f"viewer {user}" if inside else f"Viewer {user}"
