import math
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tiny_layout import Layout

from recommender.data import Ratings, read_ml100k
from recommender.data.publishers.ml100k import read_ml100k_interactions, read_ml100k_split
from recommender.errors import DataError


def _zip(path: Path, layout: Layout, folder: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in layout.content().items():
            archive.writestr(folder + name, content)
    return path


def _complaint(layout: Layout, folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_ml100k(layout.write(folder))
    return str(caught.value)


def test_interactions_keep_the_files_order_and_all_rows(tiny: Ratings) -> None:
    assert tiny.interactions["user_id"].tolist() == ["3", "1", "1", "1", "2", "2", "10", "10", "3", "1"]
    assert tiny.interactions["rating"].tolist() == [4, 5, 3, 2, 1, 4, 3, 2, 5, 4]
    assert tiny.interactions["timestamp"].tolist()[:3] == [880000500, 880000100, 880000200]
    assert tiny.interactions["timestamp"].dtype == np.int64
    assert tiny.interactions["rating"].dtype == np.float64


def test_the_lowest_id_of_a_title_stands_for_all_of_them(tiny: Ratings) -> None:
    assert tiny.interactions["item_id"].tolist() == ["3", "1", "3", "3", "10", "2", "5", "4", "1", "2"]
    assert tiny.items["item_id"].tolist() == ["1", "2", "3", "4", "5", "10"]
    assert tiny.items["title"].tolist().count("Twice Told (1997)") == 1
    assert tiny.aliases == {"9": "3"}


def test_the_lowest_id_is_the_lowest_number_wherever_it_stands(layout: Layout, tmp_path: Path) -> None:
    layout.item = [row.replace("3|Twice", "100|Twice") for row in reversed(layout.item)]
    layout.data = [row.replace("1\t3\t3", "1\t100\t3") for row in layout.data]
    ratings = read_ml100k(layout.write(tmp_path))
    assert ratings.items["item_id"].tolist() == ["1", "2", "4", "5", "9", "10"]
    assert ratings.aliases == {"100": "9"}


def test_item_features_are_genres_in_the_files_order_and_the_year(tiny: Ratings) -> None:
    assert tiny.items["genres"].tolist() == [
        ("Action", "Comedy"),
        ("Drama",),
        ("Action",),
        ("Drama",),
        ("unknown",),
        ("Comedy",),
    ]
    years = tiny.items["year"].tolist()
    assert years[:4] == [1995, 1961, 1997, 1983]  # of the title, and where it has none, of the release
    assert math.isnan(years[4])
    assert years[5] == 1994


def test_latin_1_titles_are_read_as_such_and_trimmed(layout: Layout, tmp_path: Path) -> None:
    layout.item[0] = layout.item[0].replace("(1995)", "(1995) ")
    titles = read_ml100k(layout.write(tmp_path)).items["title"].tolist()
    assert titles[:2] == ["Harbour Lights (1995)", "Café 1999 (1961)"]


def test_users_are_in_the_order_of_their_numbers_without_zip_codes(tiny: Ratings) -> None:
    assert tiny.users.columns.tolist() == ["user_id", "age", "gender", "occupation"]
    assert tiny.users.to_numpy().tolist() == [
        ["1", 24.0, "M", "technician"],
        ["2", 53.0, "F", "other"],
        ["3", 23.0, "M", "writer"],
        ["10", 7.0, "F", "student"],
    ]


@pytest.mark.parametrize("folder", ["", "ml-100k/", "copy/of/ml-100k/"])
def test_an_archive_reads_like_the_folder(folder: str, layout: Layout, tiny: Ratings, tmp_path: Path) -> None:
    assert read_ml100k(_zip(tmp_path / "a.zip", layout, folder)).checksum == tiny.checksum


def test_the_folder_above_reads_like_the_folder(tiny_ml100k_folder: Path, tiny: Ratings) -> None:
    assert read_ml100k(tiny_ml100k_folder.parent).checksum == tiny.checksum


def test_windows_line_ends_read_like_the_publishers(layout: Layout, tiny: Ratings, tmp_path: Path) -> None:
    for name, content in layout.content().items():
        (tmp_path / name).write_bytes(content.replace(b"\n", b"\r\n"))
    assert read_ml100k(tmp_path).checksum == tiny.checksum


def test_checksum_follows_content_and_order(layout: Layout, tiny: Ratings, tmp_path: Path) -> None:
    layout.data[0], layout.data[1] = layout.data[1], layout.data[0]
    swapped = read_ml100k(layout.write(tmp_path / "swapped"))
    layout.item[0] = layout.item[0].replace("|0|1|1|0", "|0|1|0|1")
    changed = read_ml100k(layout.write(tmp_path / "changed"))
    assert len({tiny.checksum, swapped.checksum, changed.checksum}) == 3


# What can be wrong with one row of u.data, row 3 of which is "1 3 3 880000200".
WRONG_ROWS = {
    "1\t3\t11.0\t880000200": "u.data, row 3, column rating: 11.0 is outside 1-5; "
    "set the rating scale or remove the row.",
    "1\t3\t0\t880000200": "u.data, row 3, column rating: 0 is outside 1-5",
    "1\t3\t3.5\t880000200": "u.data, row 3, column rating: 3.5 is not on the scale 1-5 in steps of 1",
    "1\t3\tgood\t880000200": "u.data, row 3, column rating: good is not a number",
    "1\t3\t\t880000200": "u.data, row 3, column rating: '' is not a number",
    "1\t3\tnan\t880000200": "u.data, row 3, column rating: nan is not a number",
    "1\t3\tinf\t880000200": "u.data, row 3, column rating: inf is not a number",
    "1\t3\t3\tyesterday": "u.data, row 3, column timestamp: yesterday is not a whole number",
    "1\t3\t3\t880000200.5": "u.data, row 3, column timestamp: 880000200.5 is not a whole number",
    "1\t3\t3\t-880000200": "u.data, row 3, column timestamp: -880000200 is not a time between 1990 and tomorrow",
    "1\t3\t3\t600000000": "u.data, row 3, column timestamp: 600000000 is not a time between 1990 and tomorrow",
    "1\t3\t3\t880000200123": "it looks like milliseconds: divide the column by 1,000.",
    "1\t3\t3": "u.data, row 3: 3 columns where 4 are expected (user_id, item_id, rating, timestamp)",
    "1\t3\t3\t880000200\t0": "u.data, row 3: 5 columns where 4 are expected",
    "1\t77\t3\t880000200": "u.data, row 3, column item_id: 77 is not in u.item; add it there or remove the row.",
    "42\t3\t3\t880000200": "u.data, row 3, column user_id: 42 is not in u.user; add it there or remove the row.",
    "3\t9\t1\t880000500": "u.data, row 3: user_id 3, item_id 9, timestamp 880000500 repeats row 1; remove one of them.",
}


@pytest.mark.parametrize("row", WRONG_ROWS)
def test_a_wrong_row_is_named_with_the_way_out(row: str, layout: Layout, tmp_path: Path) -> None:
    layout.data[2] = row
    assert WRONG_ROWS[row] in _complaint(layout, tmp_path)


def test_the_first_of_several_wrong_rows_is_named(layout: Layout, tmp_path: Path) -> None:
    layout.data[7] = layout.data[4] = "1\t3"
    assert "u.data, row 5: 2 columns" in _complaint(layout, tmp_path)


def test_a_rating_of_tomorrow_is_absurd_and_one_of_now_is_not(layout: Layout, tmp_path: Path) -> None:
    layout.data[2] = f"1\t3\t3\t{int(time.time()) + 3600}"
    assert len(read_ml100k(layout.write(tmp_path))) == 10
    layout.data[2] = f"1\t3\t3\t{int(time.time()) + 2 * 86_400}"
    assert "row 3, column timestamp" in _complaint(layout, tmp_path)


def test_two_entries_of_one_film_in_the_same_second_are_no_repetition(tiny: Ratings) -> None:
    both = tiny.interactions[tiny.interactions["timestamp"] == 880000200]
    assert both["item_id"].tolist() == ["3", "3"]


def test_a_header_is_called_a_header(layout: Layout, tmp_path: Path) -> None:
    layout.data.insert(0, "user_id\titem_id\trating\ttimestamp")
    complaint = _complaint(layout, tmp_path)
    assert "u.data, row 1, column rating: rating is not a number" in complaint
    assert "if the first row is a header, remove it." in complaint


@pytest.mark.parametrize("row", [0, 4])
def test_a_blank_line_is_passed_over_and_rows_below_keep_their_numbers(
    row: int, layout: Layout, tmp_path: Path
) -> None:
    layout.data.insert(row, "")
    assert len(read_ml100k(layout.write(tmp_path / "whole"))) == 10
    layout.data[7] = "1\t3"
    assert "u.data, row 8: 2 columns" in _complaint(layout, tmp_path)


@pytest.mark.parametrize(
    ("kind", "row", "text", "expected"),
    [
        ("item", 0, "1|Harbour Lights (1995)|01-Jan-1995", "u.item, row 1: 3 columns where 9 are expected"),
        ("item", 1, "2|A||||0|2|0|0", "u.item, row 2, column Action: 2 is neither 0 nor 1"),
        ("item", 1, "1|A||||0|0|0|1", "u.item, row 2: item_id 1 repeats row 1"),
        ("item", 1, "x7|A||||0|0|0|1", "u.item, row 2, column item_id: x7 is not a whole number"),
        ("item", 1, "2| ||||0|0|0|1", "u.item, row 2, column title: ' ' is no title"),
        ("user", 3, "3|old|M|writer|1", "u.user, row 4, column age: old is not a number"),
        ("user", 3, "3|-4|M|writer|1", "u.user, row 4, column age: -4 is not an age in years"),
        ("user", 3, "2|23|M|writer|1", "u.user, row 4: user_id 2 repeats row 1"),
        ("genre", 2, "Comedy|7", "u.genre, row 3, column index: 7 is out of order"),
        ("genre", 2, "Action|2", "u.genre, row 3: genre Action repeats row 2"),
    ],
)
def test_the_other_files_are_checked_as_well(
    kind: str, row: int, text: str, expected: str, layout: Layout, tmp_path: Path
) -> None:
    getattr(layout, kind)[row] = text
    assert expected in _complaint(layout, tmp_path)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_files_that_were_saved_in_another_encoding_are_the_same(encoding: str, layout: Layout, tmp_path: Path) -> None:
    folder = layout.write(tmp_path)
    expected = read_ml100k(folder).checksum
    (folder / "u.item").write_bytes("\n".join(layout.item).encode(encoding))
    assert read_ml100k(folder).checksum == expected


@pytest.mark.parametrize("name", ["u.data", "u.item", "u.user", "u.genre"])
@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_file_is_named(name: str, content: bytes, tiny_ml100k_folder: Path) -> None:
    (tiny_ml100k_folder / name).write_bytes(content)
    with pytest.raises(DataError, match=rf"^{name} is empty; it should hold the columns"):
        read_ml100k(tiny_ml100k_folder)


def test_missing_files_are_named(tiny_ml100k_folder: Path) -> None:
    (tiny_ml100k_folder / "u.user").unlink()
    (tiny_ml100k_folder / "u.genre").unlink()
    with pytest.raises(
        DataError, match=r"lacks u\.user and u\.genre; it should hold u\.data, u\.item, u\.user and u\.genre"
    ):
        read_ml100k(tiny_ml100k_folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere: no such folder or archive"):
        read_ml100k(tmp_path / "nowhere")


def test_an_archive_that_lacks_a_file_says_which(layout: Layout, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("u.data", "u.item", "u.genre"):
            archive.writestr(f"ml-100k/{name}", layout.content()[name])
        archive.writestr("elsewhere/u.user", layout.content()["u.user"])
    with pytest.raises(DataError, match=r"a\.zip lacks u\.user;"):
        read_ml100k(path)


def test_a_truncated_archive_is_called_one(layout: Layout, tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", layout)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"not a zip archive, or a truncated or damaged one .*; download it again"):
        read_ml100k(path)


def test_a_damaged_archive_is_called_one(layout: Layout, tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", layout)
    content = bytearray(path.read_bytes())
    content[60:80] = bytes(20)  # within the compressed u.data
    path.write_bytes(content)
    with pytest.raises(DataError, match="truncated or damaged"):
        read_ml100k(path)


def test_one_more_file_is_read_against_the_catalogue(tiny: Ratings, tmp_path: Path) -> None:
    (tmp_path / "u1.base").write_text("2\t9\t5\t880000900\n1\t1\t1\t880000901\n")
    more = read_ml100k_interactions(tmp_path / "u1.base", tiny)
    assert more.interactions.to_numpy().tolist() == [["2", "3", 5.0, 880000900], ["1", "1", 1.0, 880000901]]
    assert more.items is tiny.items
    assert more.aliases == tiny.aliases


def test_one_more_file_with_an_unknown_title_is_refused(tiny: Ratings, tmp_path: Path) -> None:
    (tmp_path / "u1.base").write_text("2\t9\t5\t880000900\n1\t99\t1\t880000901\n")
    with pytest.raises(DataError, match=r"u1\.base, row 2, column item_id: 99 is not in u\.item"):
        read_ml100k_interactions(tmp_path / "u1.base", tiny)


def test_one_more_file_that_is_missing_is_named(tiny: Ratings, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"u1\.base: no such file"):
        read_ml100k_interactions(tmp_path / "u1.base", tiny)
    with pytest.raises(DataError, match="is a folder"):
        read_ml100k_interactions(tmp_path, tiny)


def test_train_and_test_files_may_not_share_a_row(tiny: Ratings, tmp_path: Path) -> None:
    (tmp_path / "u1.base").write_text("2\t9\t5\t880000900\n1\t1\t1\t880000901\n")
    (tmp_path / "u1.test").write_text("1\t2\t5\t880000902\n1\t1\t4\t880000901\n")
    expected = (
        r"u1\.test, row 2: user_id 1, item_id 1, timestamp 880000901 is also in u1\.base, row 2; "
        "remove it from one of the two files"
    )
    with pytest.raises(DataError, match=expected):
        read_ml100k_split(tmp_path / "u1.base", tmp_path / "u1.test", tiny)


def test_two_entries_of_one_film_may_stand_on_both_sides(tiny: Ratings, tmp_path: Path) -> None:
    (tmp_path / "u1.base").write_text("1\t3\t3\t880000200\n")
    (tmp_path / "u1.test").write_text("1\t9\t2\t880000200\n")
    train, test = read_ml100k_split(tmp_path / "u1.base", tmp_path / "u1.test", tiny)
    assert train.interactions["item_id"].tolist() == test.interactions["item_id"].tolist() == ["3"]
