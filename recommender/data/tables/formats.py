"""A file of any kind of table, recognised by what lies in it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pandas as pd

from recommender.data.tables.delimited import DelimitedText, MisshapenRowsError, require_columns
from recommender.data.tables.file_table import FileTable
from recommender.data.tables.form import AS_FOUND, ChosenForm
from recommender.data.tables.records import JsonTable, SheetTable
from recommender.data.tables.text import DECIMAL_COMMA, read_text
from recommender.data.tables.typed import FEATHER_MARK, PARQUET_MARK, FeatherTable, ParquetTable
from recommender.data.tables.unpacking import Content, is_spreadsheet, most_bytes_here, read_content, table_name

# What tables are usually called, without the endings of what they are packed with.
ENDINGS = (
    *(".csv", ".tsv", ".tab", ".dat", ".data", ".inter", ".item", ".jsonl", ".ndjson", ".json"),
    *(".parquet", ".pq", ".feather", ".arrow", ".xlsx", ".xls", ".xlsb", ".ods"),
)
_TABBED = (".tsv", ".tab", ".inter", ".item")
_KINDS = (":token_seq", ":token", ":float_seq", ":float")  # behind the names of RecBole's columns
_LINES_LOOKED_AT = 100  # for the first rows that can be shown


class _Reader(Protocol):
    """A table of one kind of file; see `TableFile`."""

    @property
    def form(self) -> str: ...

    columns: list[str]

    def size(self, columns: Sequence[str] = (), most: int = 0) -> tuple[int, int]: ...

    def beginning(self, n: int) -> pd.DataFrame: ...

    def read(self, columns: Sequence[str], most: int) -> FileTable: ...


class TextTable:
    """A text in which something stands between two values.

    Args:
      file: its name, for messages.
      data: its content.
      chosen: what somebody says of the way it is written.
      tabs: whether its name says that tabs stand between its values.
      names: what its columns are called if no row names them; numbers from 1 if there are none, or not as many.

    Attributes:
      columns: the columns' names.
      form: how it is written, for people.

    Raises:
      DataError: if it is empty or no text, or its header cannot be cut.
    """

    def __init__(
        self,
        file: str,
        data: bytes,
        chosen: ChosenForm = AS_FOUND,
        *,
        tabs: bool = False,
        names: Sequence[str] = (),
    ) -> None:
        data, found = read_text(data, file, chosen, tabs=tabs)
        self.file, self.form, self._decimal = file, str(found), found.decimal
        self._text = DelimitedText.of_form(file, data, found, names)
        # RecBole's names come with a kind; without it they are the publisher's.
        self._written = {_without_kind(name, self._text.columns): name for name in reversed(self._text.columns)}
        self.columns = [_without_kind(name, self._text.columns) for name in self._text.columns]

    def size(self, columns: Sequence[str] = (), most: int = 0) -> tuple[int, int]:
        """Rows, as lines; and bytes, which are those of the file."""
        return self._text.n_lines(), 0

    def beginning(self, n: int) -> pd.DataFrame:
        """The first rows, as they are read; those that cannot be cut into columns are left out."""
        try:
            table = self._text.beginning(_LINES_LOOKED_AT).read(self._text.columns)
        except MisshapenRowsError as error:
            table = error.others
        shown = pd.DataFrame({name: values.to_pandas() for name, values in table.columns.items()})
        for name in shown if self._decimal == "," else ():
            if shown[name].str.fullmatch(DECIMAL_COMMA).all():
                shown[name] = shown[name].str.replace(",", ".")
        return shown.head(n).set_axis(self.columns, axis=1)

    def read(self, columns: Sequence[str], most: int, numbers: Sequence[str] = ()) -> FileTable:
        """Some columns as text.

        Args:
          columns: their names.
          most: not looked at: the file was bounded when it was opened.
          numbers: those that hold numbers, whose decimal commas become points.

        Raises:
          MisshapenRowsError: if rows are blank, hold another number of values, or leave a double quote open.
          DataError: if a column is missing or named twice, or there are no rows.
        """
        written = [self._written.get(name, name) for name in columns]
        try:
            return _renamed(self._text.read(written, [self._written.get(name, name) for name in numbers]), columns)
        except MisshapenRowsError as error:
            others = _renamed(error.others, columns)
            raise MisshapenRowsError(error.complaints, error.n_rows, others) from None


class TableFile:
    """A file of any kind of table, looked at.

    Args:
      path: where it lies.
      chosen: what somebody says of the way it is written.
      most: how many bytes it may have in memory; None for what this machine can hold.
      names: what its columns are called if no row names them; numbers from 1 if there are none, or not as many.

    Attributes:
      columns: the columns' names, without the white space around each.
      form: how it is written, for people.

    Raises:
      DataError: if it is missing, empty, too large, or no table.
    """

    def __init__(
        self, path: Path, chosen: ChosenForm = AS_FOUND, most: int | None = None, names: Sequence[str] = ()
    ) -> None:
        self._most = most_bytes_here(path) if most is None else most
        content = read_content(path, self._most, in_place=(PARQUET_MARK, FEATHER_MARK))
        self.file = content.file
        self._reader = _reader_of(content, chosen, table_name(path).suffix.lower(), names)
        self.columns = self._reader.columns
        self.form = "".join(f"{packing} of " for packing in content.packings) + self._reader.form

    def size(self, columns: Sequence[str] = (), most: int = 0) -> tuple[int, int]:
        """Rows, and bytes in memory, before it is read.

        Args:
          columns: those that would be read.
          most: where to stop counting bytes.
        """
        return self._reader.size(columns, most)

    def beginning(self, n: int) -> pd.DataFrame:
        """The first rows as text.

        Raises:
          DataError: if two columns have one name, or it cannot be read.
        """
        require_columns(self.columns, self.columns, self.file)
        return self._reader.beginning(n)

    def read(self, columns: Sequence[str], numbers: Sequence[str] = ()) -> FileTable:
        """Some columns, unchecked.

        Args:
          columns: their names.
          numbers: those of them that hold numbers.

        Raises:
          MisshapenRowsError: if rows cannot be cut into columns.
          DataError: if it lacks a column, has two of its name, or cannot be read.
        """
        if isinstance(self._reader, TextTable):
            return self._reader.read(columns, self._most, numbers)
        return self._reader.read(columns, self._most)


def is_table(path: Path) -> bool:
    """Whether the file is called as tables are."""
    return table_name(path).suffix.lower() in ENDINGS


def _reader_of(content: Content, chosen: ChosenForm, ending: str, names: Sequence[str]) -> _Reader:
    file, data = content.file, content.data
    if data.startswith(PARQUET_MARK) or ending in (".parquet", ".pq"):
        return ParquetTable(file, content.source)
    if data.startswith(FEATHER_MARK):
        return FeatherTable(file, content.source)
    if is_spreadsheet(data):
        return SheetTable(file, data, chosen, content.most)
    beginning = data[:1_000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if beginning.startswith((b'{"', b"{ ", b"[{")) or (ending in (".json", ".jsonl", ".ndjson") and beginning):
        return JsonTable(file, data.removeprefix(b"\xef\xbb\xbf"))
    return TextTable(file, data, chosen, tabs=ending in _TABBED, names=names)


def _without_kind(name: str, columns: Sequence[str]) -> str:
    """A column's name without the kind that RecBole writes behind all of them."""
    if not all(column.endswith(_KINDS) for column in columns):
        return name
    return name.rpartition(":")[0]


def _renamed(table: FileTable, columns: Sequence[str]) -> FileTable:
    return replace(table, columns=dict(zip(columns, table.columns.values(), strict=True)))
