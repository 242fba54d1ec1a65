"""Cells that hold nothing, however it is written."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recommender.data.tables.file_table import FileTable

# What databases, R, pandas and spreadsheets write for nothing. "Na" and "Nan" are names of people, and not among them.
BLANKS = frozenset(
    ("", "nan", "NaN", "NAN", "-nan", "null", "NULL", "Null", "\\N", "NA", "N/A", "n/a", "#N/A", "<NA>", "None", "NaT")
)
_NO_TIMES = ("0", "0.0", "0000-00-00", "0000-00-00 00:00:00", "0000-00-00T00:00:00Z")  # of no moment, in databases


def blank_rows(table: FileTable, column: str) -> npt.NDArray[np.bool_]:
    """[n_rows] whether the column holds nothing there."""
    return _among(table.columns[column], tuple(BLANKS))


def timeless_rows(table: FileTable, column: str) -> npt.NDArray[np.bool_]:
    """[n_rows] whether a column of times holds none there."""
    return _among(table.columns[column], (*BLANKS, *_NO_TIMES))


def emptied(texts: list[str]) -> list[str]:
    """[n] the texts, "" for those that mean nothing."""
    return ["" if text in BLANKS else text for text in texts]


def _among(values: Any, texts: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    if not pa.types.is_large_string(values.type):
        blank = pc.is_null(values, nan_is_null=True)
        if "0" in texts:
            blank = pc.or_(blank, pc.fill_null(pc.equal(values, 0), False))
    else:
        blank = pc.is_in(pc.utf8_trim_whitespace(values), value_set=pa.array(texts, pa.large_string()))
    return blank.to_numpy(zero_copy_only=False) if isinstance(blank, pa.Array) else blank.to_numpy()
