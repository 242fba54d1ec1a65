"""What a viewer is called: a persona by its name and number, anybody else by the number alone.

Finding personas takes a third of a second, and nobody's list waits for it: they are found after the page is drawn, and
every session uses their names from then on.
"""

from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.answers import title_lists, viewers

if TYPE_CHECKING:
    from recommender.dashboard.answers.viewers import Persona
    from recommender.serving.recommender import Recommender


@st.cache_resource(max_entries=4, show_spinner=False)
def _found(version: str) -> "dict[str, Persona]":
    return {}


def named(recommender: "Recommender") -> "dict[str, Persona]":
    """Viewer -> persona, of those found by now; empty before, and without ratings."""
    return dict(_found(title_lists.version(recommender)))


def find(recommender: "Recommender") -> "tuple[Persona, ...]":
    """Finds the personas, once for all sessions, and remembers their names; none without ratings."""
    version = title_lists.version(recommender)
    personas = _find(recommender, version)
    _found(version).update({persona.user_id: persona for persona in personas})
    return personas


@st.cache_data(max_entries=4, show_spinner=False)
def _find(_recommender: "Recommender", version: str) -> "tuple[Persona, ...]":
    if _recommender.ratings is None:
        return ()
    return viewers.find_personas(_recommender.ratings, _recommender.user_ids)


def name_of(recommender: "Recommender", user: str, *, inside: bool = False) -> str:
    """A viewer as they are called: Harsh critic (viewer 181), or Viewer 42.

    Args:
      recommender: the model.
      user: the viewer.
      inside: whether it stands inside a sentence, where a viewer without a name is written small.
    """
    persona = _found(title_lists.version(recommender)).get(user)
    if persona is not None:
        return f"{persona.name} (viewer {user})"
    return f"viewer {user}" if inside else f"Viewer {user}"
