"""Tables whose columns have types, parquet and feather, as `FileTable`s.

They are read some rows at a time, and what has been read is counted: a short file may hold very much, as it writes a
repeated text only once.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recommender.data.tables.delimited import require_columns
from recommender.data.tables.file_table import FileTable, stacked
from recommender.data.tables.heading import distinct_names
from recommender.data.tables.unpacking import too_large
from recommender.errors import DataError

PARQUET_MARK, FEATHER_MARK = b"PAR1", b"ARROW1"
_BATCH_ROWS, _NESTED_ROWS = 8_192, 32  # few where texts lie in lists, and are not counted before they unfold
_VALUE_BYTES = 8  # of a number or a place in a list of texts
_UNREADABLE = (pa.ArrowException, ValueError, OSError, OverflowError)


class TypedTable:
    """A parquet file, or a feather file: Arrow's own, as pandas and R write it.

    Raises:
      DataError: if it cannot be read, or says that it holds too much.
    """

    def __init__(self, file: str, source: Path | bytes, form: str, most: int) -> None:
        self.file, self.form, self._source, self._most = file, form, source, most
        look_at, self._batches_of = _FORMS[form]
        with self._readable():
            self._schema, self.n_rows, n_bytes = look_at(self._opened())
            self.columns = list(distinct_names(self._schema.names))
        if n_bytes > most:
            raise too_large(file, n_bytes, most)

    def beginning(self, n: int) -> pd.DataFrame:
        """The first rows, every value as text.

        Raises:
          DataError: if the file cannot be read, or holds values that cannot be shown.
        """
        with self._readable():
            batch = next(self._batches_of(self._opened(), self._schema.names, n), None)
            rows = [] if batch is None else [list(map(_shown, values[:n].to_pylist())) for values in batch.columns]
        shown = pd.DataFrame(dict(enumerate(rows)) or None, columns=range(len(self.columns)), dtype="str")
        return shown.set_axis(self.columns, axis=1)

    def read(self, columns: Sequence[str], numbers: Sequence[str] = ()) -> FileTable:
        """Some columns.

        Raises:
          DataError: if the file cannot be read, holds too much or no rows, lacks a column or has two of its name, or
            a column holds what cannot be read.
        """
        require_columns(columns, self.columns, self.file, "the file has")
        written = [self._schema.names[self.columns.index(column)] for column in columns]
        for name in written:
            if self._schema.names.count(name) > 1:
                raise DataError(f"{self.file}: several columns are named {name!r}; rename or remove all but one.")
        size = self.n_rows * _VALUE_BYTES * len(columns)
        if size > self._most:
            raise too_large(self.file, size, self._most)
        nested = any(pa.types.is_nested(self._schema.field(name).type) for name in written)
        parts: dict[str, list[Any]] = {name: [] for name in columns}
        size = 0
        for batch in self._batches(written, _NESTED_ROWS if nested else _BATCH_ROWS):
            size += sum(_unfolded_bytes(batch.column(name)) for name in written)
            if size > self._most:
                raise too_large(self.file, size, self._most, at_least=True)
            for name, column in zip(written, columns, strict=True):
                parts[column].append(_plain(batch.column(name), column, self.file))
        if not any(map(len, parts[columns[0]])):
            raise DataError(f"{self.file} holds no rows; it should hold one for each rating.")
        return FileTable(self.file, {name: _whole_if_all(stacked(found)) for name, found in parts.items()})

    def _batches(self, columns: Sequence[str], n: int) -> Iterator[Any]:
        with self._readable():
            yield from self._batches_of(self._opened(), columns, n)

    def _opened(self) -> Any:
        if isinstance(self._source, bytes):
            return pa.BufferReader(self._source)
        return pa.memory_map(str(self._source))

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except _UNREADABLE as error:  # a name that is no text is a ValueError
            if isinstance(error, OSError) and error.errno is not None:
                said = error.strerror or error
                raise DataError(f"{self.file} cannot be read ({said}); mend that and try again.") from error
            said = " ".join(str(error).split()).rstrip(".")[:300]
            raise DataError(
                f"{self.file} is not a {self.form} file, or a damaged one ({said}); write it again."
            ) from error


def _look_at_parquet(source: Any) -> tuple[Any, int, int]:
    """What columns there are, and how many rows and bytes the file says that it has."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(source) as file:
        # Of whole groups of rows: asked for the columns of a damaged file, pyarrow 26 ends the process.
        groups = [file.metadata.row_group(place) for place in range(file.metadata.num_row_groups)]
        rows = max(file.metadata.num_rows, sum(abs(group.num_rows) for group in groups))
        return file.schema_arrow, rows, sum(abs(group.total_byte_size) for group in groups)


