import math
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recommender.data import ColumnMapping, Kind, RatingScale, parse_features
from recommender.data.own_table.reading import read_mapped_table
from recommender.errors import DataError

MAPPING = ColumnMapping(
    user="who",
    item="book",
    rating="stars",
    timestamp="at",
    title="name",
    features=parse_features("topics:multi,pages:number,form:category,plot:text"),
)
ROWS = [
    "at,who,book,name,stars,topics,pages,form,plot,shelf",
    '880000300,anna,b10,"Kid, The: ""A""",4.5,Love| War |,320,novel,They meet.,1',
    "880000100,bert,b2,Emma,1,,,play,,2",
    "880000200,anna,b2,Emma,3,,,play,,2",
    '880000900,anna,b10,"Kid, The: ""A""",2,Love| War |,320,novel,They meet.,1',
    "880000400,carl,b3,Emma,5,War,99.5,novel,,3",
]


def _write(path: Path, rows: list[str] = ROWS, separator: str = ",") -> Path:
    path.write_text("".join(row.replace(",", separator) + "\n" for row in rows), "utf-8")
    return path


def _complaint(path: Path, mapping: ColumnMapping = MAPPING) -> str:
    with pytest.raises(DataError) as caught:
        read_mapped_table(path, mapping)
    return str(caught.value)


def _pairs(*rows: tuple[object, object, object], columns: str = "who,book,stars") -> list[str]:
    return [columns, *(",".join(map(str, row)) for row in rows)]


PLAIN = ColumnMapping(user="who", item="book", rating="stars", scale=RatingScale(1, 5, 1))


def test_rows_keep_the_files_order_and_of_a_title_rated_twice_the_last_counts(tmp_path: Path) -> None:
    ratings = read_mapped_table(_write(tmp_path / "books.csv"), MAPPING)
    assert ratings.interactions.to_numpy().tolist() == [
        ["bert", "b2", 1.0, 880000100],
        ["anna", "b2", 3.0, 880000200],
        ["anna", "b10", 2.0, 880000900],
        ["carl", "b3", 5.0, 880000400],
    ]
    assert ratings.name == "books"
    assert ratings.users["user_id"].tolist() == ["anna", "bert", "carl"]


def test_features_follow_their_kinds(tmp_path: Path) -> None:
    ratings = read_mapped_table(_write(tmp_path / "books.csv"), MAPPING)
    assert [(feature.name, feature.kind) for feature in ratings.schema.item_features] == [
        ("topics", Kind.MULTI_CATEGORY),
        ("pages", Kind.NUMBER),
        ("form", Kind.CATEGORY),
        ("plot", Kind.TEXT),
    ]
    items = ratings.items
    assert items["item_id"].tolist() == ["b10", "b2", "b3"]
    assert items["topics"].tolist() == [("Love", "War"), (), ("War",)]
    assert items["pages"].tolist()[::2] == [320, 99.5]
    assert math.isnan(items["pages"].iloc[1])
    assert items["form"].tolist() == ["novel", "play", "novel"]
    assert items["plot"].tolist() == ["They meet.", "", ""]


def test_titles_shared_by_several_items_are_told_apart_by_the_id(tmp_path: Path) -> None:
    ratings = read_mapped_table(_write(tmp_path / "books.csv"), MAPPING)
    assert ratings.items["title"].tolist() == ['Kid, The: "A"', "Emma [b2]", "Emma [b3]"]
    assert ratings.aliases == {}


def test_without_a_column_of_titles_the_id_is_the_title(tmp_path: Path) -> None:
    ratings = read_mapped_table(_write(tmp_path / "a.csv", _pairs((1, 10, 3), (1, 9, 4))), PLAIN)
    assert ratings.items.to_numpy().tolist() == [["9", "9"], ["10", "10"]]
    assert not ratings.schema.has_timestamps


def test_ids_are_ordered_as_numbers_only_if_all_of_them_are(tmp_path: Path) -> None:
    rows = _pairs((10, "b", 3), (9, "10", 4), (100, "9", 4))
    ratings = read_mapped_table(_write(tmp_path / "a.csv", rows), PLAIN)
    assert ratings.users["user_id"].tolist() == ["9", "10", "100"]
    assert ratings.items["item_id"].tolist() == ["10", "9", "b"]
    long = "9" * 5_000  # longer than Python makes a number of
    ratings = read_mapped_table(_write(tmp_path / "a.csv", _pairs((long, 1, 3), (7, 1, 4))), PLAIN)
    assert ratings.users["user_id"].tolist() == ["7", long]


