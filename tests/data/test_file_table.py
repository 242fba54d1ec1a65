import numpy as np
import pyarrow as pa
import pytest

from recommender.data.schema import RatingScale
from recommender.data.tables.delimited import MisshapenRowsError, read_table
from recommender.data.tables.file_table import FileTable
from recommender.errors import DataError

HALVES = RatingScale(0.5, 5.0, 0.5)


def test_a_header_names_the_columns_in_any_order_and_counts_as_a_row() -> None:
    data = b"rating,tag,movieId\n4.5,fun,7\n11.0,dull,8\n"
    table = read_table(data, "ratings.csv", ("movieId", "rating"), separator=",", header=True)
    assert table.integers("movieId").tolist() == [7, 8]
    expected = (
        r"^ratings\.csv, row 3, column rating: 11\.0 is outside 0\.5-5; set the rating scale or remove the row\.$"
    )
    with pytest.raises(DataError, match=expected):
        table.ratings("rating", HALVES)


def test_a_header_that_lacks_a_column_is_refused_with_what_it_has() -> None:
    with pytest.raises(DataError, match="row 1: there is no column 'rating'; the header names movieId, stars"):
        read_table(b"movieId,stars\n1,2\n", "a.csv", ("movieId", "rating"), separator=",", header=True)


def test_wrong_rows_below_a_header_are_counted_as_an_editor_counts() -> None:
    with pytest.raises(DataError, match=r"^a\.csv, row 3: 1 columns where 2 are expected \(a, b\)"):
        read_table(b"a,b\n1,2\n3\n", "a.csv", ("a", "b"), separator=",", header=True)


def test_quotes_keep_a_separator_only_where_the_format_has_quotes() -> None:
    data = b'1,"Kid, The (1921)"\n'
    table = read_table(data, "a.csv", ("id", "title"), separator=",", quoted=True)
    assert table.text("title").tolist() == ["Kid, The (1921)"]
    with pytest.raises(DataError, match="3 columns where 2"):
        read_table(data, "a.csv", ("id", "title"), separator=",")


def test_a_separator_of_two_characters_leaves_single_ones_alone() -> None:
    data = b"1::Land: The Return (1994)::Comedy|Drama\n2::Twice\tTold::Drama\n"
    table = read_table(data, "movies.dat", ("id", "title", "genres"), separator="::")
    assert table.text("title").tolist() == ["Land: The Return (1994)", "Twice\tTold"]
    with pytest.raises(DataError, match="row 3: 2 columns where 3"):
        read_table(data + b"3::Alone\n", "movies.dat", ("id", "title", "genres"), separator="::")


def test_utf_8_is_read_with_and_without_its_mark_and_anything_else_refused() -> None:
    for mark in (b"", b"\xef\xbb\xbf"):
        table = read_table(mark + "1,Café\n".encode(), "a.csv", ("id", "title"), separator=",")
        assert table.text("id").tolist() == ["1"]
        assert table.text("title").tolist() == ["Café"]
    with pytest.raises(DataError, match=r"a\.csv, row 2: the text is not encoded as UTF-8"):
        read_table("1,a\n2,Café\n".encode("latin-1"), "a.csv", ("id", "title"), separator=",")


def test_a_last_line_without_an_end_is_a_row() -> None:
    assert read_table(b"1\t2\n3\t4", "a", ("x", "y")).numbers("y").tolist() == [2, 4]


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


def test_rows_of_gives_positions_among_the_known() -> None:
    table = read_table(b"b\na\nb\n", "a", ("id",))
    assert table.rows_of("id", ["a", "b"], "u.item").tolist() == [1, 0, 1]
    with pytest.raises(DataError, match=r"row 1, column id: b is not in u\.item"):
        table.rows_of("id", ["a", "c"], "u.item")


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


def test_a_line_longer_than_any_block_is_an_error_with_the_files_name() -> None:
    with pytest.raises(DataError, match=r"^a cannot be cut into columns"):
        read_table(b"x" * 3_000_000 + b"\t1\n2\t3\n", "a", ("p", "q"))


def test_distinct_values_are_numbered_by_their_first_rows() -> None:
    codes, values = read_table(b"b\n a\nb \n\xc3\xa9\n", "t", ("id",)).codes("id")
    assert codes.tolist() == [0, 1, 0, 2]
    assert values == ["b", "a", "é"]


