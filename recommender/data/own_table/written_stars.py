"""Ratings as people write them: numbers, `4/5`, `80%`, stars, words for a thumb up or down."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recommender.data.own_table.blanks import BLANKS
from recommender.data.tables.cells import beginning_of
from recommender.data.tables.file_table import FileTable

Floats = npt.NDArray[np.float64]

_NUMBER = r"(\d+(?:[.,]\d+)?|[.,]\d+)"
_STARS = r"(?:stars?|points?|pts\.?|sterne?n?|punkte?n?|étoiles?|estrellas?|estrelas?|stell[ae]|sterren|[★⭐*])"
_PART = re.compile(rf"{_NUMBER}\s*(?:/|out of|of|von|sur|de|su|van)\s*{_NUMBER}(?:\s*{_STARS})?", re.IGNORECASE)
_PERCENT = re.compile(rf"{_NUMBER}\s*%")
_COUNTED_STARS = re.compile(rf"{_NUMBER}\s*-?\s*{_STARS}", re.IGNORECASE)
_DRAWN_STARS = re.compile(r"(?P<full>[★⭐🌟*]*)(?P<half>½|⯨|1/2)?(?P<empty>[☆✩✰]*)")
_PERCENTAGES = 100.0
_UP = (
    "true t yes y up like liked love loved positive thumbs_up thumbsup thumb_up good recommended 👍 ❤ ♥ + ja oui sí si "
    "sì sim vrai wahr verdadero vero verdadeiro waar"
)
_DOWN = (
    "false f no n down dislike disliked hate hated negative thumbs_down thumbsdown thumb_down bad not_recommended 👎 - "
    "nein non não nee faux falsch falso onwaar"
)
_THUMBS = {**dict.fromkeys(_UP.split(), 1.0), **dict.fromkeys(_DOWN.split(), 0.0)}


@dataclass(frozen=True)
class WrittenStars:
    """A column of ratings.

    Attributes:
      stars: [n_rows] the ratings; NaN where a cell cannot be read.
      levels: ratings that the way of writing says there are: 1, 2 and 5 of `4/5`; none of numbers.
      example: a rating as it is written, "" of numbers.
    """

    stars: Floats
    levels: tuple[float, ...] = ()
    example: str = ""

    @property
    def is_thumb(self) -> bool:
        """Whether it goes up or down, and there is nothing between."""
        return self.levels == (0.0, 1.0)

    @property
    def complaint(self) -> str:
        """Of a cell that cannot be read."""
        if not self.example:
            return "is not a number; mend or remove the row"
        return f"is not written as the other ratings are, such as {self.example}; mend or remove the row"

    def fact(self, column: str, scale: object) -> str:
        """How the column was read, for people; "" of numbers."""
        if not self.example:
            return ""
        if self.is_thumb:
            return f"Column {column}: ratings such as {self.example} were read as a thumb up or down, 1 or 0."
        return f"Column {column}: ratings such as {self.example} were read as stars on a scale of {scale}."


@dataclass(frozen=True)
class _Reading:
    """[n] what different texts mean, NaN where they are written in another way; and the levels that this shows."""

    stars: Floats
    levels: tuple[float, ...] = ()


def read_stars(table: FileTable, column: str) -> WrittenStars:
    """Reads a column of ratings in the way in which most of its rows are written."""
    try:
        values = pc.cast(table.columns[column], pa.float64()).to_numpy(zero_copy_only=False)
        if not np.isfinite(values).all():
            raise pa.ArrowInvalid("no finite numbers")
        if pa.types.is_boolean(table.columns[column].type):
            return WrittenStars(values, (0.0, 1.0), "true")
        return WrittenStars(values)
    except pa.ArrowInvalid:
        codes, texts = table.codes(column)
    counts = np.bincount(codes, minlength=len(texts))
    counts[[text in BLANKS for text in texts]] = 0
    best, most, numeric = _Reading(np.full(len(texts), np.nan)), -1, True
    for way in (_numbers, _parts, _percentages, _counted_stars, _drawn_stars, _thumbs):
        found = way(texts)
        read = int(counts[np.isfinite(found.stars)].sum())
        if read > most:
            best, most, numeric = found, read, way is _numbers
        if most == counts.sum():
            break
    example = "" if numeric else texts[int(np.argmax(np.isfinite(best.stars) * counts))]
    return WrittenStars(best.stars[codes], best.levels, beginning_of(example))


def _numbers(texts: list[str]) -> _Reading:
    values = pd.to_numeric(pd.Series(texts, dtype="str"), errors="coerce").to_numpy(np.float64)
    return _Reading(np.where(np.isfinite(values), values, np.nan))


def _parts(texts: list[str]) -> _Reading:
    """`4/5`, `8 out of 10`: those of several wholes on the largest."""
    given, of = _matched(texts, _PART, 2)
    of = np.where(of > 0, of, np.nan)
    if np.isnan(of).all():
        return _Reading(of)
    high = float(np.nanmax(of))
    return _Reading(given * (high / of), (0.0, high) if high >= _PERCENTAGES else _whole_stars(high))


def _percentages(texts: list[str]) -> _Reading:
    return _Reading(_matched(texts, _PERCENT, 1)[0], (0.0, _PERCENTAGES))


def _counted_stars(texts: list[str]) -> _Reading:
    return _out_of_five(_matched(texts, _COUNTED_STARS, 1)[0])


def _drawn_stars(texts: list[str]) -> _Reading:
    values, longest = np.full(len(texts), np.nan), 0
    for place, text in enumerate(texts):
        drawn = re.sub(r"[\s\ufe0f]", "", text)
        found = _DRAWN_STARS.fullmatch(drawn)
        if found and drawn:
            values[place] = len(found["full"]) + 0.5 * bool(found["half"])
            longest = max(longest, len(found["full"]) + bool(found["half"]) + len(found["empty"]))
    return _out_of_five(values, longest)


def _thumbs(texts: list[str]) -> _Reading:
    plain = (re.sub(r"\s+", "_", text.replace("\ufe0f", "").strip().casefold()) for text in texts)
    return _Reading(np.array([_THUMBS.get(text, np.nan) for text in plain]), (0.0, 1.0))


def _out_of_five(values: Floats, longest: int = 0) -> _Reading:
    """Stars are given of five; of ten, where somebody gave more."""
    if np.isnan(values).all():
        return _Reading(values)
    high = max(float(np.nanmax(values)), longest)
    return _Reading(values, _whole_stars(5.0 if high <= 5 else max(10.0, high)))


def _whole_stars(high: float) -> tuple[float, ...]:
    return (1.0, 2.0, high)


def _matched(texts: list[str], pattern: re.Pattern[str], n: int) -> list[Floats]:
    """[n][n_texts] the numbers in each text that is written so; NaN in the others."""
    numbers = np.full((n, len(texts)), np.nan)
    for place, text in enumerate(texts):
        found = pattern.fullmatch(text)
        if found is not None:
            numbers[:, place] = [float(number.replace(",", ".")) for number in found.groups()]
    return list(numbers)
