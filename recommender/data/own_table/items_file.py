"""A second file that describes the items: its titles and features, joined to the ratings on the item's id."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recommender.data.own_table.mapping import ColumnMapping
from recommender.data.own_table.proposals import propose_columns
from recommender.data.own_table.written_ids import read_ids
from recommender.data.tables.delimited import named
from recommender.data.tables.file_table import FileTable
from recommender.data.tables.formats import open_table
from recommender.errors import ConfigurationError, DataError


def items_id_of(columns: Sequence[str], item: str | None) -> str | None:
    """The column of ids of a file that describes items: called as in the ratings, or as such columns usually are."""
    return item if item in columns else propose_columns(columns, rated=False).get("item")


def read_items_file(path: Path, mapping: ColumnMapping) -> tuple[FileTable, str]:
    """The file's columns that the mapping names, with that of the ids.

    Args:
      path: a file of any kind that `TableFile` reads.
      mapping: names the column of ids, and those of titles and features.

    Returns:
      The table; and the column of ids: that which is named, or see `items_id_of`.

    Raises:
      ConfigurationError: if no column of ids is found, or no column describes the items.
      DataError: if the file is missing or no table, or lacks a column.
    """
    file = open_table(path)
    proposed = propose_columns(file.columns, rated=False)
    if not mapping.described_by:
        example = f", perhaps --title {proposed['title']!r}" if "title" in proposed else ""
        raise ConfigurationError(
            f"{file.file} has the columns {named(file.columns)}; say which of them describe the titles with "
            f"--title and --features{example}."
        )
    ids = mapping.items_id or items_id_of(file.columns, mapping.item)
    if ids is None:
        raise ConfigurationError(
            f"{file.file} has the columns {named(file.columns)}; say which of them holds the ids that stand in the "
            f"ratings' column {mapping.item} with --items-id."
        )
    numbers = [feature.column for feature in mapping.features if feature.kind == "number"]
    return file.read(tuple(dict.fromkeys((ids, *mapping.described_by))), numbers), ids


def with_items(table: FileTable, described: FileTable, ids: str, mapping: ColumnMapping) -> FileTable:
    """Ratings with what another table says of their items: of several rows of one id the first, of none nothing.

    Args:
      table: the ratings.
      described: the items.
      ids: the column of their ids.
      mapping: names the columns.

    Raises:
      DataError: if no id of the ratings stands among those of the items.
    """
    rated, theirs = read_ids(table, mapping.item), read_ids(described, ids)
    _, first = np.unique(theirs.codes, return_index=True)
    rows = pd.Series(first, index=pd.Index(theirs.ids, dtype="str")).drop("", errors="ignore")
    found = rows.reindex(pd.Index(rated.ids, dtype="str"))
    if found.isna().all():
        raise DataError(
            f"{table.file}, column {mapping.item}: {rated.ids[0][:60]!r} and all others are not in {described.file}, "
            f"column {ids}; choose the column that holds the same ids (--items-id)."
        )
    places = found.to_numpy(np.float64)[rated.codes]
    taken = pa.array(np.nan_to_num(places).astype(np.int64), mask=np.isnan(places))
    columns = {}
    for name in mapping.described_by:
        values = described.columns[name].take(taken)
        columns[name] = pc.fill_null(values, "") if pa.types.is_large_string(values.type) else values
    return replace(table, columns={**table.columns, **columns})
