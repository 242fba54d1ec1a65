"""The line that says who the viewer is."""

from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.answers import personas, title_lists
from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.answers.viewers import Profile
from recommender.dashboard.choices import current
from recommender.dashboard.drawing.markdown import escape

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def draw(recommender: "Recommender", can: Abilities, user: str) -> None:
    """Draws the viewer's name and figures.

    These are of all that the viewer ever rated, whatever the moment: who somebody is does not wait for the clock.
    """
    presented = current.presenting()
    profile = title_lists.viewer_profile(recommender, title_lists.version(recommender), user)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if not presented:  # else it is the title already
            st.header(escape(personas.name_of(recommender, user)), anchor=False, width="content")
        if profile is None:
            nothing = "They have rated nothing." if can.has_ratings else "Who this is, the ratings tell."
            st.caption(nothing, width="content")
        else:
            st.markdown("  ·  ".join(_facts(profile)), width="content")


def draw_invitation(recommender: "Recommender", k: int) -> None:
    """Draws what this is, and what to try, in two sentences; for who opens the first page."""
    if not current.presenting():
        n_titles = f"{len(recommender.titles):,}"
        st.markdown(
            f"A recommender, asked live: of the {n_titles} films it knows, the {k} it would put before this viewer on "
            "this day, and why. **Turn the clock**, and the list follows."
        )


def _facts(profile: Profile) -> list[str]:
    """What the data say of a viewer, what they rated and what they like, as Markdown."""
    facts = [", ".join(escape(fact) for fact in profile.about)] if profile.about else []
    if profile.mean is None:
        facts.append(f"took **{profile.n_ratings:,}** titles")
    else:
        facts.append(f"**{profile.n_ratings:,}** ratings, mean **{profile.mean:.1f}**")
    if profile.likes:
        facts.append("likes " + ", ".join(escape(label) for label in profile.likes))
    if profile.span is not None:
        first, last = (current.to_clock(moment).year for moment in profile.span)
        did = "rated " * (profile.mean is not None)
        facts.append(f"{did}{first}" if first == last else f"{did}{first} to {last}")
    return facts
