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

    A number counts seconds since 1970, or that part of seconds by which it lies within that time. A date-time without a
    zone is taken as UTC.

    Args:
      table: in which no row lacks a time.
      column: of times.
      day_first: whether 1/2/2020 is of February; None to find out from the dates themselves.

    Raises:
      AmbiguousDatesError: if they do not say.
      DataError: at the first value that is no time, or lies outside that time.
    """
    values = table.columns[column]
    try:
        numbers = _floats(pc.utf8_trim_whitespace(values) if pa.types.is_large_string(values.type) else values)
        if len(values) and _COMPACT.fullmatch(str(values[0].as_py()).strip()):
            raise pa.ArrowInvalid("dates without marks")
    except pa.ArrowInvalid:
        return _read_dates(table, column, day_first)
    table.refuse(~np.isfinite(numbers), column, "is no number of seconds since 1970; mend or remove the row")
    seconds, units = _counted(numbers)
    table.refuse_absurd_times(seconds, column)
    return WrittenTimes(
        seconds, "" if units == "seconds" else f"Column {column}: {units} since 1970 were read as times."
    )


def _read_dates(table: FileTable, column: str, day_first: bool | None) -> WrittenTimes:
    """Reads dates, among which numbers may stand that count seconds or parts of them."""
    codes, distinct = table.codes(column)
    parsed, fact = np.full(len(distinct), np.datetime64("NaT"), "datetime64[s]"), ""
    numbers = pd.to_numeric(pd.Series(distinct, dtype="str"), errors="coerce").to_numpy(np.float64)
    counts = np.isfinite(numbers) & (_sizes(numbers) > 0)
    if counts.any():
        seconds, units = _counted(numbers[counts])
        parsed[counts] = seconds.astype("datetime64[s]")
        fact = f"Column {column}: dates, and {units} since 1970, were read as times."
    parsed[~counts] = _dates(_texts(distinct, ~counts))
    unread = np.isnat(parsed)
    if unread.any():
        parsed[unread], said = _dates_of_people(table, column, _texts(distinct, unread), day_first)
        fact = " ".join(filter(None, (fact, said)))
    parsed = parsed[codes]
    complaint = "is neither seconds since 1970 nor a date such as 1998-04-17T18:58:00Z or 17.04.1998"
    table.refuse(np.isnat(parsed), column, f"{complaint}; mend or remove the row")
    found = parsed.astype(np.int64)
    table.refuse_absurd_times(found, column)
    return WrittenTimes(found, fact)


def has_short_dates(texts: "pd.Series[str]") -> bool:
    """Whether dates such as 1/2/2020 are among some texts, of which the day or the month comes first."""
    return bool(texts.astype(str).str.strip().str.match(_PARTS).any())


def _floats(values: Any) -> npt.NDArray[np.float64]:
    return np.asarray(pc.fill_null(pc.cast(values, pa.float64(), safe=False), float("nan")).to_numpy())


def _texts(texts: list[str], chosen: npt.NDArray[np.bool_]) -> Any:
    return pa.array([text for text, is_chosen in zip(texts, chosen, strict=True) if is_chosen], pa.string())


def _counted(numbers: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], str]:
    """[n] counts of seconds or of parts of them as seconds, whatever each counts; and what they count, for people."""
    if len(numbers) and numbers.min() >= EARLIEST_SECONDS and numbers.max() <= time.time() + DAY_SECONDS:
        return numbers.astype(np.int64), "seconds"  # as most tables, of which large ones have no room for more columns
    sizes = _sizes(numbers)
    usual = _sizes(np.array([np.median(numbers) if len(numbers) else 0.0]))[0] or 1.0
    sizes[sizes == 0] = usual  # of what is no time
    seconds = np.floor(np.clip(numbers / sizes, -(2.0**62), 2.0**62)).astype(np.int64)
    return seconds, " and ".join(name for name, size in _UNITS.items() if (sizes == size).any()) or "seconds"


def _sizes(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """[n] by what each number is to be divided for a moment between 1990 and tomorrow; 0 if by nothing."""
    sizes, latest = np.zeros(len(numbers)), time.time() + DAY_SECONDS
    for size in _UNITS.values():
        sizes[(numbers >= EARLIEST_SECONDS * size) & (numbers <= latest * size)] = size
    return sizes


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
