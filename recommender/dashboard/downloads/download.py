"""What can be downloaded from a page: what it shows, as tables, charts and sentences that need no page."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from recommender import charts
from recommender.data.exchange.spreadsheets import csv_for_people

BYTE_ORDER_MARK = "\ufeff"
_CSV_DIGITS = 4  # what is computed with is a little finer than what is read


@dataclass(frozen=True)
class Table:
    """A table of a download.

    Attributes:
      name: its heading.
      frame: its columns, named as they are to be read.
      note: a sentence below it.
      in_csv_alone: whether it is left to the csv, because a chart of the download shows it.
      csv_frame: gives what the csv holds in place of `frame`, if it holds more: identifiers, what was asked; not called
        before the csv is asked for.
      digits: decimals that a column's numbers are worth, where these are not two.
      cards: gives its rows as cards, html, where a page of its own shows them so; not called before that is asked for.
    """

    name: str
    frame: pd.DataFrame
    note: str = ""
    in_csv_alone: bool = False
    csv_frame: Callable[[], pd.DataFrame] | None = None
    digits: Mapping[str, int] = field(default_factory=dict)
    cards: Callable[[], str] | None = None

    def csv(self) -> str:
        """Its csv in the words of people, in which no text is read as a formula; its header says what is in a column.

        It begins with the mark by which Excel knows that letters with accents are to come.
        """
        frame = self.frame if self.csv_frame is None else self.csv_frame()
        written = {name: _written(frame[name], self.digits.get(str(name), _CSV_DIGITS)) for name in frame}
        return BYTE_ORDER_MARK + csv_for_people(pd.DataFrame(written, columns=frame.columns))

    def texts(self) -> dict[str, list[str]]:
        """Its cells as they are read, column by column."""
        return {
            str(name): [cell(value, self.digits.get(str(name), 2)) for value in column.tolist()]
            for name, column in self.frame.items()
        }

    def first(self, n: int) -> "Table":
        """Its first rows."""
        return replace(self, frame=self.frame.head(n))


@dataclass(frozen=True)
class Responding:
    """A chart of named frames, which says something only where a pointer can move over it.

    Attributes:
      chart: name of one of the `charts`.
      frames: gives its data by name, as tables of Arrow.
      settings: its arguments.
      note: a sentence below it that says what to do with it.
    """

    chart: str
    frames: Callable[[], Mapping[str, Any]]
    settings: tuple[Any, ...] = ()
    note: str = ""

    def specification(self) -> dict[str, Any]:
        """The chart with its data in the Vega-Lite language."""
        found: dict[str, Any] = getattr(charts, self.chart)(*self.settings).to_dict(format="vega-lite")
        return {**found, "datasets": {name: frame.to_pylist() for name, frame in self.frames().items()}}


@dataclass(frozen=True)
class Picture:
    """A chart of a download; nothing is built before `specification` is asked for.

    Attributes:
      name: its heading.
      chart: name of one of the `charts`.
      frame: its data.
      settings: its other arguments.
      alt: what it shows, in words.
      note: a sentence below it.
      responding: what takes its place where a pointer can move over it; itself unless given.
    """

    name: str
    chart: str
    frame: pd.DataFrame
    settings: tuple[Any, ...] = ()
    alt: str = ""
    note: str = ""
    responding: Responding | None = None

    def specification(self) -> dict[str, Any]:
        """The chart with its data in the Vega-Lite language."""
        chart = getattr(charts, self.chart)(self.frame, *self.settings)
        found: dict[str, Any] = chart.to_dict(format="vega-lite")
        return found


@dataclass(frozen=True)
class Content:
    """What a page has to give; viewer, moment, model and address are added to it.

    Attributes:
      page: what the page shows, in a few words that begin with its name.
      tables: the page's tables, the most telling first; no ratings that viewers gave, which may not be passed on.
      pictures: its charts.
      sentences: what is to be said.
      facts: what is to be said of the model beside what its manifest says.
      choices: those that only the page has, parameter of the address -> value.
      who: whom or what the page is about; the viewer in the bar unless given.
      at_moment: whether what it shows is that of the chosen moment, where there is one.
    """

    page: str
    tables: tuple[Table, ...]
    pictures: tuple[Picture, ...] = ()
    sentences: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    who: str | None = None
    at_moment: bool = True


@dataclass(frozen=True)
class Download:
    """What one page shows at one moment.

    Attributes:
      title: what is shown.
      file_stem: what its files are called, before the dot.
      tables: its tables, the most telling first.
      pictures: its charts.
      sentences: what is to be said of it.
      facts: the model and the data, by name.
      address: where the live view is; empty if unknown.
      licence: what may be done with the data; empty if unknown.
    """

    title: str
    file_stem: str
    tables: tuple[Table, ...]
    pictures: tuple[Picture, ...] = ()
    sentences: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    licence: str = ""

    @property
    def drawn_tables(self) -> tuple[Table, ...]:
        """Those that the picture and the page show."""
        return tuple(table for table in self.tables if not table.in_csv_alone)

    def csv(self) -> bytes:
        """Its only table as csv, or a zip archive of one csv for each."""
        if len(self.tables) == 1:
            return self.tables[0].csv().encode()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, table in enumerate(self.tables, start=1):
                archive.writestr(f"{number}-{file_name(table.name)}.csv", table.csv())
        return packed.getvalue()


def file_name(text: str) -> str:
    """Text as part of a file's name: Harsh critic (viewer 181) is harsh-critic-viewer-181."""
    return re.sub(r"[^\w]+", "-", text).strip("-").lower()


def cell(value: object, digits: int = 2) -> str:
    """A value of a table as it is read: whole numbers without a dot, others with some digits, nothing if missing."""
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() and abs(value) >= 1_000 else f"{value:.{digits}f}"
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    return str(value)


def is_number(column: pd.Series) -> bool:
    """Whether a column is set at the right edge."""
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))


def _written(column: pd.Series, digits: int) -> pd.Series:
    """A column as a csv for people holds it: rounded numbers, words for lists and for what is true or not."""
    if is_number(column):
        return column.round(digits) if pd.api.types.is_float_dtype(column) else column
    spoken = (bool, np.bool_, list, tuple)
    return column.map(
        lambda value: (
            cell(bool(value) if isinstance(value, np.bool_) else value) if isinstance(value, spoken) else value
        )
    )
