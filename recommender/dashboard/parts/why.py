"""Why a title stands where it stands: bars that can be checked by asking the model again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.drawing import pictures
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import day, moment
from recommender.dashboard.parts.the_list import asked_for_list, catalogue_of_list
from recommender.data.titles import spoken_name
from recommender.serving.explanation import Effect, Explanation, explain, ranks_without

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

SCORE, STARS = "Score", "Stars"
_FOR, _AGAINST = 5, 3
_NOTHING = 5e-4  # smaller effects are written as none and drawn as no bar of their own


@dataclass(frozen=True)
class Effects:
    """What speaks for a title and against it: frames for `charts.effect_bars`.

    Attributes:
      named: what effects are counted in: "score" or "stars".
      reads_history: whether the model reads ratings at all.
      read_is_certain: whether it is known which ratings the model read; else it is asked with all there are.
      n_titles: how many rated titles it reads of this viewer.
      n_rated: how many the viewer had rated by the moment.
      titles: bars of those that matter most; None without any.
      given: the stars that the viewer gave these; apart from `titles`, which may be downloaded.
      about_places: what is to be said of the place without each of them; "" where each bar says it.
      totals: bars of all titles together and of the clock; None without either.
      about_totals: how `totals` are to be read.
    """

    named: str
    reads_history: bool
    read_is_certain: bool
    n_titles: int
    n_rated: int
    titles: pd.DataFrame | None
    given: tuple[float, ...]
    about_places: str
    totals: pd.DataFrame | None
    about_totals: str


def draw(
    recommender: "Recommender",
    can: Abilities,
    chosen: Choices,
    title: str,
    *,
    place: str,
    because: Sequence[str] = (),
) -> Effects:
    """Draws the bars.

    Args:
      recommender: the model.
      can: what it can show.
      chosen: viewer and moment.
      title: what is explained.
      place: where on the page, for the keys of widgets.
      because: rated titles that the title's card names, which have a bar whatever else does.

    Returns:
      What is drawn.
    """
    named = "stars" if _draw_unit(can, place) == STARS else "score"
    effects = effects_of(recommender, chosen, title, named, because)
    _draw_titles(effects, can, chosen.user, place)
    _draw_totals(effects, place)
    return effects


def effects_of(
    recommender: "Recommender", chosen: Choices, title: str, named: str, because: Sequence[str] = ()
) -> Effects:
    """Works the bars out; two calls of the model, one for effects and one for places, both kept.

    Args:
      recommender: the model.
      chosen: viewer and moment.
      title: what is explained.
      named: what effects are counted in: "score" or "stars".
      because: as for `draw`.
    """
    asked = asked_for_list(recommender, chosen)
    version = title_lists.version(asked)
    found = explained(asked, version, chosen.user, chosen.at, title)
    shown = leading(found.titles, named, because)
    titles, about_places = None, ""
    if len(found.titles):
        catalogue = catalogue_of_list(recommender, chosen)
        stands = title_lists.standing(catalogue, title).place
        left_out = tuple(shown["title"].tolist())
        places = _places(
            asked,
            version,
            (chosen.user, chosen.at, title, left_out),
            title_lists.competing(recommender, catalogue),
        )
        moved = {other: f"  ·  place {place:,} without" for other, place in places.items() if place != stands}
        titles = _bars(
            [
                (_called(other, title), value, f"{written(value)}{moved.get(other, '')}")
                for other, value in zip(shown["title"], shown[named], strict=True)
            ]
        )
        about_places = _about_places(stands, n_moved=len(moved), n=len(places))
    totals = _totals(found, shown, named)
    return Effects(
        named=named,
        reads_history=found.reads_history,
        read_is_certain=recommender.knows_what_was_read,
        n_titles=len(found.titles),
        n_rated=len(asked.rated(chosen.user)),
        titles=titles,
        given=tuple(shown["given"].tolist()),
        about_places=about_places,
        totals=_bars(totals) if totals else None,
        about_totals=_about_totals(recommender, chosen, found, named),
    )


@st.cache_data(max_entries=200, show_spinner=False)
def explained(_recommender: "Recommender", version: str, user: str, at: int, title: str) -> Explanation:
    """The `explain` of `recommender.serving.explanation`; one call of the model."""
    return explain(_recommender, user, at, title)


@st.cache_data(max_entries=400, show_spinner=False)
def _places(
    _recommender: "Recommender",
    version: str,
    asked: tuple[str, int, str, tuple[str, ...]],
    competing: npt.NDArray[np.bool_],
) -> dict[str, int]:
    """The place in the list of a title when one rating is not read, as `ranks_without` is asked for it."""
    found = ranks_without(_recommender, *asked, competing=competing)
    return {str(rated): int(place) for rated, place in found.items()}


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


def _draw_titles(effects: Effects, can: Abilities, user: str, place: str) -> None:
    if not effects.reads_history:
        st.caption(
            ":material/history_toggle_off: The model reads no history, so no rated title speaks for this one."
            if can.has_ratings
            else "Which rated titles speak for this one comes with the ratings."
        )
        return
    if effects.titles is None:
        st.caption("The model has read no rating of this viewer, so no rated title speaks for this one.")
        return
    if not effects.read_is_certain:
        st.caption(
            ":material/info: Which of these ratings the model has read cannot be known: its data or the files of its "
            "split are not here any more. So it is asked with all that the viewer rated, and without one of them."
        )
    named = effects.named
    falls = "fall" if named == "stars" else "falls"
    labels = effects.titles["label"].tolist()
    if can.has_stars:
        labels = [f"{label}, gave {given:g}" for label, given in zip(labels, effects.given, strict=True)]
    pictures.show(
        "effect_bars",
        effects.titles.assign(label=labels),
        f"Change of {named}",
        key=f"why_titles_{place}",
        alt=f"Rated titles by how much the {named} {falls} without each",
    )
    st.caption(
        f"How much the {named} {falls} when that one title is taken out of the {effects.n_titles:,} the model reads "
        f"of viewer {escape(user)}{_not_read(effects)}, all else left as it is: the model was asked again without it. "
        f"Grey bars: without it, the {named} would rise. {effects.about_places}"
    )


def _not_read(effects: Effects) -> str:
    """Why the model reads fewer titles than the viewer has rated, where it does."""
    if effects.n_titles >= effects.n_rated or not effects.read_is_certain:
        return ""
    return f" (of {effects.n_rated:,} rated by then; the others were kept from it to test it, or are none it knows)"


def _about_places(stands: int | None, *, n_moved: int, n: int) -> str:
    """What the bars do not say: that the title keeps its place without a rating."""
    if stands is None or n_moved == n:
        return ""
    if n_moved:
        return "Where no place is named, it stays the same."
    return f"Without any one of these it stays at place {stands:,}."


def _draw_totals(effects: Effects, place: str) -> None:
    if effects.totals is None:
        st.caption("It does not read the clock either: nothing here can be taken away.")
        return
    pictures.show(
        "effect_bars",
        effects.totals,
        f"Change of {effects.named}",
        key=f"why_totals_{place}",
        alt=f"In all, on another scale: how much the {effects.named} changes without the history, and by the moment",
    )
    st.caption(effects.about_totals)


def _totals(found: Explanation, shown: pd.DataFrame, named: str) -> list[tuple[str, float, str]]:
    """Label, value and note of each bar; `shown` are the titles that have bars of their own."""
    effects = []
    if found.reads_history and len(found.titles):
        n_others = len(found.titles) - len(shown)
        together = _in_unit(found.sum_of_titles, named)
        if n_others:
            effects.append((f"The other {n_others:,} titles, added up", together - float(shown[named].sum())))
        effects.append((f"All {len(found.titles):,} titles, added up", together))
        effects.append(("The whole history, against none", _in_unit(found.history, named)))
    if found.clock is not None:
        effects.append(("This moment, against the average one", _in_unit(found.clock, named)))
    return [(label, value, written(value)) for label, value in effects]


def _about_totals(recommender: "Recommender", chosen: Choices, found: Explanation, named: str) -> str:
    parts = []
    if found.reads_history and len(found.titles):
        gap = _in_unit(found.sum_of_titles, named) - _in_unit(found.history, named)
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


def leading(titles: pd.DataFrame, named: str, because: Sequence[str] = ()) -> pd.DataFrame:
    """The titles that speak most for, then those that speak most against, the strongest last.

    Args:
      titles: of an `Explanation`.
      named: "score" or "stars".
      because: titles that are shown whatever they do.
    """
    ordered = titles.sort_values(named, ascending=False, kind="stable")
    ahead, behind = ordered[ordered[named] >= _NOTHING], ordered[ordered[named] <= -_NOTHING]
    shown = {*ahead["title"].head(_FOR), *behind["title"].tail(_AGAINST), *because}
    return ordered[ordered["title"].isin(shown)]


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


def _in_unit(effect: Effect, named: str) -> float:
    return effect.stars if named == "stars" else effect.score
