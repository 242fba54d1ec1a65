"""Times as they are written: seconds since 1970 and parts of them, ISO date-times, dates with day or month first."""

import re
import time
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

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
        return _count_seconds(table, column, pd.to_numeric(table.text(column), errors="coerce").to_numpy(np.float64))
    texts = pc.utf8_trim_whitespace(values)
    parsed, fact = _dates(texts), ""
    unread = np.isnat(parsed)
    if unread.any():
        others = texts.filter(pa.array(unread)).to_pandas()
        parsed[unread], fact = _dates_of_people(table, column, others, day_first)
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
            return pc.cast(texts, pa.timestamp("us", zone)).to_numpy(zero_copy_only=False).astype("datetime64[s]")
        except pa.ArrowInvalid:
            continue
    plain = texts.to_pandas().str.replace(r"\s*(?:UTC|GMT)$", "Z", regex=True)
    plain = plain.str.replace(r"\s+(?=[-+]\d\d:?\d\d$)", "", regex=True)
    return _seconds(pd.to_datetime(plain, format="ISO8601", utc=True, errors="coerce"))


def _seconds(parsed: Any) -> npt.NDArray[np.datetime64]:
    return np.asarray(parsed.dt.tz_localize(None).to_numpy("datetime64[ns]").astype("datetime64[s]"))


def _dates_of_people(
    table: FileTable, column: str, texts: "pd.Series[str]", day_first: bool | None
) -> tuple[npt.NDArray[np.datetime64], str]:
    """[n] 31.12.2019, 12/31/2019 5:00 PM, or 31 Dec 2019 as UTC seconds, NaT where a text is none; and what to say."""
    parts = texts.str.extract(_PARTS)
    a, b = (pd.to_numeric(parts[name], errors="coerce") for name in ("a", "b"))
    fact = ""
    if a.notna().any():
        if day_first is None:
            day_first = _day_comes_first(table, column, texts, a, b, parts["mark"])
        example = texts[a.notna()].iloc[0]
        fact = f"Column {column}: dates such as {example} were read with the {'day' if day_first else 'month'} first."
    day, month = (a, b) if day_first else (b, a)
    year = pd.to_numeric(parts["year"], errors="coerce")
    century = np.where(year + 2000 > time.gmtime().tm_year + _SOON, 1900, 2000)
    year = year.where(year >= 100, year + century)
    whole = (
        year.astype("Int64").astype("str")
        + "-"
        + month.astype("Int64").astype("str").str.zfill(2)
        + "-"
        + day.astype("Int64").astype("str").str.zfill(2)
        + (" " + parts["clock"]).fillna("")
    )
    named = texts.str.contains(_MONTH, na=False)
    written = whole.where(a.notna(), texts.where(named))
    found = pd.to_datetime(written, format="mixed", utc=True, errors="coerce")
    return _seconds(found), fact


def _day_comes_first(
    table: FileTable, column: str, texts: "pd.Series[str]", a: "pd.Series[Any]", b: "pd.Series[Any]", marks: Any
) -> bool:
    days_first, months_first = int((a > 12).sum()), int((b > 12).sum())
    if days_first != months_first:
        return days_first > months_first
    if not days_first and (marks.dropna() == ".").all():  # where dots stand between them, the day comes first
        return True
    example = texts[a.notna()].iloc[0]
    raise AmbiguousDatesError(
        f"{table.file}, column {column}: dates such as {example} do not show whether the day or the month comes first"
    )