@pytest.mark.parametrize(
    ("stars", "expected"),
    [
        ([4.5, 1, 3], (1, 4.5, 0.5)),
        ([1, 10, 4], (1, 10, 3)),
        ([1, 2, 3.5], (1, 3.5, 0.5)),
        ([0, 0.1, 0.3], (0, 0.3, 0.1)),
        ([-2, 2], (-2, 2, 4)),
        ([0, 0.12345678, 1], (0, 1, 1e-6)),
    ],
)
def test_a_scale_that_is_not_given_is_read_off_the_ratings(
    stars: list[float], expected: tuple[float, float, float], tmp_path: Path
) -> None:
    rows = _pairs(*((1, n, value) for n, value in enumerate(stars)))
    ratings = read_mapped_table(_write(tmp_path / "a.csv", rows), PLAIN.model_copy(update={"scale": None}))
    assert (ratings.scale.low, ratings.scale.high, ratings.scale.step) == pytest.approx(expected, abs=1e-12)
    assert ratings.stars.tolist() == pytest.approx(stars)


def test_equal_ratings_show_no_scale(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", _pairs((1, 1, 4), (1, 2, 4)))
    complaint = _complaint(path, PLAIN.model_copy(update={"scale": None}))
    assert (
        "a.csv, column stars: all ratings are 4, which shows no scale; give the scale, or name no column" in complaint
    )
    assert len(read_mapped_table(path, PLAIN)) == 2
    nearly = _write(tmp_path / "a.csv", _pairs((1, 1, 4), (1, 2, 4.00000001)))
    assert "shows no scale" in _complaint(nearly, PLAIN.model_copy(update={"scale": None}))


def test_tabs_and_parquet_read_like_commas(tmp_path: Path) -> None:
    rows = [row.replace('"Kid, The: ""A"""', "Kid") for row in ROWS]
    comma = read_mapped_table(_write(tmp_path / "a.csv", rows), MAPPING)
    assert read_mapped_table(_write(tmp_path / "a.tsv", rows, "\t"), MAPPING).checksum == comma.checksum
    pd.read_csv(tmp_path / "a.csv").to_parquet(tmp_path / "a.parquet")
    assert read_mapped_table(tmp_path / "a.parquet", MAPPING).checksum == comma.checksum


# "1998-04-17T18:58:00Z" in other words.
MOMENT = datetime(1998, 4, 17, 18, 58, tzinfo=UTC)
TIMED = ColumnMapping(user="who", item="book", rating="stars", timestamp="at", scale=RatingScale())


@pytest.mark.parametrize(
    "times",
    [
        ["892839480", " 892839481 "],
        ["892839480.0", "892839481"],
        ["1998-04-17T18:58:00Z", "1998-04-17T18:58:01Z"],
        ["1998-04-17T20:58:00+02:00", "1998-04-17T13:58:01-05:00"],
        ["1998-04-17 18:58", "1998-04-17 18:58:01.75"],
        ["1998-04-17 18:58:00", "1998-04-17T18:58:01Z"],
    ],
)
def test_times_are_seconds_or_iso_date_times(times: list[str], tmp_path: Path) -> None:
    rows = _pairs((1, 1, 3, times[0]), (1, 2, 4, times[1]), columns="who,book,stars,at")
    ratings = read_mapped_table(_write(tmp_path / "a.csv", rows), TIMED)
    assert ratings.timestamps.tolist() == [int(MOMENT.timestamp()), int(MOMENT.timestamp()) + 1]


@pytest.mark.parametrize(
    "times",
    [
        pa.array([892839480, 892839481]),
        pa.array([892839480.0, 892839481.0]),
        pa.array([MOMENT, MOMENT + timedelta(seconds=1, milliseconds=700)], pa.timestamp("ns", "UTC")),
        pa.array([MOMENT.astimezone(timezone(timedelta(hours=2)))] * 2, pa.timestamp("us", "+02:00")),
        pa.array([datetime(1998, 4, 17, 18, 58), datetime(1998, 4, 17, 18, 58, 1)], pa.timestamp("ms")),
        pa.array(["1998-04-17T18:58:00Z", "1998-04-17T18:58:01Z"]).dictionary_encode(),
    ],
)
def test_parquet_keeps_times_of_any_type(times: pa.Array, tmp_path: Path) -> None:
    pq.write_table(pa.table({"who": [1, 1], "book": [1, 2], "stars": [3, 4], "at": times}), tmp_path / "a.parquet")
    found = read_mapped_table(tmp_path / "a.parquet", TIMED).timestamps
    assert found[0] == int(MOMENT.timestamp())
    assert found[1] - found[0] in (0, 1)
    assert found.dtype == np.int64


def test_a_parquet_date_is_its_first_second(tmp_path: Path) -> None:
    days = pa.array([date(1998, 4, 17), date(1998, 4, 18)])
    pq.write_table(pa.table({"who": [1, 1], "book": [1, 2], "stars": [3, 4], "at": days}), tmp_path / "a.parquet")
    assert read_mapped_table(tmp_path / "a.parquet", TIMED).timestamps.tolist() == [892771200, 892857600]


def test_parquet_ids_that_became_floats_are_whole_again(tmp_path: Path) -> None:
    table = pa.table({"who": [7.0, 8.0], "book": pa.array(["x", "y"]).dictionary_encode(), "stars": [3, 4]})
    pq.write_table(table, tmp_path / "a.parquet")
    assert read_mapped_table(tmp_path / "a.parquet", PLAIN).interactions["user_id"].tolist() == ["7", "8"]


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("stars", [7, 4], "a.parquet, row 1, column stars: 7 is outside 1-5"),
        ("stars", [[3], [4]], "a.parquet, row 1, column stars: '[3]' is not a"),
        ("stars", ["one", "2"], "a.parquet, row 1, column stars: one is not a"),
        ("at", [892839480, 8928394], "row 2, column at: 8928394 is not a time between 1990 and tomorrow"),
    ],
)
def test_wrong_parquet_values_are_named(column: str, values: list[object], expected: str, tmp_path: Path) -> None:
    table = {"who": [1, 1], "book": [1, 2], "stars": [3, 4], "at": [892839480, 892839481], column: values}
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    assert expected in _complaint(tmp_path / "a.parquet", TIMED)


