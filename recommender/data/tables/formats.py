"""A file of any kind of table, recognised by what lies in it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pandas as pd

from recommender.data.tables.delimited import DelimitedText
from recommender.data.tables.file_table import FileTable
from recommender.data.tables.form import AS_FOUND, ChosenForm
from recommender.data.tables.records import JsonTable, SheetTable
from recommender.data.tables.typed import FEATHER_MARK, PARQUET_MARK, TypedTable
from recommender.data.tables.unpacking import Content, is_spreadsheet, most_bytes_here, read_content, table_name

# What tables are usually called, without the endings of what they are packed with.
ENDINGS = (
    *(".csv", ".tsv", ".tab", ".dat", ".data", ".inter", ".item", ".jsonl", ".ndjson", ".json"),
    *(".parquet", ".pq", ".feather", ".arrow", ".xlsx", ".xls", ".xlsb", ".ods"),
)
_TABBED = (".tsv", ".tab", ".inter", ".item")


class TableFile(Protocol):
    """A file of any kind of table, looked at.

    Attributes:
      file: its name, for messages.
      form: how it is written, for people.
      columns: the columns' names, each another.
      n_rows: how many rows it has; of a text, lines.
    """

    file: str
    form: str
    columns: list[str]

    @property
    def n_rows(self) -> int:
        """See above."""

    def beginning(self, n: int) -> pd.DataFrame:
        """The first rows as text."""

    def read(self, columns: Sequence[str], numbers: Sequence[str] = ()) -> FileTable:
        """Some columns, unchecked, of which `numbers` hold numbers.

        Raises:
          MisshapenRowsError: if rows cannot be cut into columns.
          DataError: if it lacks a column, or cannot be read.
        """


def open_table(
    path: Path, chosen: ChosenForm = AS_FOUND, most: int | None = None, names: Sequence[str] = ()
) -> TableFile:
    """Looks at a file.

    Args:
      path: where it lies.
      chosen: what somebody says of the way it is written.
      most: how many bytes it may have in memory; None for what this machine can hold.
      names: what its columns are called if no row names them; numbers from 1 if there are none, or not as many.

    Raises:
      DataError: if it is missing, empty, too large, or no table.
    """
    most = most_bytes_here(path) if most is None else most
    content = read_content(path, most, in_place=(PARQUET_MARK, FEATHER_MARK))
    table = _reader_of(content, chosen, table_name(path).suffix.lower(), names)
    table.form = "".join(f"{packing} of " for packing in content.packings) + table.form
    return table


def is_table(path: Path) -> bool:
    """Whether the file is called as tables are."""
    return table_name(path).suffix.lower() in ENDINGS


def _reader_of(content: Content, chosen: ChosenForm, ending: str, names: Sequence[str]) -> TableFile:
    file, data = content.file, content.data
    if data.startswith(PARQUET_MARK) or ending in (".parquet", ".pq"):
        return TypedTable(file, content.source, "parquet", content.most)
    if data.startswith(FEATHER_MARK):
        return TypedTable(file, content.source, "feather", content.most)
    if is_spreadsheet(data):
        return SheetTable(file, data, chosen, content.most)
    beginning = data[:1_000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if beginning.startswith((b'{"', b"{ ", b"[{")) or (ending in (".json", ".jsonl", ".ndjson") and beginning):
        return JsonTable(file, data.removeprefix(b"\xef\xbb\xbf"))
    return DelimitedText.found(file, data, chosen, tabs=ending in _TABBED, names=names)