def test_distinct_values_are_numbered_alike_in_all_chunks_of_a_column() -> None:
    chunks = pa.chunked_array([["b", "a"], ["c", "a", "b"], [], [" a", "d"]], pa.large_string())
    codes, values = FileTable("t", {"id": chunks}).codes("id")
    assert codes.tolist() == [0, 1, 2, 1, 0, 1, 3]
    assert values == ["b", "a", "c", "d"]


def test_an_open_quote_is_found_in_any_block_of_a_long_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommender.data.tables.delimited._BLOCK_BYTES", 10)
    rows = [f'{row},"title {row}"' for row in range(40)]
    assert len(read_table("\n".join(rows).encode(), "a", ("x", "y"), separator=",", quoted=True)) == 40
    for wrong in (0, 1, 17, 39):
        broken = [*rows[:wrong], f'{wrong},"title', *rows[wrong + 1 :]]
        with pytest.raises(DataError, match=f"^a, row {wrong + 1}: a double quote"):
            read_table("\n".join(broken).encode(), "a", ("x", "y"), separator=",", quoted=True)


@pytest.mark.parametrize("row", ['1,"a', '1,a "b', '1,"a""'])
def test_an_open_quote_is_named_by_its_row_and_does_not_swallow_the_next(row: str) -> None:
    data = f'0,"x ""y"""\n{row}\n2,"b"\n'.encode()
    with pytest.raises(DataError, match=r"^a\.csv, row 2: a double quote is opened and not closed in the line"):
        read_table(data, "a.csv", ("id", "title"), separator=",", quoted=True)
    assert len(read_table(data, "a.csv", ("id", "title"), separator=",")) == 3


def test_a_quoted_header_is_read_and_a_repeated_name_refused() -> None:
    table = read_table(
        b'"id","the, title"\r\n1,b\r\n', "a.csv", ("the, title",), separator=",", header=True, quoted=True
    )
    assert table.text("the, title").tolist() == ["b"]
    with pytest.raises(DataError, match=r"a\.csv, row 1: two columns are named 'id'; rename or remove one"):
        read_table(b"id,id\n1,2\n", "a.csv", ("id",), separator=",", header=True)


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n\n", b"\r\n\r\n"])
def test_line_ends_at_the_end_are_no_rows(end: bytes) -> None:
    assert len(read_table(b"1,2\n3,4" + end, "a", ("x", "y"), separator=",")) == 2


def test_what_is_compared_can_differ_from_what_is_shown() -> None:
    table = read_table(b"7\n 7\n8\n", "t", ("id",))
    table.require_distinct(("id",), meaning={"id": pa.array([1, 2, 3])})
    with pytest.raises(DataError, match="row 3: id 8 repeats row 1"):
        table.require_distinct(("id",), meaning={"id": pa.array([1, 2, 1])})


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("block_bytes", [10, 1 << 24])
def test_rows_that_can_be_cut_keep_their_numbers_beside_those_that_cannot(
    end: str, block_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.data.tables.delimited._BLOCK_BYTES", block_bytes)
    lines = ["x,y", "a,1", "", 'b,"2', "c,3", "d", '"e, f",4', "g,5,6", "", 'h,"7"', '"']
    with pytest.raises(MisshapenRowsError, match=r"^a\.csv, row 3: the line is blank; remove it\.$") as caught:
        read_table(end.join(lines).encode(), "a.csv", ("y", "x"), separator=",", header=True, quoted=True)
    others = caught.value.others
    assert list(caught.value.complaints) == [3, 4, 6, 8, 9, 11]
    assert caught.value.n_rows == 6
    assert others.row_numbers().tolist() == [2, 5, 7, 10]
    assert others.text("x").tolist() == ["a", "c", "e, f", "h"]
    assert others.text("y").tolist() == ["1", "3", "4", "7"]


@pytest.mark.parametrize(
    ("line", "complaint"), [("", "the line is blank"), ('"a,b', "a double quote is opened and not closed")]
)
def test_header_that_cannot_be_cut_is_refused(line: str, complaint: str) -> None:
    with pytest.raises(DataError, match=rf"^a\.csv, row 1: {complaint}"):
        read_table(f"{line}\n1,2\n".encode(), "a.csv", ("a", "b"), separator=",", header=True, quoted=True)
