"""What would bring a title into the list, or out of it: the smallest change, found by asking the model."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from recommender.dashboard.answers import supposing, title_lists
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import in_a_row
from recommender.dashboard.parts import what_if
from recommender.dashboard.parts.the_list import asked_for_list, catalogue_of_list
from recommender.data.titles import short_name
from recommender.serving.changes import Changes, Rating
from recommender.serving.smallest_change import MOST_CHANGES, Crossing, Question, smallest_change

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_ASKED = "_edge_asked"


def draw(recommender: "Recommender", chosen: Choices, title: str, place: int | None) -> bool:
    """Draws a button that searches, then what was found and a button that supposes it.

    Args:
      recommender: the model as the list was asked for, as if what is supposed already were so.
      chosen: the viewer, what is supposed of them, and how the list is narrowed and turned.
      title: the title.
      place: where it stands in the list, which goes on behind its end; None if it is seen or left out.

    Returns:
      Whether what was found is to be shown.
    """
    if place is None or not supposing.reads_ratings(recommender) or title in what_if.gave(recommender, chosen):
        return False
    inwards = place > chosen.k
    ends = f"{'into' if inwards else 'out of'} the first {chosen.k}"
    st.markdown(f"**What would bring it {ends}?**")
    asked = (title, chosen)
    if st.session_state.get(_ASKED) != asked:
        st.caption("The smallest change of what this viewer rated; the model is asked with each, a few seconds long.")
        st.button(
            "Find the smallest change",
            icon=":material/search:",
            key="find_smallest_change",
            on_click=lambda: st.session_state.update({_ASKED: asked}),
        )
        return False
    with st.spinner("Asking the model with one change after another"):
        found = _found(recommender, title_lists.version(recommender), chosen, title)
    st.markdown(in_words(recommender, chosen, title, found))
    if found is None:
        return False
    return st.button(
        "Show that list",
        icon=":material/alt_route:",
        key="suppose_smallest_change",
        on_click=current.suppose,
        args=(chosen.user, chosen.changes.and_then(Changes(found.ratings))),
    )


def in_words(recommender: "Recommender", chosen: Choices, title: str, found: Crossing | None) -> str:
    """What was found, in a sentence of Markdown."""
    name = escape(short_name(title))
    if found is None:
        return (
            f"No change of up to {MOST_CHANGES} ratings that was tried moves {name} across the end of the first "
            f"{chosen.k}: neither one taken back, nor one turned round, nor one more of a title like it."
        )
    said = supposing.clauses(Changes(found.ratings), what_if.gave(recommender, chosen), what_if.scale_of(recommender))
    also = "also " if chosen.changes else ""
    return (
        f"Had this viewer {also}{in_a_row(said)}, **{name}** would be number **{found.place}** instead of "
        f"{found.place_before:,}."
    )


@st.cache_data(max_entries=100, show_spinner=False)
def _found(_recommender: "Recommender", version: str, chosen: Choices, title: str) -> Crossing | None:
    def place_of(ratings: tuple[Rating, ...]) -> int | None:
        changes = chosen.changes.and_then(Changes(ratings))
        asked = supposing.as_if(_recommender, chosen.user, chosen.at, changes)
        catalogue = catalogue_of_list(asked, replace(chosen, changes=changes))
        place = catalogue.loc[catalogue["title"] == title, "place"].iloc[0]
        return None if pd.isna(place) else int(place)

    asked = asked_for_list(_recommender, chosen)
    catalogue = catalogue_of_list(_recommender, chosen)
    competing = title_lists.competing(_recommender, catalogue)
    question = Question(chosen.user, chosen.at, title, chosen.k, competing)
    return smallest_change(asked, question, place_of)
