"""A file of any kind of table, by the ending of its name."""

from collections.abc import Sequence
from pathlib import Path

from recommender.data.tables.delimited import read_header, read_table
from recommender.data.tables.file_table import FileTable
from recommender.data.tables.parquet import parquet_columns, read_parquet_table
from recommender.errors import DataError

# What a file's ending says of it: the character between two values, or None where there is no text.
SEPARATORS = {".csv": ",", ".tsv": "\t", ".parquet": None, ".pq": None}


def is_table(path: Path) -> bool:
    """Whether the ending of the file's name is that of a table."""
    return path.suffix.lower() in SEPARATORS


def table_columns(path: Path) -> list[str]:
    """The names of a table's columns.

    Args:
      path: a csv, tsv or parquet file.

    Raises:
      DataError: if the file is missing, empty or cannot be read.
    """
    separator = _separator(path)
    if separator is None:
        return parquet_columns(path)
    with path.open("rb") as file:
        return read_header(file.readline(), path.name, separator=separator, quoted=True)


def open_table(path: Path, columns: Sequence[str]) -> FileTable:
    """Some columns of a csv, tsv or parquet file, unchecked.

    Raises:
      DataError: if the file is missing, lacks a column, or cannot be cut into columns.
    """
    separator = _separator(path)
    if separator is None:
        return read_parquet_table(path, columns)
    return read_table(path.read_bytes(), path.name, columns, separator=separator, header=True, quoted=True)


def _separator(path: Path) -> str | None:
    if not is_table(path):
        raise DataError(f"{path} is not called a table; the name should end with {', '.join(SEPARATORS)}.")
    try:
        path.open("rb").close()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; give a csv, tsv or parquet file.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}); mend that and try again.") from error
    return SEPARATORS[path.suffix.lower()]
