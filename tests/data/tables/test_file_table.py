"""Columns of a file as numbers, times and ratings; what is wrong is named by file, row and column."""

import numpy as np
import pyarrow as pa
import pytest

from recommender.data.schema import RatingScale
from recommender.data.tables.delimited import read_table
from recommender.data.tables.file_table import FileTable
from recommender.errors import DataError

HALVES = RatingScale(0.5, 5.0, 0.5)


def test_numbers_with_spaces_or_as_whole_floats_are_still_numbers() -> None:
    table = read_table(b"1\t 2 \n3\t4.0\n", "a", ("x", "y"))
    assert table.numbers("y").tolist() == [2, 4]
    assert table.integers("y").tolist() == [2, 4]
    assert table.integers("y").dtype == np.int64


def test_a_number_beyond_64_bits_is_refused_not_wrapped() -> None:
    table = read_table(b"99999999999999999999\n", "a", ("x",))
    with pytest.raises(DataError, match="is not a whole number"):
        table.integers("x")


def test_steps_of_the_scale_are_counted_from_its_lowest_rating() -> None:
    table = read_table(b"0.5\n5\n3.5\n", "a", ("rating",))
    assert table.ratings("rating", HALVES).tolist() == [0.5, 5, 3.5]
    with pytest.raises(DataError, match=r"row 1, column rating: 0\.7 is not on the scale 0\.5-5 in steps of 0\.5"):
        read_table(b"0.7\n", "a", ("rating",)).ratings("rating", HALVES)


@pytest.mark.parametrize(
    ("factor", "unit"), [(1_000, "milliseconds"), (1_000_000, "microseconds"), (10**9, "nanoseconds")]
)
def test_times_of_another_unit_are_recognised(factor: int, unit: str) -> None:
    table = read_table(f"{880000000 * factor}\n".encode(), "a", ("time",))
    with pytest.raises(DataError, match=f"it looks like {unit}: divide the column by {factor:,}"):
        table.timestamps("time")


def test_ids_are_found_among_those_allowed() -> None:
    table = read_table(b"b\na\nb\n", "a", ("id",))
    assert table.positions_among("id", ["a", "b"], "u.item").tolist() == [1, 0, 1]
    with pytest.raises(DataError, match=r"row 1, column id: b is not in u\.item"):
        table.positions_among("id", ["a", "c"], "u.item")


@pytest.mark.parametrize(
    "columns",
    [
        [("x", "b"), ("y", "b"), ("x", "c"), ("x", "b")],  # words
        [("1", "880"), ("2", "880"), ("1", "881"), ("1", "880")],  # numbers
        [("-9000000000", "1"), ("9000000000", "1"), ("-9000000000", "2"), ("-9000000000", "1")],  # far apart
    ],
)
def test_a_repeated_row_agrees_in_all_columns_and_names_both_rows(columns: list[tuple[str, str]]) -> None:
    rows = ["\t".join(row) for row in columns]
    read_table("\n".join(rows[:3]).encode(), "a", ("p", "q")).require_distinct(("p", "q"))
    with pytest.raises(DataError, match=f"^a, row 4: p {columns[0][0]}, q {columns[0][1]} repeats row 1; "):
        read_table("\n".join(rows).encode(), "a", ("p", "q")).require_distinct(("p", "q"))


def test_keys_too_wide_for_64_bits_do_not_collide() -> None:
    wide = 2**31 - 1  # a product of three such columns drops the upper bits of the first
    rows = f"0\t0\t0\n4\t0\t0\n{wide}\t{wide}\t{wide}\n"
    read_table(rows.encode(), "t", ("a", "b", "c")).require_distinct(("a", "b", "c"))


def test_many_columns_of_wide_numbers_are_told_apart_without_overflow() -> None:
    rng = np.random.default_rng(0)
    rows = ["\t".join(map(str, row)) for row in rng.integers(0, 2**31, size=(500, 5))]
    names = ("a", "b", "c", "d", "e")
    read_table("\n".join(rows).encode(), "t", names).require_distinct(names)
    with pytest.raises(DataError, match=r"row 501: .* repeats row 78;"):
        read_table("\n".join([*rows, rows[77]]).encode(), "t", names).require_distinct(names)


def test_tables_are_disjoint_unless_they_share_a_row_of_the_first() -> None:
    first = read_table(b"1\t2\n3\t4\n", "u1.base", ("p", "q"))
    second = read_table(b"1\t4\n3\t2\n", "u1.test", ("p", "q"))
    second.require_disjoint(first, ("p", "q"))
    third = read_table(b"5\t5\n3\t4\n", "u1.test", ("p", "q"))
    with pytest.raises(DataError, match=r"u1\.test, row 2: p 3, q 4 is also in u1\.base, row 2;"):
        third.require_disjoint(first, ("p", "q"))


def test_distinct_values_are_numbered_by_their_first_rows() -> None:
    codes, values = read_table(b"b\n a\nb \n\xc3\xa9\n", "t", ("id",)).codes("id")
    assert codes.tolist() == [0, 1, 0, 2]
    assert values == ["b", "a", "é"]


def test_distinct_values_are_numbered_alike_in_all_chunks_of_a_column() -> None:
    chunks = pa.chunked_array([["b", "a"], ["c", "a", "b"], [], [" a", "d"]], pa.large_string())
    codes, values = FileTable("t", {"id": chunks}).codes("id")
    assert codes.tolist() == [0, 1, 2, 1, 0, 1, 3]
    assert values == ["b", "a", "c", "d"]


def test_what_is_compared_can_differ_from_what_is_shown() -> None:
    table = read_table(b"7\n 7\n8\n", "t", ("id",))
    table.require_distinct(("id",), meaning={"id": pa.array([1, 2, 3])})
    with pytest.raises(DataError, match="row 3: id 8 repeats row 1"):
        table.require_distinct(("id",), meaning={"id": pa.array([1, 2, 1])})
