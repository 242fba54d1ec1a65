"""How far titles move in the time that is shown: those that are followed, and the farthest of the catalogue."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from recommender import charts
from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.choices import current
from recommender.dashboard.drawing.words import day
from recommender.dashboard.pages.time_travel import over_time
from recommender.dashboard.pages.time_travel.over_time import Question, Stretch
from recommender.dashboard.pages.time_travel.picture_frames import Shown, clock_time
from recommender.data.titles import spoken_name

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_CLICKED = "clicked_mover"
_LISTED = "_listed_movers"
_ROWS_SHOWN = 8
_COURSE_POINTS = 48  # as many as a cell has pixels for


class Moves(NamedTuple):
    """Both tables as they are drawn.

    Attributes:
      followed: `followed_frame`; None where nothing is listed.
      movers: `name`, `best`, `best_at`, `worst`, `worst_at` and `course`; None where nothing moves.
    """

    followed: pd.DataFrame | None
    movers: pd.DataFrame | None


def draw(recommender: "Recommender", can: Abilities, question: Question, stretch: Stretch, shown: Shown) -> Moves:
    """Draws both tables, each sorted by how far its titles move."""
    left, right = st.columns([1, 1], gap="large")
    with left:
        followed = _draw_followed(recommender, can, question, stretch, shown)
    with right:
        movers = _draw_movers(recommender, question, stretch, shown)
    return Moves(followed, movers)


def followed_frame(shown: Shown, ranks: over_time.Rows) -> pd.DataFrame:
    """How far the followed titles move inside the training span, the farthest first.

    Args:
      shown: what the picture shows.
      ranks: [n_moments, n_followed] ranks in the whole catalogue.

    Returns:
      `title`, `name`, `low`, `high` (stars or scores), `move` (between them), `all` (the same of the average viewer),
      `best`, `worst` (ranks).
    """
    inside = (shown.lists.moments >= shown.first) & (shown.lists.moments <= shown.last)
    inside = inside if inside.any() else np.ones(len(inside), bool)
    own, means = shown.curves[inside], shown.means[inside]
    frame = pd.DataFrame(
        {
            "title": list(shown.followed),
            "name": [spoken_name(title).name for title in shown.followed],
            "low": own.min(axis=0),
            "high": own.max(axis=0),
            "move": np.ptp(own, axis=0),
            "all": np.ptp(means, axis=0),
            "best": ranks.min(axis=0),
            "worst": ranks.max(axis=0),
        }
    )
    return frame.sort_values("move", ascending=False, kind="stable").reset_index(drop=True)


def _draw_followed(
    recommender: "Recommender", can: Abilities, question: Question, stretch: Stretch, shown: Shown
) -> pd.DataFrame | None:
    st.subheader("How far these titles move", anchor=False)
    if not shown.followed:
        st.caption("Nothing is listed, so nothing moves.")
        return None
    ranks = over_time.ranks(recommender, question, stretch, shown.first, shown.last, tuple(shown.followed))
    what = "Stars" if can.rates else "Score"
    frame = followed_frame(shown, ranks)
    st.dataframe(
        frame.drop(columns="title"),
        hide_index=True,
        height="content",
        key="followed_moves",
        alt="How far the followed titles move in the time shown, the farthest first",
        column_config={
            "name": st.column_config.TextColumn("Title", width=170),
            "low": st.column_config.NumberColumn("Low", format="%.2f", width=52, help=f"{what}, at the lowest."),
            "high": st.column_config.NumberColumn("High", format="%.2f", width=52, help=f"{what}, at the highest."),
            "move": st.column_config.NumberColumn("Moves", format="%.2f", width=60, help="From lowest to highest."),
            "all": st.column_config.NumberColumn(
                "All", format="%.2f", width=52, help="The same of the average viewer: what the clock does to everybody."
            ),
            "best": st.column_config.NumberColumn(
                "Best", format="localized", width=55, help="Best rank in the whole catalogue, seen titles included."
            ),
            "worst": st.column_config.NumberColumn("Worst", format="localized", width=58, help="Worst rank in it."),
        },
    )
    st.caption("Where the viewer moves as far as all do, it is the clock; where not, it is the viewer.")
    return frame


def _draw_movers(recommender: "Recommender", question: Question, stretch: Stretch, shown: Shown) -> pd.DataFrame | None:
    st.subheader("What moves most in the catalogue", anchor=False)
    movers = over_time.movers(recommender, question, stretch, shown.first, shown.last)
    if not len(movers.rows):
        st.caption("No title changes its rank in this time.")
        return None
    titles = [recommender.titles[row] for row in movers.rows]
    st.session_state[_LISTED] = titles
    asked = over_time.inside(stretch, shown.first, shown.last)
    thinned = np.unique(np.linspace(0, len(asked) - 1, _COURSE_POINTS).astype(int))
    when = clock_time if shown.end - shown.start <= 14 * 86_400 else day
    frame = pd.DataFrame(
        {
            "name": [spoken_name(title).name for title in titles],
            "best": movers.best,
            "best_at": [when(int(asked[place])) for place in movers.best_at],
            "worst": movers.worst,
            "worst_at": [when(int(asked[place])) for place in movers.worst_at],
            "course": (-np.log10(movers.ranks[thinned])).round(3).T.tolist(),
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        height=(_ROWS_SHOWN + 1) * 35 + 2 if len(frame) > _ROWS_SHOWN else "content",
        key="movers_in_time",
        alt="Titles of the whole catalogue whose rank moves most in the time shown, the farthest first",
        column_config={
            "name": st.column_config.ButtonColumn(
                "Title",
                type="tertiary",
                alignment="left",
                width=165,
                key=_CLICKED,
                on_click=_follow_clicked,
                help="Click a title to follow it.",
            ),
            "best": st.column_config.NumberColumn("Best", format="localized", width=52, help="Best rank in this time."),
            "best_at": st.column_config.TextColumn("on", width=90),
            "worst": st.column_config.NumberColumn("Worst", format="localized", width=57, help="Worst rank in it."),
            "worst_at": st.column_config.TextColumn("on", width=90),
            "course": st.column_config.LineChartColumn(
                "Course", width=65, color=charts.QUIET, help="Its rank over time; up is better."
            ),
        },
    )
    st.caption("By doublings of the rank, among titles that are ever in the first hundred; seen ones included.")
    return frame


def _follow_clicked() -> None:
    click, titles = st.session_state[_CLICKED], st.session_state.get(_LISTED, [])
    if click is not None and 0 <= click["row"] < len(titles):
        current.follow(titles[click["row"]], True)
