"""Columns of a parquet file as a `FileTable`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recommender.data.tables.file_table import FileTable
from recommender.errors import DataError

_BATCH_ROWS = 8_192


def parquet_columns(path: Path) -> list[str]:
    """The names of a parquet file's columns, without the white space around each.

    Raises:
      DataError: if the file cannot be read.
    """
    import pyarrow.parquet as pq

    with _readable(path):
        return [name.strip() for name in pq.read_schema(path).names]


def read_parquet_table(path: Path, columns: Sequence[str]) -> FileTable:
    """Reads columns of a parquet file.

    Args:
      path: the file.
      columns: those that are needed, in any order.

    Returns:
      A table of these columns, whose rows are numbered from 1: whole numbers and floats as such, dates and
      times as UTC seconds (without a zone they are taken as UTC), anything else as strings.

    Raises:
      DataError: if the file cannot be read, holds no rows, lacks a column or has two of its name, or a column holds
        lists or records.
    """
    import pyarrow.parquet as pq

    written = _names_in_file(path, columns)
    with _readable(path):
        found = pq.read_table(path, columns=list(written.values()))
    if not len(found):
        raise DataError(f"{path.name} holds no rows; it should hold one for each rating.")
    return FileTable(path.name, {name: _plain(found[written[name]], name, path.name) for name in columns})


def parquet_size(path: Path) -> tuple[int, int]:
    """What a parquet file says of its size, without reading what it holds: a short file may hold very much.

    Returns:
      Rows, and bytes of its columns without their compression.

    Raises:
      DataError: if the file cannot be read.
    """
    import pyarrow.parquet as pq

    with _readable(path):
        metadata = pq.read_metadata(path)
        # Of whole groups of rows: asked for the columns of a damaged file, pyarrow 26 ends the process.
        groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
        rows = max(metadata.num_rows, sum(abs(group.num_rows) for group in groups))
        return rows, sum(abs(group.total_byte_size) for group in groups)


def parquet_text_bytes(path: Path, columns: Sequence[str], most: int) -> int:
    """Bytes of the texts in some columns, counted for every row: a parquet file writes a repeated text only once.

    Args:
      path: the file.
      columns: whose texts; those of other types count nothing.
      most: where to stop counting.

    Raises:
      DataError: if the file cannot be read, or lacks a column.
    """
    import pyarrow.parquet as pq

    written = _names_in_file(path, columns)
    found = 0
    with _readable(path):
        schema = pq.read_schema(path)
        texts = [name for name in written.values() if _is_text(schema.field(name).type)]
        with pq.ParquetFile(path, read_dictionary=texts) as file:  # what repeats stays one
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=texts) if texts else ():
                for column in batch.columns:
                    if not pa.types.is_dictionary(column.type):
                        column = column.dictionary_encode()
                    lengths = pc.binary_length(column.dictionary)
                    found += pc.sum(lengths.take(column.indices)).as_py() or 0
                if found > most:
                    break
    return found


def parquet_beginning(path: Path, n: int) -> pd.DataFrame:
    """The first rows of a parquet file, every value as text.

    Raises:
      DataError: if the file cannot be read, or holds values that cannot be shown.
    """
    import pyarrow.parquet as pq

    with _readable(path), pq.ParquetFile(path) as file:
        try:
            batch = next(file.iter_batches(batch_size=n), None)
            rows = [] if batch is None else [list(map(str, values.to_pylist())) for values in batch.columns]
        except (ValueError, OverflowError) as error:
            raise DataError(
                f"{path.name}: its first rows cannot be read ({error}); store text, numbers or times in it."
            ) from error
    names = parquet_columns(path)
    return pd.DataFrame(dict(enumerate(rows)) or None, columns=range(len(names)), dtype="str").set_axis(names, axis=1)


def _names_in_file(path: Path, columns: Sequence[str]) -> dict[str, str]:
    """Name -> the name as it is written in the file."""
    import pyarrow.parquet as pq

    names = parquet_columns(path)
    for column in columns:
        if column not in names:
            raise DataError(f"{path.name}: there is no column {column!r}; the file has {', '.join(names)}.")
        if names.count(column) > 1:
            raise DataError(f"{path.name}: two columns are named {column!r}; rename or remove one of them.")
    with _readable(path):
        written = pq.read_schema(path).names
    return {column: written[names.index(column)] for column in columns}


def _is_text(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )


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
        text = pc.fill_null(pc.cast(values, pa.large_string()), "")
        text.validate(full=True)  # what is no UTF-8 is noticed here, where the column is known
        return text
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
    except (pa.ArrowException, ValueError, OSError) as error:  # a name that is no text is a ValueError
        if isinstance(error, OSError) and error.errno is not None:
            raise DataError(f"{path} cannot be read ({error.strerror or error}); mend that and try again.") from error
        said = " ".join(str(error).split()).rstrip(".")
        raise DataError(f"{path.name} is not a parquet file, or a damaged one ({said}); write it again.") from error