def test_a_parquet_file_that_is_none_or_lacks_a_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1, perhaps")
    assert "a.parquet is not a parquet file, or a damaged one" in _complaint(tmp_path / "a.parquet", PLAIN)
    pq.write_table(pa.table({"who": [1], "stars": [3]}), tmp_path / "a.parquet")
    assert _complaint(tmp_path / "a.parquet", PLAIN) == (
        "a.parquet: there is no column 'book'; the file has who, stars."
    )
    pq.write_table(pa.table({"who": pa.array([], pa.int64()), "book": [], "stars": []}), tmp_path / "a.parquet")
    assert "a.parquet holds no rows" in _complaint(tmp_path / "a.parquet", PLAIN)


# What can be wrong with one row, row 4 of which is "880000200,anna,b2,Emma,3,,,play,,2".
WRONG_ROWS = {
    "880000200,anna,b2,Emma,good,,,play,,2": "row 4, column stars: good is not a number",
    "soon,anna,b2,Emma,3,,,play,,2": "row 4, column at: soon is neither seconds since 1970 nor a date",
    "8800002,anna,b2,Emma,3,,,play,,2": "row 4, column at: 8800002 is not a time between 1990 and tomorrow",
    "880000200,anna,b2,Emma II,3,,,play,,2": "row 4, column name: 'Emma II' contradicts 'Emma' of row 3 for the same "
    "book; give each item one value, or leave the column out.",
    "880000200,anna,b2,Emma,3,,,novel,,2": "row 4, column form: novel contradicts 'play' of row 3 for the same book",
    "880000200,anna,b7,Emma,3,,many,play,,2": "row 4, column pages: many is not a number; mend it, or leave it empty",
    "880000200,anna,b2,Emma,3": "row 4: 5 columns where 10 are expected",
    '880000200,anna,b2,"Emma,3,,,play,,2': "row 4: a double quote is opened and not closed",
}


@pytest.mark.parametrize("row", WRONG_ROWS)
def test_a_wrong_row_is_named_with_the_way_out(row: str, tmp_path: Path) -> None:
    complaint = _complaint(_write(tmp_path / "books.csv", [*ROWS[:3], row, *ROWS[4:]]))
    assert complaint.startswith("books.csv, row 4")
    assert WRONG_ROWS[row] in complaint


LACKING = {
    "880000200,,b2,Emma,3,,,play,,2": "1 with no viewer (who)",
    r"880000200,\N,b2,Emma,3,,,play,,2": "1 with no viewer (who)",
    "880000200,anna, ,Emma,3,,,play,,2": "1 with no title (book)",
    "880000200,anna,NULL,Emma,3,,,play,,2": "1 with no title (book)",
    "880000200,anna,b2,Emma,,,,play,,2": "1 with no rating (stars)",
    ",anna,b2,Emma,3,,,play,,2": "1 with no time (at)",
    "nan,anna,b2,Emma,3,,,play,,2": "1 with no time (at)",
    "0,anna,b2,Emma,3,,,play,,2": "1 with no time (at)",
}


