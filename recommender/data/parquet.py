"""Columns of a parquet file as a `Table`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from recommender.data.tables import Table
from recommender.errors import DataError


def parquet_columns(path: Path) -> list[str]:
    """The names of a parquet file's columns.

    Raises:
      DataError: if the file cannot be read.
    """
    import pyarrow.parquet as pq

    with _readable(path):
        return list(pq.read_schema(path).names)


def read_parquet_table(path: Path, columns: Sequence[str]) -> Table:
    """Reads columns of a parquet file.

    Args:
      path: the file.
      columns: those that are needed, in any order.

    Returns:
      A table of these columns, whose rows are numbered from 1: whole numbers and floats as such, dates and
      times as UTC seconds (without a zone they are taken as UTC), anything else as strings.

    Raises:
      DataError: if the file cannot be read, holds no rows or lacks a column, or a column holds lists or records.
    """
    import pyarrow.parquet as pq

    names = parquet_columns(path)
    for column in columns:
        if column not in names:
            raise DataError(f"{path.name}: there is no column {column!r}; the file has {', '.join(names)}.")
    with _readable(path):
        found = pq.read_table(path, columns=list(columns))
    if not len(found):
        raise DataError(f"{path.name} holds no rows; it should hold one for each rating.")
    return Table(path.name, {name: _plain(found[name], name, path.name) for name in columns})


def _plain(values: Any, column: str, file: str) -> Any:
    if pa.types.is_dictionary(values.type):
        values = pc.cast(values, values.type.value_type)
    kind = values.type
    try:
        if pa.types.is_nested(kind):
            raise pa.ArrowInvalid("lists and records cannot be read")
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            return pc.cast(pc.cast(values, pa.timestamp("s", getattr(kind, "tz", None)), safe=False), pa.int64())
        if pa.types.is_integer(kind):
            return pc.cast(values, pa.int64())
        if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            return _whole_if_possible(pc.cast(values, pa.float64(), safe=False))
        return pc.fill_null(pc.cast(values, pa.large_string()), "")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(
            f"{file}, column {column}: values of the type {kind} cannot be read ({error}); "
            "store text, numbers or times in it."
        ) from None


def _whole_if_possible(values: Any) -> Any:
    """Ids beside which a value was missing are often stored as floats: 7.0 is the id 7."""
    try:
        return pc.cast(values, pa.int64())
    except pa.ArrowInvalid:
        return values


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except pa.ArrowException as error:
        raise DataError(f"{path.name} is not a parquet file, or a damaged one ({error}); write it again.") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}); mend that and try again.") from error
