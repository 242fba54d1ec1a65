"""The line that says who the viewer is."""

from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.answers import personas, title_lists
from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import day
from recommender.dashboard.frame import bar

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def draw(recommender: "Recommender", can: Abilities, options: Options, user: str) -> None:
    """Draws the viewer's name and figures; where the model reads the clock, their first and last day turn it."""
    presented = current.presenting()
    profile = title_lists.viewer_profile(recommender, title_lists.version(recommender), user)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if not presented:  # else it is the title already
            st.header(escape(personas.name_of(recommender, user)), anchor=False, width="content")
        if profile is None:
            st.caption(
                "They have rated nothing." if can.has_ratings else "Who this is, the ratings tell.", width="content"
            )
            return
        facts = [", ".join(escape(fact) for fact in profile.about)] if profile.about else []
        facts.append(f"**{profile.n_ratings:,}** ratings, mean **{profile.mean:.1f}**")
        if profile.likes:
            facts.append("likes " + ", ".join(escape(label) for label in profile.likes))
        turns = can.reads_clock and not presented
        days = [] if profile.span is None else list(dict.fromkeys(day(moment) for moment in profile.span))
        if days:
            facts.append("rated from" if turns else f"rated {' to '.join(days)}")
        st.markdown("  ·  ".join(facts), width="content")
        if profile.span is not None and turns:
            first, last = profile.span
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", width="content"):
                bar.jump(days[0], ":material/first_page:", first, options, "jump_first")
                if len(days) > 1:
                    bar.jump(days[1], ":material/last_page:", last, options, "jump_last")
