"""What moved a title between two moments: a sentence and three bars that add up."""

from dataclasses import replace
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
from recommender.serving.what_moved import Move, Split, what_moved

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_MOST_NAMED = 3
_NOTHING = 0.05  # of a place, and
_NO_STARS = 0.005
_MANY_PLACES = 10  # from so many on, halves of a place (a mean over orders) are left out
_EVERYBODY = "what everybody watched and what came out"
_CAUSES = {
    "own": "What this viewer rated in between",
    "everybody": "What everybody watched, and what came out",
    "calendar": "The calendar",
}


def draw(
    recommender: "Recommender", can: Abilities, chosen: Choices, title: str, moments: tuple[int, int], *, place: str
) -> None:
    """Draws the sentence and the bars.

    Args:
      recommender: the model, which reads the clock.
      can: what it can show.
      chosen: the viewer, and what is left out of lists.
      title: whose move is explained.
      moments: the two, UTC seconds.
      place: where on the page, for the keys of widgets.
    """
    found = _found(
        recommender,
        title_lists.version(recommender),
        chosen.user,
        title,
        moments,
        (chosen.as_of_then, chosen.hide_seen and can.has_ratings, not chosen.show_future),
    )
    by_place = can.retrieves
    st.markdown(sentence(found, title, moments, can))
    if not all(found.was_out) or any(found.was_seen):
        return
    pictures.show(
        "effect_bars",
        bars(found, by_place=by_place),
        "Places gained" if by_place else "Stars gained",
        key=f"what_moved_{place}",
        alt="What moved the title: what this viewer rated in between, what everybody watched, and the calendar; "
        f"{'places gained' if by_place else 'stars gained'} by each",
    )
    known = "" if chosen.as_of_then else " With all that is known, the ratings are the same at both moments."
    st.caption(
        "The model was asked what each of the three does alone and beside the others; the bars add up to the whole "
        f"move. The calendar is the date alone, with the same ratings of all.{known}",
        help="Each is turned from the one moment to the other while the others are held, in every order, and a bar is "
        "the mean over the orders (Shapley values).",
    )


@st.cache_data(max_entries=300, show_spinner=False)
def _found(
    _recommender: "Recommender",
    version: str,
    user: str,
    title: str,
    moments: tuple[int, int],
    switches: tuple[bool, bool, bool],
) -> Move:
    as_of_then, hide_seen, hide_future = switches
    move = what_moved(
        _recommender,
        user,
        title,
        moments,
        as_of_then=as_of_then,
        hide_seen=hide_seen,
        hide_future=hide_future and as_of_then,
    )
    if _recommender.manifest.data.has_ratings or not len(move.ratings):
        return move
    return replace(move, ratings=move.ratings.assign(given=np.nan))


def bars(found: Move, *, by_place: bool) -> pd.DataFrame:
    """The three causes as `charts.effect_bars` wants them.

    Args:
      found: the move.
      by_place: count places; else stars.
    """
    split = found.of_places if by_place else found.of_stars
    rows = [(label, value, _written(value, by_place)) for label, value in zip(_CAUSES.values(), split, strict=True)]
    return pd.DataFrame(rows, columns=["label", "value", "note"]).assign(position=range(len(rows)))


def sentence(found: Move, title: str, moments: tuple[int, int], can: Abilities) -> str:
    """What happened to the title and why, as Markdown."""
    name = f"**{escape(spoken_name(title).name)}**"
    first, second = moments
    when = (day(first), day(second)) if day(first) != day(second) else (moment(first), moment(second))
    between = f"from {when[0]} to {when[1]}"
    if not all(found.was_out):
        out, at = ("on", second) if found.was_out[1] else ("by", first)
        if not any(found.was_out):
            return f"{name} was not out yet on either day."
        place = found.places[found.was_out.index(True)]
        stood = f"{out} {day(at)} it stands at place {place:,}" if can.retrieves else f"it is out {out} {day(at)}"
        return f"{name} was not out yet on {day(second if found.was_out[0] else first)}: {stood}."
    if any(found.was_seen):
        return f"{name} {_seen_in_words(found, when, can)}"
    if can.retrieves:
        before, after = found.places
        rose = "rose" if after < before else "fell"
        moved = f"{rose} from place {before:,} to {after:,}" if before != after else f"stayed at place {after:,}"
        parts = [f"{name} {moved} {between}", _reasons(found, found.of_places, by_place=True)]
    else:
        parts = [f"{name}, {between}"]
    sentences = [": ".join(part for part in parts if part) + "."]
    if can.rates:
        low, high = found.stars
        if abs(high - low) < _NO_STARS:
            sentences.append(f"Its predicted stars stayed at {high:.1f}.")
        else:
            why = "" if can.retrieves else f", {_reasons(found, found.of_stars, by_place=False)}"
            sentences.append(f"Its predicted stars went from {low:.2f} to {high:.2f}{why}.")
    return " ".join(sentences)


def _seen_in_words(found: Move, when: tuple[str, str], can: Abilities) -> str:
    """Why lists leave the title out at one of two moments, or at both."""
    if all(found.was_seen):
        return "is in neither list: this viewer had rated it by both moments."
    without, within = (1, 0) if found.was_seen[1] else (0, 1)
    stood = f"; on {when[within]} it stands at place {found.places[within]:,}" if can.retrieves else ""
    return f"is not in the list of {when[without]}, as this viewer had rated it by then{stood}."


def _reasons(found: Move, split: Split, *, by_place: bool) -> str:
    """The causes that did something, the strongest first."""
    least = _NOTHING if by_place else _NO_STARS
    named = {"own": _own(found, split.own, by_place), "everybody": _EVERYBODY, "calendar": "the calendar"}
    did = sorted(((abs(value), value, cause) for cause, value in split._asdict().items() if abs(value) >= least))[::-1]
    return ", ".join(f"{_written(value, by_place)} for {named[cause]}" for _, value, cause in did)


def _own(found: Move, effect: float, by_place: bool) -> str:
    """What the viewer rated in between, by name where single ratings speak the same way."""
    unit = "score" if by_place else "stars"
    ratings = found.ratings[found.ratings[unit] * effect > 0] if len(found.ratings) else found.ratings
    ratings = ratings.sort_values(unit, key=abs, ascending=False, kind="stable").head(_MOST_NAMED)
    if ratings.empty:
        return "what this viewer rated in between"
    names = ", ".join(
        escape(spoken_name(title).name) + ("" if np.isnan(given) else f" ({given:g})")
        for title, given in zip(ratings["title"], ratings["given"], strict=True)
    )
    newest = f"among the newest {len(found.ratings)} " if found.n_between > len(found.ratings) else ""
    return f"what this viewer rated in between, {newest}most of all {names}"


def _written(value: float, by_place: bool) -> str:
    digits = 2 if not by_place else 1 if abs(value) < _MANY_PLACES else 0
    text = f"{abs(value):,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if digits else text
    if text in ("", "0"):
        return "0"
    unit = (" place" if text == "1" else " places") if by_place else " stars"
    return ("+" if value > 0 else "−") + text + unit
