"""Why a title stands where it stands: bars that can be checked by asking the model again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.drawing import pictures
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import day, moment
from recommender.data.titles import spoken_name
from recommender.serving.explanation import Effect, Explanation, explain, ranks_without

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

SCORE, STARS = "Score", "Stars"
_FOR, _AGAINST = 5, 3
_NOTHING = 5e-4  # smaller effects are written as none and drawn as no bar of their own


@dataclass(frozen=True)
class Effects:
    """The bars as they are drawn, frames for `charts.effect_bars`, without what the viewer gave.

    Attributes:
      named: what they are counted in: "score" or "stars".
      titles: those of single titles; None without.
      totals: those of all titles and of the clock; None without.
    """

    named: str
    titles: pd.DataFrame | None
    totals: pd.DataFrame | None


def draw(recommender: "Recommender", can: Abilities, chosen: Choices, title: str, *, place: str) -> Effects:
    """Draws the bars.

    Args:
      recommender: the model.
      can: what it can show.
      chosen: viewer and moment.
      title: what is explained.
      place: where on the page, for the keys of widgets.
    """
    found = explained(recommender, title_lists.version(recommender), chosen.user, chosen.at, title)
    unit = _draw_unit(can, place)
    named = "stars" if unit == STARS else "score"
    titles = _draw_titles(recommender, can, chosen, title, found, named, place)
    totals = _draw_totals(recommender, can, chosen, found, named, place)
    return Effects(named, titles, totals)


@st.cache_data(max_entries=200, show_spinner=False)
def explained(_recommender: "Recommender", version: str, user: str, at: int, title: str) -> Explanation:
    """The `explain` of `recommender.serving.explanation`; one call of the model."""
    return explain(_recommender, user, at, title)


@st.cache_data(max_entries=400, show_spinner=False)
def _ranks(
    _recommender: "Recommender", version: str, user: str, at: int, title: str, left_out: tuple[str, ...]
) -> dict[str, int]:
    return {str(t): int(rank) for t, rank in ranks_without(_recommender, user, at, title, left_out).items()}


def _draw_unit(can: Abilities, place: str) -> str:
    """What effects are counted in; a choice only where there are both."""
    if not (can.rates and can.retrieves):
        return STARS if can.rates else SCORE
    unit: str = st.segmented_control(
        "Change of",
        [SCORE, STARS],
        default=SCORE,
        required=True,
        key=f"why_unit_{place}",
        label_visibility="collapsed",
        help="The score decides the order of the list; the stars are the predicted rating.",
    )
    return unit


def _draw_titles(
    recommender: "Recommender",
    can: Abilities,
    chosen: Choices,
    title: str,
    found: Explanation,
    named: str,
    place: str,
) -> pd.DataFrame | None:
    if not found.reads_history:
        st.caption(
            ":material/history_toggle_off: The model reads no history, so no rated title speaks for this one."
            if can.has_ratings
            else "Which rated titles speak for this one comes with the ratings."
        )
        return None
    if found.titles.empty:
        st.caption("The model was told nothing of this viewer, so no rated title speaks for this one.")
        return None
    if not recommender.knows_what_was_read:
        st.caption(
            ":material/info: Which of these ratings the model was told cannot be known: its data or the files of its "
            "split are not here any more. So it is asked with all that the viewer rated, and without one of them."
        )
    shown, _ = leading(found.titles, named)
    ranks = _ranks(
        recommender, title_lists.version(recommender), chosen.user, chosen.at, title, tuple(shown["title"].tolist())
    )
    bars = [
        (f"{_called(other, title)}, gave {given:g}", value, f"{written(value)}  ·  rank {ranks[other]:,} without")
        for other, given, value in zip(shown["title"], shown["given"], shown[named], strict=True)
    ]
    frame = _bars(bars)
    falls = "fall" if named == "stars" else "falls"
    pictures.show(
        "effect_bars",
        frame,
        f"Change of {named}",
        key=f"why_titles_{place}",
        alt=f"Rated titles by how much the {named} {falls} without each",
    )
    st.caption(
        f"How much the {named} {falls} when that one title is taken out of the {len(found.titles):,} the model reads "
        f"of viewer {escape(chosen.user)}, all else left as it is: the model was asked again without it. Grey bars: "
        f"without it, the {named} would rise."
    )
    return frame.assign(label=[_called(other, title) for other in shown["title"]])


def _draw_totals(
    recommender: "Recommender", can: Abilities, chosen: Choices, found: Explanation, named: str, place: str
) -> pd.DataFrame | None:
    bars = []
    if found.reads_history and len(found.titles):
        shown, rest = leading(found.titles, named)
        together, whole = _of(found.sum_of_titles, named), _of(found.history, named)
        if rest:
            others = together - float(shown[named].sum())
            bars.append((f"The other {rest:,} titles, added up", others, written(others)))
        bars.append((f"All {len(found.titles):,} titles, added up", together, written(together)))
        bars.append(("The whole history, against none", whole, written(whole)))
    if found.clock is not None:
        clock = _of(found.clock, named)
        bars.append(("This moment, against the average one", clock, written(clock)))
    if not bars:
        st.caption("It does not read the clock either: nothing here can be taken away.")
        return None
    frame = _bars(bars)
    pictures.show(
        "effect_bars",
        frame,
        f"Change of {named}",
        key=f"why_totals_{place}",
        alt=f"In all, on another scale: how much the {named} changes without the history, and by the moment",
    )
    st.caption(_about_totals(recommender, chosen, found, named))
    return frame


def _about_totals(recommender: "Recommender", chosen: Choices, found: Explanation, named: str) -> str:
    parts = []
    if found.reads_history and len(found.titles):
        gap = _of(found.sum_of_titles, named) - _of(found.history, named)
        parts.append(
            "Another scale than above. The effects of single titles do not add up to that of the whole history, as "
            f"the model is not linear: here the sum is {abs(gap):.2f} too {'large' if gap > 0 else 'small'}."
            if abs(gap) >= 0.005
            else "Another scale than above. Here the effects of single titles add up to that of the whole history."
        )
    if found.clock is not None:
        parts.append(
            f"The clock: {named} on {moment(chosen.at)} less the mean over 64 even moments from "
            f"{day(recommender.first_moment)} to {day(recommender.last_moment)}"
            + (", with the same history." if found.reads_history else ".")
        )
    return " ".join(parts)


def leading(titles: pd.DataFrame, named: str) -> tuple[pd.DataFrame, int]:
    """The titles that speak most for, then those that speak most against (the strongest last), and how many are left.

    Args:
      titles: of an `Explanation`.
      named: "score" or "stars".
    """
    ordered = titles.sort_values(named, ascending=False, kind="stable")
    ahead = ordered[ordered[named] >= _NOTHING].head(_FOR)
    behind = ordered[ordered[named] <= -_NOTHING].tail(_AGAINST)
    shown = pd.concat([ahead, behind])
    return shown, len(titles) - len(shown)


def written(value: float) -> str:
    """An effect with its sign: +0.25, and a small one with a digit more."""
    if abs(value) < _NOTHING:
        return "0"
    text = f"{value:+.2f}" if abs(value) >= 0.1 else f"{value:+.3f}"
    return text.replace("-", "−")


def _bars(bars: list[tuple[str, float, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(bars, columns=["label", "value", "note"])
    return frame.assign(position=np.arange(len(frame)))


def _called(other: str, title: str) -> str:
    return "This title itself" if other == title else spoken_name(other).name


def _of(effect: Effect, named: str) -> float:
    return effect.stars if named == "stars" else effect.score
