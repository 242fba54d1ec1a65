"""Cells as people write them: stars, times, ids, categories."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from recommender.data.own_table.written_categories import split_categories
from recommender.data.own_table.written_ids import read_ids
from recommender.data.own_table.written_stars import read_stars
from recommender.data.own_table.written_times import AmbiguousDatesError, read_times
from recommender.data.tables.file_table import FileTable
from recommender.errors import DataError


def table_of(values):
    return FileTable("t.csv", {"c": pa.array(values, pa.large_string() if isinstance(values[0], str) else None)}, 2)


@pytest.mark.parametrize(
    ("texts", "stars", "levels"),
    [
        (["4", "3.5", " 1 "], [4, 3.5, 1], ()),
        (["4/5", "3.5/5", "1 / 5"], [4, 3.5, 1], (1, 2, 5)),
        (["8/10", "4/5", "10/10"], [8, 8, 10], (1, 2, 10)),
        (["4 out of 5", "4,5/5 stars"], [4, 4.5], (1, 2, 5)),
        (["87/100", "9/10"], [87, 90], (0, 100)),
        (["80%", "95 %", "7.5%"], [80, 95, 7.5], (0, 100)),
        (["★★★½", "★", "★★★★★"], [3.5, 1, 5], (1, 2, 5)),
        (["★★★☆☆", "☆☆☆☆☆"], [3, 0], (1, 2, 5)),
        (["⭐️⭐️", "⭐️⭐️⭐️"], [2, 3], (1, 2, 5)),
        (["*****", "***"], [5, 3], (1, 2, 5)),
        (["★★★★★★★", "★"], [7, 1], (1, 2, 10)),
        (["4.5 stars", "1 star", "3★"], [4.5, 1, 3], (1, 2, 5)),
        (["True", "false"], [1, 0], (0, 1)),
        (["yes", "No", "YES"], [1, 0, 1], (0, 1)),
        (["like", "dislike"], [1, 0], (0, 1)),
        (["Thumbs up", "thumbs down"], [1, 0], (0, 1)),
        (["👍", "👎"], [1, 0], (0, 1)),
        (["ja", "nein"], [1, 0], (0, 1)),
    ],
)
def test_ratings_are_read_as_what_they_are(texts, stars, levels):
    written = read_stars(table_of(texts), "c")
    assert written.stars.tolist() == stars
    assert written.levels == levels
    assert (written.fact("c", "1-5") != "") == bool(levels)


def test_thumbs_with_a_type_are_thumbs():
    written = read_stars(table_of([True, False]), "c")
    assert (written.stars.tolist(), written.is_thumb) == ([1, 0], True)


def test_how_most_rows_are_written_decides_and_others_are_not_guessed():
    written = read_stars(table_of(["4/5", "3", "5/5", ""]), "c")
    assert np.isnan(written.stars).tolist() == [False, True, False, True]
    assert written.complaint.startswith("is not written as the other ratings are, such as 4/5")
    assert read_stars(table_of(["4", "3", "5/5"]), "c").complaint.startswith("is not a number")
    assert len(read_stars(table_of(["*" * 9_000, "3"]), "c").fact("c", "1-9000")) < 200


MOMENT = int(datetime(2019, 12, 31, 10, tzinfo=UTC).timestamp())
DAY = MOMENT - 36_000


@pytest.mark.parametrize(
    ("texts", "seconds"),
    [
        ([f"{MOMENT}", f"{MOMENT}.75"], [MOMENT, MOMENT]),
        ([f"{MOMENT}123", f"{MOMENT + 1}000"], [MOMENT, MOMENT + 1]),
        ([f"{MOMENT}123456"], [MOMENT]),
        ([f"{MOMENT}123456789"], [MOMENT]),
        ([MOMENT * 1_000], [MOMENT]),
        ([MOMENT + 0.5], [MOMENT]),
        (["2019-12-31 10:00:00 UTC", "2019-12-31T10:00:00Z"], [MOMENT, MOMENT]),
        (["2019-12-31 12:00:00+02:00", "2019-12-31 10:00:00 +0000", "2019-12-31 10:00"], [MOMENT] * 3),
        (["2019/12/31", "20191231"], [DAY, DAY]),
        (["20191231", "20191231"], [DAY, DAY]),
        (["31.12.2019", "31.12.19", "31.12.2019 10:00"], [DAY, DAY, MOMENT]),
        (["31/12/2019", "31/12/2019 10:00:00"], [DAY, MOMENT]),
        (["12/31/2019", "12/31/2019 10:00 AM"], [DAY, MOMENT]),
        (["31-12-2019", "2019-12-31"], [DAY, DAY]),
        (["1.2.99", "1.12.02"], [917827200, 1038700800]),
        (["31 Dec 2019", "December 31, 2019", "Tue, 31 Dec 2019 10:00:00 GMT"], [DAY, DAY, MOMENT]),
    ],
)
def test_times_are_read_as_what_they_are(texts, seconds):
    assert read_times(table_of(texts), "c").seconds.tolist() == seconds


def test_dates_that_may_be_read_in_two_ways_are_asked_about():
    texts = ["01/02/2020", "11/12/2020"]
    with pytest.raises(AmbiguousDatesError, match=r"dates such as 01/02/2020 .* --day-first or --month-first"):
        read_times(table_of(texts), "c")
    february, january = (read_times(table_of(texts), "c", first).seconds[0] for first in (True, False))
    assert february == datetime(2020, 2, 1, tzinfo=UTC).timestamp()
    assert january == datetime(2020, 1, 2, tzinfo=UTC).timestamp()
    assert read_times(table_of(["01.02.2020", "11.12.2020"]), "c").seconds[0] == february  # where dots stand in them


@pytest.mark.parametrize(
    ("texts", "row"),
    [
        (["31/12/2019", "12/31/2019", "30/12/2019"], 3),
        (["31.12.2019", "31.02.2019"], 3),
        (["2019-12-31", "9999-99-31"], 3),
    ],
)
def test_date_that_is_none_is_named(texts, row):
    with pytest.raises(DataError, match=f"row {row}, column c: .* is neither seconds since 1970 nor a date such as"):
        read_times(table_of(texts), "c")


def test_how_times_were_read_is_said():
    assert read_times(table_of([f"{MOMENT}000"]), "c").fact == "Column c: milliseconds since 1970 were read as times."
    assert read_times(table_of(["31/12/2019"]), "c").fact == (
        "Column c: dates such as 31/12/2019 were read with the day first."
    )
    assert read_times(table_of(["2019-12-31"]), "c").fact == ""


@pytest.mark.parametrize(
    ("texts", "ids", "fact"),
    [
        (["1", "1.0", " 1", "01", "2"], ["1", "1", "1", "1", "2"], "holds numbers: 1, 1.0, ' 1' and 01 are the same."),
        (
            ["1", "1.0", " 1", "01", " x "],
            ["1", "1.0", " 1", "01", "x"],
            "holds text: 1, 1.0, ' 1' and 01 are not the same.",
        ),
        ([" anna", " bob", " anna"], ["anna", "bob", "anna"], ""),  # behind each comma
        (["7.0", "8.0"], ["7", "8"], ""),
        (["0155061224", "0446520802"], ["0155061224", "0446520802"], ""),
        (["0155061224", "034545104X"], ["0155061224", "034545104X"], ""),
        ([" 1", "1", " 2"], ["1", "1", "2"], "holds numbers: ' 1' and 1 are the same."),
        (["-1", "-01", "0", "00"], ["-1", "-1", "0", "0"], "holds numbers: -1 and -01 are the same."),
    ],
)
def test_ids_are_numbers_if_all_of_them_are_and_else_text(texts, ids, fact):
    found = read_ids(table_of(texts), "c")
    assert [found.ids[code] for code in found.codes] == ids
    assert found.fact == (f"Column c {fact}" if fact else "")


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("Action|Sci-Fi|Action", ("Action", "Sci-Fi")),
        ("", ()),
        ("NULL", ()),
        ("[]", ()),
        ("['Action', 'Sci-Fi']", ("Action", "Sci-Fi")),
        ('["Action", "Sci-Fi", null]', ("Action", "Sci-Fi")),
        ('[{"id": 28, "name": "Action"}, {"id": 878, "name": "Sci-Fi"}]', ("Action", "Sci-Fi")),
        ("[{'id': 28, 'name': \"Children's\"}]", ("Children's",)),
        ("{'b', 'a'}", ("a", "b")),
        ("['Action' 'Sci-Fi']", ("Action", "Sci-Fi")),
        ("[Action, Sci-Fi]", ("Action", "Sci-Fi")),
        ("[" * 5_000 + "]" * 5_000, ("[" * 4_999 + "]" * 4_999,)),
        ("(no genres listed)", ("(no genres listed)",)),
    ],
)
def test_categories_are_found_in_lists_of_every_writing(text, categories):
    assert split_categories(text, "|") == categories
