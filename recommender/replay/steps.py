"""The steps of a replay: where the data are cut, and what lies between two cuts."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import pandas as pd

from recommender.errors import ConfigurationError

_EVERY = re.compile(r"([1-9][0-9]{0,3})([dwmy])")
_MOST_STEPS = 1_000
_UNITS = {"d": "day", "w": "week", "m": "month", "y": "year"}


def in_words(every: str, steps: int = 1) -> str:
    """So many steps in words: 2 steps of 3m are 6 months."""
    found = _EVERY.fullmatch(every.strip().lower())
    if found is None:
        return f"{steps} steps of {every}"
    number = int(found[1]) * steps
    return f"{number} {_UNITS[found[2]]}{'s' * (number != 1)}"


@dataclass(frozen=True)
class Step:
    """A stretch of time that a snapshot is asked about.

    Attributes:
      start: UTC seconds; what came before is known.
      end: UTC seconds; the step is over just before it.
    """

    start: int
    end: int


def steps_of(first: int, last: int, every: str) -> list[Step]:
    """Cuts a span into steps, after one in which there is nothing to be asked about, as nothing is known before it.

    Years begin with January and months with their first day, days and weeks with the first day of the data; all in UTC.

    Args:
      first: UTC seconds of the first rating.
      last: of the last.
      every: a number and d, w, m or y: 30d, 2w, 3m, 1y.

    Raises:
      ConfigurationError: if `every` is no such length, or the span has less than two steps of it, or too many.
    """
    found = _EVERY.fullmatch(every.strip().lower())
    if found is None:
        raise ConfigurationError(
            f"--every {every!r} is no length of time; give a number and d, w, m or y, as 30d or 1y."
        )
    number, unit = int(found[1]), found[2]
    begin, end = (datetime.fromtimestamp(at, UTC).replace(hour=0, minute=0, second=0) for at in (first, last))
    begin = begin.replace(day=1) if unit in "my" else begin
    begin = begin.replace(month=1) if unit == "y" else begin
    offset = {
        "d": pd.DateOffset(days=number),
        "w": pd.DateOffset(weeks=number),
        "m": pd.DateOffset(months=number),
        "y": pd.DateOffset(years=number),
    }[unit]
    cuts = [pd.Timestamp(begin) + offset]
    while cuts[-1] <= end and len(cuts) <= _MOST_STEPS:
        cuts.append(cuts[-1] + offset)
    seconds = [int(cut.timestamp()) for cut in cuts]
    steps = [Step(start, stop) for start, stop in pairwise(seconds)]
    if not steps or len(steps) >= _MOST_STEPS:
        what = "less than two steps" if not steps else f"more than {_MOST_STEPS:,} steps"
        raise ConfigurationError(f"the data span {what} of {every}; give another --every.")
    return steps
