"""Tables that are read row by row: json lines, and spreadsheets."""

import datetime
import json
from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from recommender.data.tables.delimited import MisshapenRowsError, require_columns
from recommender.data.tables.file_table import FileTable
from recommender.data.tables.form import ChosenForm
from recommender.data.tables.heading import find_heading
from recommender.data.tables.unpacking import too_large
from recommender.errors import DataError

_MOST_COMPLAINTS = 1_000
_ROWS_LOOKED_AT = 1_000  # for the names of the columns, and for a header
_MOST_SHEET_CELLS = 50_000_000  # a sheet of Excel has room for 17 thousand million
_CELL_BYTES = 60  # of a cell in memory, as Python holds it


class JsonTable:
    """Json lines, a record in each, or one json list of records; see `TableFile`.

    Raises:
      DataError: if there is no record at its beginning.
    """

    def __init__(self, file: str, data: bytes) -> None:
        self.file = file
        self.form = "json list" if data.lstrip().startswith(b"[") else "json lines"
        if self.form == "json list":
            records = _parsed(data)
            if not isinstance(records, list):
                raise DataError(f"{file} is damaged json ({records}); write it again, best with one record in each "
                                "line.")  # fmt: skip
            self._lines: Sequence[Any] = records
        else:
            self._lines = data.rstrip().split(b"\n")
        names: dict[str, None] = {}
        for record in islice(self._records(), _ROWS_LOOKED_AT):
            if isinstance(record, dict):
                names |= dict.fromkeys(name for name in record if name == _cell(name))
        if not names:
            raise DataError(f"{file}: no record can be read at its beginning; give a table, or records as json lines.")
        self.columns = list(names)

    @property
    def n_rows(self) -> int:
        """How many rows it has."""
        return len(self._lines)

    def beginning(self, n: int) -> pd.DataFrame:
        """The first rows, every value as text."""
        records = [record for record in islice(self._records(), _ROWS_LOOKED_AT) if isinstance(record, dict)][:n]
        rows = [[_cell(record.get(name)) for name in self.columns] for record in records]
        return pd.DataFrame(rows, columns=self.columns, dtype="str")

    def read(self, columns: Sequence[str], numbers: Sequence[str] = ()) -> FileTable:
        """Some columns as text, lists and records within them as json.

        Raises:
          MisshapenRowsError: if a line holds no record.
          DataError: if a column is missing.
        """
        require_columns(columns, self.columns, self.file)
        cells: list[list[str]] = [[] for _ in columns]
        complaints: dict[int, str] = {}
        kept: list[int] = []
        n_blank = 0
        for number, record in enumerate(self._records(), 1):
            if isinstance(record, dict):
                kept.append(number)
                for name, column in zip(columns, cells, strict=True):
                    column.append(_cell(record.get(name)))
            elif record is None:
                n_blank += 1
            elif len(complaints) < _MOST_COMPLAINTS:
                complaints[number] = f"is no json record ({str(record)[:100]}); mend or remove the row"
        values = {name: _texts(found) for name, found in zip(columns, cells, strict=True)}
        table = FileTable(self.file, values, 1, np.array(kept, np.int64), n_blank=n_blank)
        if complaints:
            raise MisshapenRowsError(complaints, self.n_rows - n_blank - len(kept), table)
        return table

    def _records(self) -> Iterable[Any]:
        return self._lines if self.form == "json list" else map(_parsed, self._lines)


class SheetTable:
    """The first sheet of a spreadsheet that holds anything, in at most so many bytes; see `TableFile`.

    Raises:
      DataError: if it cannot be read, is too large or empty.
    """

    def __init__(self, file: str, data: bytes, chosen: ChosenForm, most: int) -> None:
        self.file = file
        sheet, rows = _first_sheet(file, data, most)
        self._first_row = next((number for number, row in enumerate(rows, 1) if any(row)), 1)
        while rows and not any(rows[-1]):
            rows.pop()
        if not rows:
            raise DataError(f"{file} is empty; it should hold a row for each rating.")
        rows = rows[self._first_row - 1 :]
        heading = find_heading(rows[:_ROWS_LOOKED_AT], chosen.header)
        self.form = f"spreadsheet, sheet {sheet}; {heading}"
        self.columns = list(heading.names)
        self._rows = rows[heading.n_above + heading.is_row :]
        self._first_row += heading.n_above + heading.is_row
        self._headless = not heading.is_row

    @property
    def n_rows(self) -> int:
        """How many rows it has."""
        return len(self._rows)

    def beginning(self, n: int) -> pd.DataFrame:
        """The first rows, every value as text."""
        return pd.DataFrame(self._rows[:n], columns=range(len(self.columns)), dtype="str").set_axis(
            self.columns, axis=1
        )

    def read(self, columns: Sequence[str], numbers: Sequence[str] = ()) -> FileTable:
        """Some columns as text.

        Raises:
          DataError: if a column is missing, or there are no rows.
        """
        require_columns(columns, self.columns, self.file)
        if not self._rows:
            raise DataError(f"{self.file} holds nothing below its header; it should hold a row for each rating.")
        places = [self.columns.index(name) for name in columns]
        values = {name: _texts([row[at] for row in self._rows]) for name, at in zip(columns, places, strict=True)}
        return FileTable(self.file, values, self._first_row, headless=self._headless)


def _first_sheet(file: str, data: bytes, most: int) -> tuple[str, list[list[str]]]:
    import zipfile

    from python_calamine import CalamineError, CalamineWorkbook

    try:
        if data.startswith(b"PK"):
            with zipfile.ZipFile(BytesIO(data)) as archive:
                size = sum(info.file_size for info in archive.infolist())
            if size > most:
                raise too_large(file, size, most)
        workbook = CalamineWorkbook.from_filelike(BytesIO(data))
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            n_cells = sheet.total_height * sheet.total_width
            if n_cells > min(_MOST_SHEET_CELLS, most // _CELL_BYTES):
                raise DataError(f"{file} has {n_cells:,} cells, which is too many; save the table as csv.")
            if n_cells:
                return name, [list(map(_cell, row)) for row in sheet.to_python(skip_empty_area=False)]
    except DataError:
        raise
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError, RuntimeError, NotImplementedError) as error:
        raise DataError(f"{file} is a damaged spreadsheet ({str(error)[:200]}); save it again, or as csv.") from error
    return "", []


def _parsed(text: bytes) -> Any:
    """What a json text means: None of a blank one; what is wrong with it, as a string, if it is none."""
    try:
        return json.loads(text) if text.strip() else None
    except (ValueError, RecursionError) as error:
        return str(error)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2.0**53:
        return str(int(value))
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    text = str(value)
    return text if text.isprintable() else text.encode(errors="replace").decode()


def _texts(values: list[str]) -> Any:
    return pa.chunked_array([values], pa.large_string())
