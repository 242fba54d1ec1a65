"""Times as they are written: seconds since 1970 and parts of them, ISO date-times, dates with day or month first."""

import re
import time
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recommender.data.tables.cells import beginning_of
from recommender.data.tables.file_table import DAY_SECONDS, EARLIEST_SECONDS, FileTable
from recommender.errors import DataError

_UNITS = {"seconds": 1, "milliseconds": 1_000, "microseconds": 1_000_000, "nanoseconds": 1_000_000_000}
_LOOKED_AT = 100  # to find out how times are written
_NUMBER = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE]\+?\d+)?\s*")
_COMPACT = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")  # 20191231
_PARTS = r"^(?P<a>\d{1,2})(?P<mark>[./-])(?P<b>\d{1,2})[./-](?P<year>\d{4}|\d{2})(?:[ T,]+(?P<clock>\d.*))?$"
_MONTH = r"(?i)jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_SOON = 1  # years from now that a year of two digits may be


class AmbiguousDatesError(DataError):
    """Dates of which nobody can say whether the day or the month comes first.

    Attributes:
      question: what is not known, without how to answer it.
    """

    def __init__(self, question: str) -> None:
        super().__init__(f"{question}; say it with --day-first or --month-first.")
        self.question = question


class WrittenTimes(NamedTuple):
    """A column of times.

    Attributes:
      seconds: [n_rows] UTC seconds since 1970.
      fact: how they were read, for people; "" of seconds and ISO date-times.
    """

    seconds: npt.NDArray[np.int64]
    fact: str


def read_times(table: FileTable, column: str, day_first: bool | None = None) -> WrittenTimes:
    """Reads a column of times, between the year 1990 and tomorrow; fractions of a second are cut off.

    Numbers count seconds since 1970, or parts of seconds where in seconds most of them would lie beyond that time. A
    date-time without a zone is taken as UTC.

    Args:
      table: in which no row lacks a time.
      column: of times.
      day_first: whether 1/2/2020 is of February; None to find out from the dates themselves.

    Raises:
      AmbiguousDatesError: if they do not say.
      DataError: at the first value that is no time, or lies outside that time.
    """
    values = table.columns[column]
    if not pa.types.is_large_string(values.type):
        return _count_seconds(table, column, _floats(values))
    first = _first_readable(values)
    if _NUMBER.fullmatch(first) and not _COMPACT.fullmatch(first.strip()):
        return _count_seconds(table, column, _numbers(values))
    codes, distinct = table.codes(column)
    parsed, fact = _dates(pa.array(distinct, pa.large_string())), ""
    unread = np.isnat(parsed)
    if unread.any():
        others = pa.array([text for text, is_unread in zip(distinct, unread, strict=True) if is_unread], pa.string())
        parsed[unread], fact = _dates_of_people(table, column, others, day_first)
    parsed = parsed[codes]
    complaint = "is neither seconds since 1970 nor a date such as 1998-04-17T18:58:00Z or 17.04.1998"
    table.refuse(np.isnat(parsed), column, f"{complaint}; mend or remove the row")
    seconds = parsed.astype(np.int64)
    table.refuse_absurd_times(seconds, column)
    return WrittenTimes(seconds, fact)


def has_short_dates(texts: "pd.Series[str]") -> bool:
    """Whether dates such as 1/2/2020 are among some texts, of which the day or the month comes first."""
    return bool(texts.astype(str).str.strip().str.match(_PARTS).any())


def _floats(values: Any) -> npt.NDArray[np.float64]:
    return np.asarray(pc.fill_null(pc.cast(values, pa.float64(), safe=False), float("nan")).to_numpy())


def _numbers(texts: Any) -> npt.NDArray[np.float64]:
    try:
        return _floats(pc.utf8_trim_whitespace(texts))
    except pa.ArrowInvalid:  # which does not say where
        return pd.to_numeric(texts.to_pandas().str.strip(), errors="coerce").to_numpy(np.float64)


def _first_readable(values: Any) -> str:
    """The first of some written times that is a number or a date; the very first if none is."""
    texts = values[:_LOOKED_AT].to_pylist()
    for text in texts:
        plain = pd.Series([text.strip()])
        if _NUMBER.fullmatch(text) or plain.str.match(_PARTS).any() or plain.str.contains(_MONTH).any():
            return str(text)
        if not np.isnat(_dates(pa.array(plain, pa.large_string())))[0]:
            return str(text)
    return str(texts[0]) if texts else ""