def _parquet_batches(source: Any, columns: Sequence[str], n: int) -> Iterator[Any]:
    """The rows, n at a time, their texts with dictionaries where pyarrow can: so what repeats stays one."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(source) as file:
        kinds = zip(file.schema_arrow.names, file.schema_arrow.types, strict=True)
        texts = [name for name, kind in kinds if _is_text(kind)]
    with pq.ParquetFile(source, read_dictionary=texts) as file:
        yield from file.iter_batches(batch_size=n, columns=list(columns))


def _look_at_feather(source: Any) -> tuple[Any, int, int]:
    with pa.ipc.open_file(source) as reader:
        return reader.schema, reader.count_rows(), 0


def _feather_batches(source: Any, columns: Sequence[str], n: int) -> Iterator[Any]:
    """The rows, as many at a time as the file holds together."""
    with pa.ipc.open_file(source) as reader:
        for place in range(reader.num_record_batches):
            batch = reader.get_batch(place)
            batch.validate(full=True)
            yield batch


_FORMS = {"parquet": (_look_at_parquet, _parquet_batches), "feather": (_look_at_feather, _feather_batches)}


def _is_text(kind: Any) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return kind in (pa.string(), pa.large_string(), pa.binary(), pa.large_binary())


def _unfolded_bytes(values: Any) -> int:
    """What an array takes with each text written out."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        if not _is_text(kind):
            return len(values) * _VALUE_BYTES
        return pc.sum(pc.binary_length(values.dictionary).take(values.indices)).as_py() or 0
    if pa.types.is_struct(kind):
        return sum(map(_unfolded_bytes, values.flatten()))
    if pa.types.is_nested(kind) and hasattr(values, "flatten"):
        return len(values) * _VALUE_BYTES + _unfolded_bytes(values.flatten())
    return int(values.nbytes)


def _plain(values: Any, column: str, file: str) -> Any:
    """A column without its finer type: numbers, true as 1, times as UTC seconds, lists as json, others as text."""
    if pa.types.is_dictionary(values.type):
        values = pc.cast(values, values.type.value_type)
    kind = values.type
    try:
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            return pc.cast(pc.cast(values, pa.timestamp("s", getattr(kind, "tz", None)), safe=False), pa.int64())
        if pa.types.is_boolean(kind):
            return pc.cast(values, pa.int64())
        if pa.types.is_integer(kind) and not (pa.types.is_uint64(kind) and (pc.max(values).as_py() or 0) >= 2**63):
            return pc.cast(values, pa.int64())  # beyond 63 bits an id is a text
        if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            numbers = pc.cast(values, pa.float64(), safe=False)
            return pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)
        if pa.types.is_nested(kind):
            return pa.array(list(map(_shown, values.to_pylist())), pa.large_string())
        text = pc.fill_null(pc.cast(values, pa.large_string()), "")
        text.validate(full=True)  # what is no UTF-8 is noticed here, where the column is known
        return text
    except _UNREADABLE as error:
        raise DataError(
            f"{file}, column {column}: values of the type {kind} cannot be read ({error}); "
            "store text, numbers or times in it."
        ) from None


def _whole_if_all(values: Any) -> Any:
    """Floats as whole numbers where all are: ids beside a missing one are often stored as floats."""
    try:
        return pc.cast(values, pa.int64()) if pa.types.is_floating(values.type) else values
    except pa.ArrowInvalid:
        return values


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)