@pytest.mark.parametrize("row", LACKING)
def test_a_row_that_lacks_something_is_left_out_and_counted(row: str, tmp_path: Path) -> None:
    ratings = read_mapped_table(_write(tmp_path / "books.csv", [*ROWS[:3], row, *ROWS[4:]]), MAPPING)
    assert len(ratings) == 3  # and one of a title rated twice
    assert f"Left out: 1 of 5 rows, {LACKING[row]}." in ratings.how_read


def test_what_parquet_lacks_is_left_out_too(tmp_path: Path) -> None:
    table = {
        "who": [1, 1, None, 1],
        "book": [1, 2, 3, 4],
        "stars": [3.0, 4.0, 2.0, None],
        "at": [892839480, None, 1, 1],
    }
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    ratings = read_mapped_table(tmp_path / "a.parquet", TIMED)
    assert ratings.interactions["item_id"].tolist() == ["1"]
    assert ratings.how_read == (
        "Left out: 3 of 4 rows, 1 with no viewer (who), 1 with no rating (stars), 1 with no time (at).",
    )


def test_a_table_of_which_nothing_is_left_is_refused(tmp_path: Path) -> None:
    assert _complaint(_write(tmp_path / "a.csv", _pairs(("", 1, 3), (1, 2, ""))), PLAIN) == (
        "a.csv: of its 2 rows nothing is left: 1 with no viewer (who), 1 with no rating (stars)."
    )


def test_an_item_without_a_title_is_called_as_its_id_and_one_that_has_it_in_some_row_as_there(tmp_path: Path) -> None:
    rows = ["who,book,stars,name,form", "1,b1,3,,NULL", "2,b1,4,Emma,novel", "1,b2,3,NULL,", "2,b3,5,Ran,"]
    mapping = ColumnMapping(
        user="who", item="book", rating="stars", title="name", features=parse_features("form:category")
    )
    ratings = read_mapped_table(_write(tmp_path / "a.csv", rows), mapping)
    assert ratings.items["title"].tolist() == ["Emma", "b2", "Ran"]
    assert ratings.items["form"].tolist() == ["novel", "", ""]
    assert ratings.how_read == ("Without a title, and shown by their id: 1 of 3.",)


AGAIN = _pairs((1, 1, 5, 200), (1, 1, 2, 100), (2, 1, 3, 100), columns="who,book,stars,at")
AGAIN = [row.replace(",100", ",880000100").replace(",200", ",880000200") for row in AGAIN]


@pytest.mark.parametrize(
    ("repeats", "stars", "moments"),
    [
        ("last", [5, 3], [200, 100]),
        ("first", [2, 3], [100, 100]),
        ("mean", [3.5, 3], [200, 100]),
        ("each", [5, 2, 3], [200, 100, 100]),
        (None, [5, 3], [200, 100]),
    ],
)
def test_of_what_is_rated_again_the_mapping_says_what_counts(
    repeats: str | None, stars: list[float], moments: list[int], tmp_path: Path
) -> None:
    path = _write(tmp_path / "a.csv", AGAIN)
    ratings = read_mapped_table(
        path, ColumnMapping.checked(user="who", item="book", rating="stars", timestamp="at", repeats=repeats)
    )
    assert ratings.stars.tolist() == stars
    assert (ratings.timestamps - 880_000_000).tolist() == moments
    said = {"mean": "their mean counts", "first": "the first one counts"}.get(str(repeats), "the last one counts")
    expected = f"1 row repeats a viewer and title of another row: {said}."
    assert ratings.how_read == (() if repeats == "each" else (expected,))


