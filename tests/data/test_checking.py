"""A table of one's own is looked at as a whole: every problem by row, by the rules of the reader."""

import pandas as pd
import pytest

from recommender.data.checking import check_mapped_table, first_rows, propose_columns
from recommender.data.columns import ColumnMapping, FeatureColumn, parse_scale
from recommender.data.mapped import read_mapped_table
from recommender.errors import DataError

GOOD = """who,film,points,when,kind
a,Fargo,4,880000000,crime
a,Heat,5,880000001,crime
b,Fargo,3,880000002,crime
b,Emma,2,880000003,drama
"""
MAPPING = ColumnMapping(
    user="who",
    item="film",
    rating="points",
    timestamp="when",
    scale=parse_scale("1-5"),
    features=(FeatureColumn(column="kind", kind="category"),),
)


def write(folder, text, name="films.csv"):
    path = folder / name
    path.write_text(text)
    return path


def rows(check):
    return [(problem.row, problem.column, problem.value, problem.complaint) for problem in check.problems]


def test_good_table_is_read_as_the_reader_reads_it(tmp_path):
    path = write(tmp_path, GOOD)
    check = check_mapped_table(path, MAPPING)
    assert check.problems == ()
    assert check.ratings is not None
    assert check.ratings.checksum == read_mapped_table(path, MAPPING).checksum


def test_problems_of_every_kind_are_listed_with_their_rows(tmp_path):
    bad = (
        GOOD
        + "c,Fargo,9,880000004,crime\nc,Heat,x,880000005,crime\nc,Emma,3,12,drama\n"
        + ("d,Fargo,3,880000006,comedy\nb,Emma,4,880000003,drama\n,Ran,3,880000007,war\n")
    )
    check = check_mapped_table(write(tmp_path, bad), MAPPING)
    assert check.ratings is None
    assert check.n_problems == 6
    assert [row[:3] for row in rows(check)] == [
        (6, "points", "9"),
        (7, "points", "x"),
        (8, "when", "12"),
        (9, "kind", "comedy"),
        (10, "who, film, when", "b, Emma, 880000003"),
        (11, "who", ""),
    ]
    complaints = [row[3] for row in rows(check)]
    assert complaints[0].startswith("is outside 1-5")
    assert complaints[3].startswith("contradicts 'crime' of row 2 for the same film")
    assert complaints[4].startswith("repeats row 5")


def test_each_row_is_compared_with_its_own_twin(tmp_path):
    repeated = GOOD + "b,Emma,4,880000003,drama\na,Heat,1,880000001,crime\n"
    assert [row[3] for row in rows(check_mapped_table(write(tmp_path, repeated), MAPPING))] == [
        "repeats row 5; remove one of them",
        "repeats row 3; remove one of them",
    ]


def test_only_so_many_are_listed_and_all_are_counted(tmp_path):
    bad = "who,film,points,when,kind\n" + "".join(f"u{n},Fargo,x,88000000{n},crime\n" for n in range(9))
    check = check_mapped_table(write(tmp_path, bad), MAPPING, most=4)
    assert [row[0] for row in rows(check)] == [2, 3, 4, 5]
    assert check.n_problems == 9


def test_rows_that_cannot_be_cut_are_all_listed(tmp_path):
    check = check_mapped_table(write(tmp_path, GOOD + "c,Fargo\nc,Heat,3,880000004,crime,more\n"), MAPPING)
    assert [row[:3] for row in rows(check)] == [(6, None, None), (7, None, None)]
    assert "2 columns where 5 are expected" in check.problems[0].complaint


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "films.csv is empty"),
        ("who,film\na,b\n", "there is no column 'points'"),
        ("who,film,points,when,kind\n", "holds nothing below its header"),
    ],
)
def test_problem_of_the_whole_file_has_no_row(tmp_path, text, complaint):
    check = check_mapped_table(write(tmp_path, text), MAPPING)
    assert check.ratings is None
    assert check.n_problems == 1
    assert check.problems[0].row is None
    assert complaint in check.problems[0].complaint


def test_parquet_is_checked_too(tmp_path):
    path = tmp_path / "films.parquet"
    pd.DataFrame({"who": ["a", "b"], "film": ["Fargo", "Heat"], "points": [3.0, 9.0]}).to_parquet(path)
    check = check_mapped_table(path, ColumnMapping(user="who", item="film", rating="points", scale=parse_scale("1-5")))
    assert [row[:3] for row in rows(check)] == [(2, "points", "9")]


@pytest.mark.parametrize(
    ("columns", "proposed"),
    [
        (
            ["userId", "movieId", "rating", "timestamp"],
            {"user": "userId", "item": "movieId", "rating": "rating", "timestamp": "timestamp"},
        ),
        (["user_id", "anime_id", "rating"], {"user": "user_id", "item": "anime_id", "rating": "rating"}),
        (
            ["User-ID", "ISBN", "Book-Rating", "Title"],
            {"user": "User-ID", "item": "ISBN", "rating": "Book-Rating", "title": "Title"},
        ),
        (["who", "Name", "stars"], {"user": "who", "item": "Name", "rating": "stars"}),
        (["a", "b"], {}),
    ],
)
def test_columns_are_proposed_by_their_names(columns, proposed):
    assert propose_columns(columns) == proposed


def test_first_rows_are_shown_as_they_stand(tmp_path):
    shown = first_rows(write(tmp_path, "who,n\na,007\nb,\nc,3\n"), 2)
    assert shown.to_dict("list") == {"who": ["a", "b"], "n": ["007", ""]}
    pd.DataFrame({"who": ["a"], "n": [7]}).to_parquet(tmp_path / "t.parquet")
    assert first_rows(tmp_path / "t.parquet").to_dict("list") == {"who": ["a"], "n": ["7"]}


def test_file_without_rows_to_show_is_refused(tmp_path):
    with pytest.raises(DataError, match="empty"):
        first_rows(write(tmp_path, ""))
