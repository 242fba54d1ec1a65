"""Tables whose columns have types, parquet and feather, as `FileTable`s."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recommender.data.tables.delimited import named
from recommender.data.tables.file_table import FileTable
from recommender.data.tables.unpacking import too_large
from recommender.errors import DataError

PARQUET_MARK, FEATHER_MARK = b"PAR1", b"ARROW1"
_BATCH_ROWS = 8_192
_VALUE_BYTES = 8  # of a number or a place in a list of texts
_UNREADABLE = (pa.ArrowException, ValueError, OSError, OverflowError)


class ParquetTable:
    """A parquet file.

    Args:
      file: its name, for messages.
      source: where it lies, or its content.

    Attributes:
      columns: the columns' names, without the white space around each.

    Raises:
      DataError: if it cannot be read.
    """

    form = "parquet"

    def __init__(self, file: str, source: Path | bytes) -> None:
        import pyarrow.parquet as pq

        self.file, self._source = file, source
        with self._readable():
            self._schema = pq.read_schema(self._opened())
        self.columns = [name.strip() for name in self._schema.names]

    def size(self, columns: Sequence[str] = (), most: int = 0) -> tuple[int, int]:
        """Rows, and bytes in memory, before anything is read: a short file may hold very much.

        Args:
          columns: those that would be read, whose texts are counted for every row: the file writes a repeated text only
            once.
          most: where to stop counting.

        Raises:
          DataError: if the file cannot be read, or lacks a column.
        """
        import pyarrow.parquet as pq

        with self._readable():
            metadata = pq.read_metadata(self._opened())
            # Of whole groups of rows: asked for the columns of a damaged file, pyarrow 26 ends the process.
            groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
            rows = max(metadata.num_rows, sum(abs(group.num_rows) for group in groups))
            size = max(sum(abs(group.total_byte_size) for group in groups), rows * _VALUE_BYTES * len(columns))
        return rows, size if size > most else max(size, self._text_bytes(columns, most))

    def beginning(self, n: int) -> pd.DataFrame:
        """The first rows, every value as text.

        Raises:
          DataError: if the file cannot be read, or holds values that cannot be shown.
        """
        import pyarrow.parquet as pq

        with self._readable(), pq.ParquetFile(self._opened()) as file:
            return _beginning(self.file, self.columns, next(file.iter_batches(batch_size=n), None))

    def read(self, columns: Sequence[str], most: int) -> FileTable:
        """Some columns; see `_plain` for what becomes of their types.

        Args:
          columns: their names.
          most: how many bytes they may have.

        Raises:
          DataError: if the file cannot be read, holds too much or no rows, lacks a column or has two of its name, or
            a column holds what cannot be read.
        """
        import pyarrow.parquet as pq

        written = _names_in_file(self.file, self._schema.names, columns)
        _, size = self.size(columns, most)
        if size > most:
            raise too_large(self.file, size, most)
        with self._readable():
            found = pq.read_table(self._opened(), columns=list(written.values()))
        return _plain_table(self.file, found, written)

    def _text_bytes(self, columns: Sequence[str], most: int) -> int:
        import pyarrow.parquet as pq

        written = _names_in_file(self.file, self._schema.names, columns)
        texts = [name for name in written.values() if _is_text(self._schema.field(name).type)]
        found = 0
        if not texts:
            return 0
        # With dictionaries what repeats stays one.
        with self._readable(), pq.ParquetFile(self._opened(), read_dictionary=texts) as file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=texts):
                for column in batch.columns:
                    if not pa.types.is_dictionary(column.type):
                        column = column.dictionary_encode()
                    lengths = pc.binary_length(column.dictionary)
                    found += pc.sum(lengths.take(column.indices)).as_py() or 0
                if found > most:
                    break
        return found

    def _opened(self) -> Any:
        return self._source if isinstance(self._source, Path) else pa.BufferReader(self._source)

    def _readable(self) -> Any:
        return _readable(self.file, self.form)


class FeatherTable:
    """A feather file: Arrow's own, as pandas and R write it.

    Args:
      file: its name, for messages.
      source: where it lies, or its content.

    Attributes:
      columns: the columns' names, without the white space around each.

    Raises:
      DataError: if it cannot be read.
    """

    form = "feather"

    def __init__(self, file: str, source: Path | bytes) -> None:
        self.file, self._source = file, source
        with self._opened() as reader:
            self._names = reader.schema.names
        self.columns = [name.strip() for name in self._names]

    def size(self, columns: Sequence[str] = (), most: int = 0) -> tuple[int, int]:
        """Rows, and bytes in memory.

        Args:
          columns: not looked at.
          most: where to stop counting.

        Raises:
          DataError: if the file cannot be read.
        """
        rows = size = 0
        with self._opened() as reader:
            for place in range(reader.num_record_batches):
                batch = reader.get_batch(place)
                batch.validate(full=True)
                rows, size = rows + len(batch), size + batch.nbytes
                if size > most:
                    break
        return rows, size

    def beginning(self, n: int) -> pd.DataFrame:
        """The first rows, every value as text.

        Raises:
          DataError: if the file cannot be read, or holds values that cannot be shown.
        """
        with self._opened() as reader:
            batch = reader.get_batch(0).slice(0, n) if reader.num_record_batches else None
            if batch is not None:
                batch.validate(full=True)
            return _beginning(self.file, self.columns, batch)

    def read(self, columns: Sequence[str], most: int) -> FileTable:
        """Some columns; see `ParquetTable.read`."""
        written = _names_in_file(self.file, self._names, columns)
        _, size = self.size(columns, most)
        if size > most:
            raise too_large(self.file, size, most, at_least=True)
        with self._opened() as reader:
            found = reader.read_all().select(list(written.values()))
        return _plain_table(self.file, found, written)

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        with _readable(self.file, self.form):
            source = pa.memory_map(str(self._source)) if isinstance(self._source, Path) else self._source
            with pa.ipc.open_file(source) as reader:
                yield reader


def _beginning(file: str, columns: Sequence[str], batch: Any) -> pd.DataFrame:
    try:
        rows = [] if batch is None else [list(map(_shown, values.to_pylist())) for values in batch.columns]
    except _UNREADABLE as error:
        raise DataError(
            f"{file}: its first rows cannot be read ({error}); store text, numbers or times in it."
        ) from error
    shown = pd.DataFrame(dict(enumerate(rows)) or None, columns=range(len(columns)), dtype="str")
    return shown.set_axis(list(columns), axis=1)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)


def _names_in_file(file: str, written: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """Name -> the name as it is written in the file."""
    names = [name.strip() for name in written]
    for column in columns:
        if column not in names:
            raise DataError(f"{file}: there is no column {column!r}; the file has {named(names)}.")
        if names.count(column) > 1:
            raise DataError(f"{file}: two columns are named {column!r}; rename or remove one of them.")
    return {column: written[names.index(column)] for column in columns}


def _plain_table(file: str, found: Any, written: dict[str, str]) -> FileTable:
    if not len(found):
        raise DataError(f"{file} holds no rows; it should hold one for each rating.")
    return FileTable(file, {name: _plain(found[column], name, file) for name, column in written.items()})


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
    """A column without its finer type.

    Returns:
      Whole numbers and floats as such, true as 1 and false as 0, dates and times as UTC seconds (without a zone they
      are taken as UTC), lists and records as json, anything else as strings.
    """
    if pa.types.is_dictionary(values.type):
        values = pc.cast(values, values.type.value_type)
    kind = values.type
    try:
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            return pc.cast(pc.cast(values, pa.timestamp("s", getattr(kind, "tz", None)), safe=False), pa.int64())
        if pa.types.is_boolean(kind):
            return pc.cast(values, pa.int64())
        if pa.types.is_integer(kind):
            return _whole_or(values, pa.large_string())  # beyond 63 bits an id is a text
        if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            numbers = pc.cast(values, pa.float64(), safe=False)
            numbers = pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)
            return _whole_or(numbers, pa.float64())  # ids beside a missing one are often stored as floats
        if pa.types.is_nested(kind):
            texts = ["" if value is None else _shown(value) for value in values.to_pylist()]
            return pa.chunked_array([texts], pa.large_string())
        text = pc.fill_null(pc.cast(values, pa.large_string()), "")
        text.validate(full=True)  # what is no UTF-8 is noticed here, where the column is known
        return text
    except _UNREADABLE as error:
        raise DataError(
            f"{file}, column {column}: values of the type {kind} cannot be read ({error}); "
            "store text, numbers or times in it."
        ) from None


def _whole_or(values: Any, kind: Any) -> Any:
    """Whole numbers where all are, else of another type."""
    try:
        return pc.cast(values, pa.int64())
    except pa.ArrowInvalid:
        whole = pc.cast(values, kind)
        return pc.fill_null(whole, "") if pa.types.is_large_string(kind) else whole


@contextmanager
def _readable(file: str, form: str) -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:  # a name that is no text is a ValueError
        if isinstance(error, OSError) and error.errno is not None:
            raise DataError(f"{file} cannot be read ({error.strerror or error}); mend that and try again.") from error
        said = " ".join(str(error).split()).rstrip(".")[:300]
        raise DataError(f"{file} is not a {form} file, or a damaged one ({said}); write it again.") from error