def test_without_times_the_file_says_which_rating_is_the_last(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", _pairs((1, 1, 3), (2, 1, 3), (1, 1, 4)))
    assert read_mapped_table(path, PLAIN).stars.tolist() == [3, 4]
    assert read_mapped_table(path, PLAIN.model_copy(update={"repeats": "first"})).stars.tolist() == [3, 3]


def test_without_ratings_a_row_says_that_a_title_was_taken(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", AGAIN)
    plays = read_mapped_table(path, ColumnMapping(user="who", item="book", timestamp="at"))
    assert not plays.schema.has_ratings
    assert len(plays) == 3  # each at its time
    assert len(read_mapped_table(path, ColumnMapping(user="who", item="book"))) == 2
    assert plays.checksum != read_mapped_table(path, TIMED.model_copy(update={"repeats": "each"})).checksum


def test_a_given_scale_is_kept_to(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", _pairs((1, 1, 3), (1, 2, 4.5)))
    assert "row 3, column stars: 4.5 is not on the scale 1-5 in steps of 1" in _complaint(path, PLAIN)


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    assert _complaint(_write(tmp_path / "a.csv", _pairs((1, 1, 3), columns="user,book,stars")), PLAIN) == (
        "a.csv, row 1: there is no column 'who'; the header names user, book, stars."
    )


def test_files_that_are_missing_empty_or_no_tables_are_named(tmp_path: Path) -> None:
    assert "b.csv: no such file" in _complaint(tmp_path / "b.csv", PLAIN)
    (tmp_path / "a.csv").write_bytes(b"")
    assert "a.csv is empty; it should begin with a header" in _complaint(tmp_path / "a.csv", PLAIN)
    (tmp_path / "d.csv").mkdir()
    assert "d.csv: there is no table" in _complaint(tmp_path / "d.csv", PLAIN)
    (tmp_path / "e.csv").write_bytes("who,book,stars\n1,Café,3\n2,Łódź,4\n".encode() + b"3,\xff,3\n")
    assert "e.csv, row 4: the text is not encoded as UTF-8" in _complaint(tmp_path / "e.csv", PLAIN)


PLAIN_SHOWN = ColumnMapping(user="who", item="book", rating="stars")


def test_rows_whose_rating_means_not_rated_are_left_out(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "t.csv", _pairs(("a", "x", 0), ("a", "y", "7"), ("b", "x", "0.0"), ("b", "y", 3), ("c", "x", 99))
    )
    found = read_mapped_table(path, PLAIN_SHOWN.model_copy(update={"missing": (0.0, 99.0)}))
    assert found.stars.tolist() == [7.0, 3.0]
    assert found.users["user_id"].tolist() == ["a", "b"]
    assert (found.scale.low, found.scale.high) == (3.0, 7.0)
    assert (
        len(read_mapped_table(path, PLAIN.model_copy(update={"missing": (0, 99), "scale": RatingScale(1, 10, 1)}))) == 2
    )
    assert "nothing is left" in _complaint(path, PLAIN_SHOWN.model_copy(update={"missing": (0, 3, 7, 99)}))


@pytest.mark.parametrize("far", ["45", "-40", "1e300"])
def test_rating_that_would_decide_the_scale_by_itself_is_refused_unless_it_is_given(far: str, tmp_path: Path) -> None:
    rows = [(f"u{row}", f"i{row % 7}", 1 + row % 5) for row in range(40)]
    path = _write(tmp_path / "t.csv", _pairs(*rows, ("last", "i1", far)))
    complaint = _complaint(path, PLAIN_SHOWN)
    assert "row 42" in complaint
    assert ("is no rating of any scale" if far == "1e300" else "lies far from all other ratings") in complaint
    assert far == "1e300" or "give the scale" in complaint
    if far == "45":
        assert len(read_mapped_table(path, PLAIN_SHOWN.model_copy(update={"scale": RatingScale(1, 45, 1)}))) == 41


def test_columns_of_hours_and_of_times_are_no_ratings(tmp_path: Path) -> None:
    hours = [(f"u{row}", f"i{row % 7}", round(1.1**row, 1)) for row in range(100)]
    assert "that is a count or a time" in _complaint(_write(tmp_path / "h.csv", _pairs(*hours)), PLAIN_SHOWN)
    times = [(f"u{row}", f"i{row % 7}", 978_300_000 + row) for row in range(100)]
    assert "are times, no ratings" in _complaint(_write(tmp_path / "t.csv", _pairs(*times)), PLAIN_SHOWN)


@pytest.mark.parametrize("stars", [(1, 2, 5), (0, 1), (1, 10), (0.5, 5), tuple(range(0, 101, 1))])
def test_scales_that_people_have_are_taken_as_they_are(stars: tuple[float, ...], tmp_path: Path) -> None:
    rows = [(f"u{row}", f"i{row}", star) for row, star in enumerate(stars)]
    found = read_mapped_table(_write(tmp_path / "t.csv", _pairs(*rows)), PLAIN_SHOWN)
    assert (found.scale.low, found.scale.high) == (min(stars), max(stars))
