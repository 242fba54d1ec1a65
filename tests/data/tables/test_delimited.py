"""Text is cut into columns; rows that cannot be cut are named as an editor numbers them."""

import pytest

from recommender.data.schema import RatingScale
from recommender.data.tables.delimited import MisshapenRowsError, read_table
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


def test_utf_8_is_read_with_and_without_its_mark_and_a_row_that_is_not_is_named() -> None:
    for mark in (b"", b"\xef\xbb\xbf"):
        table = read_table(mark + "1,Café\n".encode(), "a.csv", ("id", "title"), separator=",")
        assert table.text("id").tolist() == ["1"]
        assert table.text("title").tolist() == ["Café"]
    with pytest.raises(DataError, match=r"a\.csv, row 3: the text is not encoded as UTF-8"):
        read_table("1,Café\n2,Ça ira\n".encode() + b"3,\xe9\n", "a.csv", ("id", "title"), separator=",")


def test_a_last_line_without_an_end_is_a_row() -> None:
    assert read_table(b"1\t2\n3\t4", "a", ("x", "y")).numbers("y").tolist() == [2, 4]


def test_a_line_longer_than_any_block_is_an_error_with_the_files_name() -> None:
    with pytest.raises(DataError, match=r"^a cannot be cut into columns"):
        read_table(b"x" * 40_000_000 + b"\t1\n2\t3\n", "a", ("p", "q"))


def test_an_open_quote_is_found_in_any_block_of_a_long_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommender.data.tables.delimited._BLOCK_BYTES", 10)
    rows = [f'{row},"title {row}"' for row in range(40)]
    assert len(read_table("\n".join(rows).encode(), "a", ("x", "y"), separator=",", quoted=True)) == 40
    for wrong in (0, 1, 17, 39):
        broken = [*rows[:wrong], f'{wrong},"title', *rows[wrong + 1 :]]
        with pytest.raises(DataError, match=f"^a, row {wrong + 1}: a double quote"):
            read_table("\n".join(broken).encode(), "a", ("x", "y"), separator=",", quoted=True)


@pytest.mark.parametrize("row", ['1,"a', '1,"a""', '"1,a"" b'])
def test_an_open_quote_is_named_by_its_row_and_does_not_swallow_the_next(row: str) -> None:
    data = f'0,"x ""y"""\n{row}\n2,"b"\n'.encode()
    with pytest.raises(DataError, match=r"^a\.csv, row 2: a double quote is opened and not closed"):
        read_table(data, "a.csv", ("id", "title"), separator=",", quoted=True)
    assert len(read_table(data, "a.csv", ("id", "title"), separator=",")) == 3


def test_a_quoted_header_is_read_and_a_repeated_name_refused() -> None:
    table = read_table(
        b'"id","the, title"\r\n1,b\r\n', "a.csv", ("the, title",), separator=",", header=True, quoted=True
    )
    assert table.text("the, title").tolist() == ["b"]
    with pytest.raises(DataError, match=r"row 1: several columns are named 'id'; say which one: id \(1\), id \(2\)"):
        read_table(b"id,id\n1,2\n", "a.csv", ("id",), separator=",", header=True)


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n\n", b"\r\n\r\n"])
def test_line_ends_at_the_end_are_no_rows(end: bytes) -> None:
    assert len(read_table(b"1,2\n3,4" + end, "a", ("x", "y"), separator=",")) == 2


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("block_bytes", [10, 1 << 24])
def test_rows_that_can_be_cut_keep_their_numbers_beside_those_that_cannot(
    end: str, block_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.data.tables.delimited._BLOCK_BYTES", block_bytes)
    lines = ["x,y", "a,1", "", 'b,"2', "c,3", "d", '"e, f",4', "g,5,6", "", 'h,"7"', '"']
    with pytest.raises(MisshapenRowsError, match=r"^a\.csv, row 4: a double quote") as caught:
        read_table(end.join(lines).encode(), "a.csv", ("y", "x"), separator=",", header=True, quoted=True)
    others = caught.value.others
    assert list(caught.value.complaints) == [4, 6, 8, 11]
    assert (caught.value.n_rows, others.n_blank) == (4, 2)
    assert others.row_numbers().tolist() == [2, 5, 7, 10]
    assert others.text("x").tolist() == ["a", "c", "e, f", "h"]
    assert others.text("y").tolist() == ["1", "3", "4", "7"]


@pytest.mark.parametrize("above", ["", "\n"])
def test_header_that_cannot_be_cut_is_refused(above: str) -> None:
    with pytest.raises(DataError, match=rf"^a\.csv, row {1 + len(above)}: a double quote is opened and not closed"):
        read_table(f'{above}"a,b\n1,2\n'.encode(), "a.csv", ("a", "b"), separator=",", header=True, quoted=True)