def _count_seconds(table: FileTable, column: str, numbers: npt.NDArray[np.float64]) -> WrittenTimes:
    table.refuse(~np.isfinite(numbers), column, "is no number of seconds since 1970; mend or remove the row")
    middle = float(np.median(numbers)) if len(numbers) else 0.0
    unit = next((name for name, size in _UNITS.items() if _is_sensible(middle / size)), "seconds")
    seconds = np.floor(np.clip(numbers / _UNITS[unit], -(2.0**62), 2.0**62)).astype(np.int64)
    table.refuse_absurd_times(seconds, column)
    return WrittenTimes(seconds, "" if unit == "seconds" else f"Column {column}: {unit} since 1970 were read as times.")


def _is_sensible(seconds: float) -> bool:
    return EARLIEST_SECONDS <= seconds <= time.time() + DAY_SECONDS


def _dates(texts: Any) -> npt.NDArray[np.datetime64]:
    """[n] ISO date-times as UTC seconds, NaT where a string is none."""
    for zone in (None, "UTC"):  # none has a zone, all have one
        try:
            found = pc.cast(texts, pa.timestamp("us", zone)).to_numpy(zero_copy_only=False)
            return np.array(found, "datetime64[s]")
        except pa.ArrowInvalid:
            continue
    plain = pc.replace_substring_regex(texts, r"\s*(?:UTC|GMT)$", "Z")
    plain = pc.replace_substring_regex(plain, r"\s+([-+]\d\d:?\d\d)$", r"\1")
    return _seconds(pd.to_datetime(plain.to_pandas(), format="ISO8601", utc=True, errors="coerce"))


def _seconds(parsed: Any) -> npt.NDArray[np.datetime64]:
    return np.array(parsed.dt.tz_localize(None).to_numpy("datetime64[s]"))


def _dates_of_people(
    table: FileTable, column: str, texts: Any, day_first: bool | None
) -> tuple[npt.NDArray[np.datetime64], str]:
    """[n] 31.12.2019, 12/31/2019 5:00 PM, or 31 Dec 2019 as UTC seconds, NaT where a text is none; and what to say."""
    found = pc.extract_regex(texts, _PARTS)
    a, mark, b, year, clock = (pc.struct_field(found, name) for name in ("a", "mark", "b", "year", "clock"))
    fact = ""
    if found.null_count < len(found):
        if day_first is None:
            day_first = _day_comes_first(table, column, texts, a, b, mark)
        example = beginning_of(texts.filter(found.is_valid())[0].as_py())
        fact = f"Column {column}: dates such as {example} were read with the {'day' if day_first else 'month'} first."
    day, month = (pc.utf8_lpad(part, 2, "0") for part in ((a, b) if day_first else (b, a)))
    short = pc.equal(pc.utf8_length(year), 2)
    century = pc.if_else(pc.less(pc.cast(year, pa.int64()), time.gmtime().tm_year % 100 + _SOON + 1), "20", "19")
    year = pc.if_else(short, pc.binary_join_element_wise(century, year, ""), year)
    day_alone = pc.binary_join_element_wise(year, month, day, "-")
    whole = pc.utf8_rtrim_whitespace(pc.binary_join_element_wise(day_alone, clock, " "))
    named = pc.if_else(pc.match_substring_regex(texts, _MONTH), texts, None)
    written = pc.coalesce(whole, named)
    parsed = _dates(written)
    unread = np.isnat(parsed)
    if unread.any():  # with AM and PM, or the name of a month
        others = written.filter(pa.array(unread)).to_pandas()
        parsed[unread] = _seconds(pd.to_datetime(others, format="mixed", utc=True, errors="coerce"))
    return parsed, fact


def _day_comes_first(table: FileTable, column: str, texts: Any, a: Any, b: Any, marks: Any) -> bool:
    days_first, months_first = (pc.sum(pc.greater(pc.cast(part, pa.int64()), 12)).as_py() for part in (a, b))
    if days_first != months_first:
        return bool(days_first > months_first)
    if not days_first and pc.all(pc.equal(marks, ".")).as_py():  # where dots stand between them, the day comes first
        return True
    example = beginning_of(texts.filter(a.is_valid())[0].as_py())
    raise AmbiguousDatesError(
        f"{table.file}, column {column}: dates such as {example} do not show whether the day or the month comes first"
    )
