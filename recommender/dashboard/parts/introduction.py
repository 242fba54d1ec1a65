"""The line that says who the viewer is."""

from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.answers import personas, title_lists
from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.answers.viewers import Profile
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import day
from recommender.dashboard.frame import bar

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def draw(recommender: "Recommender", can: Abilities, options: Options, user: str) -> None:
    """Draws the viewer's name and figures; where the model reads the clock, their first and last day turn it.

    These are of all that the viewer ever rated, whatever the moment: who somebody is does not wait for the clock.
    """
    presented = current.presenting()
    profile = title_lists.viewer_profile(recommender, title_lists.version(recommender), user)
    turns = can.reads_clock and not presented
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if not presented:  # else it is the title already
            st.header(escape(personas.name_of(recommender, user)), anchor=False, width="content")
        if profile is None:
            st.caption(
                "They have rated nothing." if can.has_ratings else "Who this is, the ratings tell.", width="content"
            )
            return
        days = _days(profile)
        did = "rated " * (profile.mean is not None)
        when = [] if not days else [f"{did}from"] if turns else [f"{did}{' to '.join(days)}"]
        st.markdown("  ·  ".join([*_facts(profile), *when]), width="content")
        if profile.span is not None and turns:
            first, last = profile.span
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", width="content"):
                bar.jump(days[0], ":material/first_page:", first, options, "jump_first")
                if len(days) > 1:
                    bar.jump(days[1], ":material/last_page:", last, options, "jump_last")


def draw_invitation(recommender: "Recommender", k: int) -> None:
    """Draws what this is, and what to try, in two sentences; for who opens the first page."""
    if not current.presenting():
        st.markdown(
            f"A recommender, asked live: of {len(recommender.titles):,} titles the {k} it would put before this viewer "
            "on this day, from what they had rated by then. **Turn the clock** above, or go to their first and last "
            "day, and see the list follow."
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
    return facts


def _days(profile: Profile) -> list[str]:
    """The days of the first and the last rating; one if they are the same, none where the data have no times."""
    return [] if profile.span is None else list(dict.fromkeys(day(moment) for moment in profile.span))
