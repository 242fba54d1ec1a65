"""A table that lies in several files, each with some of its rows."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from recommender.data.tables.delimited import named
from recommender.data.tables.file_table import FileTable, stacked
from recommender.data.tables.form import AS_FOUND, ChosenForm
from recommender.data.tables.formats import is_table, open_table
from recommender.data.tables.unpacking import most_bytes_here, too_large
from recommender.errors import DataError


def has_wildcards(path: Path) -> bool:
    """Whether this names files by a pattern, as `parts/*.csv`."""
    return any(mark in str(path) for mark in "*?[") and not path.exists()


def files_of(path: Path) -> list[Path]:
    """The files that hold a table: one, those that a pattern names, or the tables in a folder.

    Raises:
      DataError: if there are none.
    """
    if has_wildcards(path):
        pattern = str(path.relative_to(path.anchor))
        found = sorted(file for file in Path(path.anchor).glob(pattern) if file.is_file())
    elif path.is_dir():
        found = sorted(file for file in path.iterdir() if is_table(file) and not file.name.startswith((".", "_")))
    else:
        return [path]
    if not found:
        raise DataError(f"{path}: there is no table; name a file, a folder of tables, or files as parts/*.csv.")
    return found


class TableParts:
    """Files that are looked at as one table.

    Args:
      path: a file; a folder, or a pattern as `parts/*.csv`, for all its tables in the order of their names.
      chosen: how they are written, as far as somebody said so.
      most: how many bytes they may have in memory; None for what this machine can hold.

    Attributes:
      columns: the names of the columns, which the first file's header gives.
      form: how the first file is written, for people.
      n_rows: how many rows the first file has.

    Raises:
      DataError: if there is no file, or the first one is no table.
    """

    def __init__(self, path: Path, chosen: ChosenForm = AS_FOUND, most: int | None = None) -> None:
        self._files, self._chosen, self._most = files_of(path), chosen, most
        self._first = open_table(self._files[0], chosen, most)
        self.file, self.columns, self.form = self._first.file, self._first.columns, self._first.form
        self.n_rows = self._first.n_rows
        if len(self._files) > 1:
            self.file = path.name if path.is_dir() else path.parent.resolve().name
            self.form = f"{len(self._files)} files, the first of them {self.form}"

    def beginning(self, n: int) -> pd.DataFrame:
        """The first rows of the first file as text; see `TableFile.beginning`."""
        return self._first.beginning(n)

    def read(self, columns: Sequence[str], numbers: Sequence[str] = ()) -> FileTable:
        """Some columns of all files, unchecked; see `TableFile.read`.

        Raises:
          DataError: also if a file has other columns than the first.
        """
        tables, most = [], self._most or most_bytes_here()
        for place, path in enumerate(self._files):
            file = open_table(path, self._chosen, self._most, self.columns) if place else self._first
            if sorted(file.columns) != sorted(self.columns):
                raise DataError(
                    f"{path.name} has the columns {named(file.columns)}, and {self._files[0].name} has "
                    f"{named(self.columns)}; name files that are parts of one table."
                )
            tables.append(file.read(columns, numbers))
            most -= sum(values.nbytes for values in tables[-1].columns.values())
            if most < 0:
                bound = self._most or most_bytes_here()
                raise too_large(self.file, bound - most, bound, at_least=True)
        return tables[0] if len(tables) == 1 else _joined(self.file, tables)


def _joined(file: str, tables: Sequence[FileTable]) -> FileTable:
    """One table of the rows of several, which know the file that each comes from."""
    lengths = [int(table.row_numbers().max(initial=0)) for table in tables]
    before = np.cumsum([0, *lengths[:-1]]).tolist()
    rows = np.concatenate([n + table.row_numbers() for n, table in zip(before, tables, strict=True)])
    columns = {name: stacked([table.columns[name] for table in tables]) for name in tables[0].columns}
    parts = tuple(zip(before, (table.file for table in tables), strict=True))
    n_blank = sum(table.n_blank for table in tables)
    return FileTable(file, columns, kept_rows=rows, headless=tables[0].headless, parts=parts, n_blank=n_blank)
