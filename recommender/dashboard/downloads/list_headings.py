"""A list as the tables of a download: how its columns are named, and in which words its csv is written."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.downloads.download import Table
from recommender.dashboard.drawing import cards
from recommender.dashboard.drawing.words import sentence_case

if TYPE_CHECKING:
    from recommender.data.schema import RatingScale

_HEADINGS = {
    "place": "#",
    "name": "Title",
    "year": "Year",
    "labels": "{labels}",
    "stars": "Stars",
    "move": "Move",
}
_CSV_HEADINGS = {
    "place": "Place in the list",
    "name": "Title",
    "year": "Year",
    "labels": "{labels}",
    "stars": "Predicted stars ({scale})",
    "move": "Move {since} (places)",
    "place_before": "Place {before}",
    "stars_before": "Predicted stars {before} ({scale})",
    "seen": "Seen",
    "future": "Not out yet",
    "score": "Score (higher is better; no unit)",
    "found": "Place by score alone",
    "item_id": "Title id",
}
_STARS = ("stars", "stars_before")
_DIGITS = {"stars": 1, "stars_before": 1}  # a star is worth one decimal: predictions are off by more than half a star


def listed_table(
    name: str, listed: pd.DataFrame, can: Abilities, csv_frame: Callable[[], pd.DataFrame] | None = None
) -> Table:
    """The columns of a list that say something, under the headings they are read by.

    Args:
      name: its heading.
      listed: a list as `title_lists.recommended` gives it, or some of its columns.
      can: what the model can show.
      csv_frame: gives what the csv holds, if it holds more; see `listed_csv`.
    """
    silent = {"stars": not can.rates, "year": not listed["year"].notna().any()}
    shown = [column for column in _HEADINGS if column in listed and not silent.get(column, False)]
    named = {column: _HEADINGS[column].format(labels=_labels(can)) for column in shown}
    digits = {named[column]: _DIGITS[column] for column in shown if column in _DIGITS}
    return Table(name, listed[shown].rename(columns=named), csv_frame=csv_frame, digits=digits)


def with_cards(table: Table, listed: pd.DataFrame, can: Abilities) -> Table:
    """The table of a list that is shown as cards, and is so in a page of its own.

    Reasons name what viewers rated, which may not be passed on: they are left out, and so are pictures from elsewhere.

    Args:
      table: of `listed_table`.
      listed: the same list.
      can: what the model can show.
    """
    reading = cards.Reading(table.name, rates=can.rates, pictures={}, still=True)
    return replace(table, cards=partial(cards.cards_of, listed.assign(because=""), reading))


def listed_csv(
    listed: pd.DataFrame,
    can: Abilities,
    scale: "RatingScale",
    asked: Mapping[str, str],
    *,
    beside_real: bool = False,
) -> pd.DataFrame:
    """A list as its csv holds it: each column says in its heading what it is and in what unit.

    Args:
      listed: a list as `title_lists.recommended` gives it, or some of its columns.
      can: what the model can show.
      scale: that of the stars.
      asked: what was asked, by heading: the same in every row, behind the rest.
      beside_real: whether moves are counted from the real list of a viewer of whom something is supposed.
    """
    held = [column for column in _CSV_HEADINGS if column in listed and (can.rates or column not in _STARS)]
    frame = listed[held]
    if "move" in held:
        frame = frame.assign(move=frame["move"].map(_move_in_words))
    frame = frame.round({column: digits for column, digits in _DIGITS.items() if column in held})
    since, before = ("from the real list", "in the real list") if beside_real else ("since the pin", "when pinned")
    words = {"labels": _labels(can), "scale": f"{scale.low:g} to {scale.high:g}", "since": since, "before": before}
    named = {column: _CSV_HEADINGS[column].format(**words) for column in held}
    return frame.rename(columns=named).assign(**asked)


def _labels(can: Abilities) -> str:
    return sentence_case(can.labels or "labels")


def _move_in_words(move: str) -> str:
    """A move without a sign that a spreadsheet would take for a formula's: ▲ 3 is up 3, = is same."""
    return {"=": "same"}.get(move, move.replace("▲", "up").replace("▼", "down"))
