import math
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from recommender.data.publishers.movielens import read_movielens_csv, read_movielens_dat
from recommender.errors import DataError


def _write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def _text(rows: list[str]) -> str:
    return "".join(f"{row}\n" for row in rows)


@dataclass
class CsvEdition:
    """2 and 30 are one title; 4 is a series, 5 has neither year nor genres."""

    movies: list[str] = field(
        default_factory=lambda: [
            "movieId,title,genres",
            "30,Twice Told (1997),Action",
            "1,Harbour Lights (1995),Action|Comedy",
            "2,Twice Told (1997),Action|Drama",
            '3,"Kid, The: ""Café"" (1921)",Comedy',
            "4,Fawn (2006–2007),Drama",
            "5,Nowhere,(no genres listed)",
        ]
    )
    ratings: list[str] = field(
        default_factory=lambda: [
            "userId,movieId,rating,timestamp",
            "10,30,4.5,1260759144",
            "2,1,0.5,1260759179",
            "2,2,5.0,1260759182",
            "2,30,3.0,1260759182",
            "10,3,2.5,1260759185",
        ]
    )

    def files(self) -> dict[str, bytes]:
        return {"movies.csv": _text(self.movies).encode(), "ratings.csv": _text(self.ratings).encode()}

    def write(self, folder: Path) -> Path:
        return _write(folder, self.files())

    def complaint(self, folder: Path) -> str:
        with pytest.raises(DataError) as caught:
            read_movielens_csv(self.write(folder))
        return str(caught.value)


@dataclass
class FirstEdition:
    """The layout of MovieLens 1M, whose movies.dat is in latin-1."""

    movies: list[str] = field(
        default_factory=lambda: [
            "1::Harbour: Lights: Café (1995)::Action|Comedy",
            "2::Twice Told (1997)::Drama",
            '3::"Great" Kid, The (1921)::Comedy',
        ]
    )
    ratings: list[str] = field(
        default_factory=lambda: ["1::3::5::978300760", "2::1::3::978302109", "1::2::1::978301968"]
    )
    users: list[str] = field(
        default_factory=lambda: ["2::M::56::16::70072", "1::F::1::10::48067", "3::M::25::0::55117"]
    )

    def write(self, folder: Path, encoding: str = "latin-1") -> Path:
        tables = {"movies": self.movies, "ratings": self.ratings, "users": self.users}
        return _write(folder, {f"{name}.dat": _text(rows).encode(encoding) for name, rows in tables.items()})


@pytest.fixture
def edition() -> CsvEdition:
    return CsvEdition()


@pytest.fixture
def first() -> FirstEdition:
    return FirstEdition()


def test_csv_interactions_keep_order_half_stars_and_times(edition: CsvEdition, tmp_path: Path) -> None:
    ratings = read_movielens_csv(edition.write(tmp_path / "small"))
    assert ratings.interactions.to_numpy().tolist() == [
        ["10", "2", 4.5, 1260759144],
        ["2", "1", 0.5, 1260759179],
        ["2", "2", 5.0, 1260759182],
        ["2", "2", 3.0, 1260759182],
        ["10", "3", 2.5, 1260759185],
    ]
    assert (ratings.scale.low, ratings.scale.high, ratings.scale.step) == (0.5, 5.0, 0.5)
    assert ratings.users.to_numpy().tolist() == [["2"], ["10"]]
    assert ratings.name == "small"


def test_csv_titles_keep_commas_quotes_and_colons_and_the_lowest_id(edition: CsvEdition, tmp_path: Path) -> None:
    ratings = read_movielens_csv(edition.write(tmp_path))
    assert dict(zip(ratings.items["item_id"], ratings.items["title"], strict=True)) == {
        "1": "Harbour Lights (1995)",
        "2": "Twice Told (1997)",
        "3": 'Kid, The: "Café" (1921)',
        "4": "Fawn (2006–2007)",
        "5": "Nowhere",
    }
    assert ratings.aliases == {"30": "2"}


def test_csv_genres_and_years_come_from_the_lowest_ids_row(edition: CsvEdition, tmp_path: Path) -> None:
    items = read_movielens_csv(edition.write(tmp_path)).items
    assert items["genres"].tolist() == [("Action", "Comedy"), ("Action", "Drama"), ("Comedy",), ("Drama",), ()]
    assert items["year"].tolist()[:4] == [1995, 1997, 1921, 2006]
    assert math.isnan(items["year"].iloc[4])


def test_csv_columns_may_stand_in_another_order_beside_others(edition: CsvEdition, tmp_path: Path) -> None:
    plain = read_movielens_csv(edition.write(tmp_path / "plain"))
    edition.movies = [",".join(["imdb", row]) if n == 0 else f"tt{n},{row}" for n, row in enumerate(edition.movies)]
    edition.ratings = [",".join(reversed(row.split(","))) for row in edition.ratings]
    assert read_movielens_csv(edition.write(tmp_path / "other")).checksum == plain.checksum


@pytest.mark.parametrize("folder", ["", "ml-latest-small/"])
def test_a_csv_archive_reads_like_the_folder(folder: str, edition: CsvEdition, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "small.zip", "w") as archive:
        for name, content in edition.files().items():
            archive.writestr(folder + name, content)
    read = read_movielens_csv(tmp_path / "small.zip")
    assert read.checksum == read_movielens_csv(edition.write(tmp_path / "small")).checksum


# What can be wrong with one row of ratings.csv, row 3 of which is "2,1,0.5,1260759179".
WRONG_ROWS = {
    "2,1,0.7,1260759179": "row 3, column rating: 0.7 is not on the scale 0.5-5 in steps of 0.5",
    "2,1,5.5,1260759179": "row 3, column rating: 5.5 is outside 0.5-5; set the rating scale or remove the row.",
    "2,1,0,1260759179": "row 3, column rating: 0 is outside 0.5-5",
    "2,1,good,1260759179": "row 3, column rating: good is not a number",
    "2,99,0.5,1260759179": "row 3, column movieId: 99 is not in movies.csv; add it there or remove the row.",
    "anna,1,0.5,1260759179": "row 3, column userId: anna is not a whole number",
    "2,1,0.5,1260759179000": "it looks like milliseconds: divide the column by 1,000.",
    "2,1,0.5,": "row 3, column timestamp: '' is not a whole number",
    "10,30,0.5,1260759144": "row 3: userId 10, movieId 30, timestamp 1260759144 repeats row 2; remove one of them.",
    "2,1,0.5": "row 3: 3 columns where 4 are expected (userId, movieId, rating, timestamp)",
}


@pytest.mark.parametrize("row", WRONG_ROWS)
def test_a_wrong_csv_row_is_named_with_the_way_out(row: str, edition: CsvEdition, tmp_path: Path) -> None:
    edition.ratings[2] = row
    complaint = edition.complaint(tmp_path)
    assert complaint.startswith("ratings.csv, ")
    assert WRONG_ROWS[row] in complaint


@pytest.mark.parametrize(
    ("place", "row", "expected"),
    [
        (
            0,
            "movieId,name,genres",
            "movies.csv, row 1: there is no column 'title'; the header names movieId, name, genres",
        ),
        (0, "movieId,title,title,genres", "movies.csv, row 1: several columns are named 'title'"),
        (2, "one,Harbour Lights (1995),Action", "movies.csv, row 3, column movieId: one is not a whole number"),
        (2, "30,Harbour Lights (1995),Action", "movies.csv, row 3: movieId 30 repeats row 2"),
        (2, "1,,Action", "movies.csv, row 3, column title: '' is no title"),
        (2, "1,Harbour, Lights (1995),Action", "movies.csv, row 3: 4 columns where 3 are expected"),
        (2, '1,"Harbour Lights (1995),Action', "movies.csv, row 3: a double quote is opened and not closed"),
    ],
)
def test_wrong_movies_are_named(place: int, row: str, expected: str, edition: CsvEdition, tmp_path: Path) -> None:
    edition.movies[place] = row
    assert expected in edition.complaint(tmp_path)


def test_a_truncated_last_line_is_named(edition: CsvEdition, tmp_path: Path) -> None:
    folder = edition.write(tmp_path)
    (folder / "ratings.csv").write_bytes(edition.files()["ratings.csv"][:-12])
    with pytest.raises(DataError, match=r"ratings\.csv, row 6: 3 columns where 4 are expected"):
        read_movielens_csv(folder)


def test_a_header_alone_is_no_table(edition: CsvEdition, tmp_path: Path) -> None:
    edition.ratings = edition.ratings[:1]
    assert "ratings.csv holds nothing below its header" in edition.complaint(tmp_path)


def test_another_encoding_is_found_and_a_missing_file_named(edition: CsvEdition, tmp_path: Path) -> None:
    folder = edition.write(tmp_path)
    expected = read_movielens_csv(folder).checksum
    (folder / "movies.csv").write_bytes(_text(edition.movies).encode("cp1252"))
    assert read_movielens_csv(folder).checksum == expected
    (folder / "movies.csv").unlink()
    with pytest.raises(DataError, match=r"lacks movies\.csv; it should hold ratings\.csv and movies\.csv"):
        read_movielens_csv(folder)


def test_dat_with_users_is_the_first_edition(first: FirstEdition, tmp_path: Path) -> None:
    ratings = read_movielens_dat(first.write(tmp_path / "ml-1m"))
    assert ratings.name == "ml-1m"
    assert ratings.scale.step == 1.0
    assert ratings.items["title"].tolist() == [
        "Harbour: Lights: Café (1995)",
        "Twice Told (1997)",
        '"Great" Kid, The (1921)',
    ]
    assert ratings.items["genres"].tolist()[0] == ("Action", "Comedy")
    assert ratings.interactions.to_numpy().tolist()[1] == ["2", "1", 3.0, 978302109]
    assert ratings.interactions["timestamp"].dtype == np.int64
    assert ratings.users.to_numpy().tolist() == [
        ["1", 1.0, "F", "K-12 student"],
        ["2", 56.0, "M", "self-employed"],
        ["3", 25.0, "M", "other"],
    ]
    assert [feature.name for feature in ratings.schema.user_features] == ["age", "gender", "occupation"]


def test_dat_without_users_is_the_ten_million_edition(first: FirstEdition, tmp_path: Path) -> None:
    first.ratings[0] = "1::3::4.5::978300760"
    folder = first.write(tmp_path, "utf-8")
    (folder / "users.dat").unlink()
    ratings = read_movielens_dat(folder)
    assert (ratings.scale.low, ratings.scale.step) == (0.5, 0.5)
    assert ratings.stars.tolist() == [4.5, 3.0, 1.0]
    assert ratings.items["title"].tolist()[0] == "Harbour: Lights: Café (1995)"
    assert ratings.users["user_id"].tolist() == ["1", "2"]
    assert ratings.schema.user_features == ()


def test_half_stars_are_none_of_the_first_edition(first: FirstEdition, tmp_path: Path) -> None:
    first.ratings[1] = "2::1::3.5::978302109"
    with pytest.raises(
        DataError, match=r"ratings\.dat, row 2, column rating: 3\.5 is not on the scale 1-5 in steps of 1"
    ):
        read_movielens_dat(first.write(tmp_path))


def test_the_first_edition_without_its_users_is_known_by_its_encoding(first: FirstEdition, tmp_path: Path) -> None:
    folder = first.write(tmp_path)
    (folder / "users.dat").unlink()
    with pytest.raises(
        DataError, match=r"movies\.dat is not encoded as UTF-8.* MovieLens 1M, lay its users\.dat beside it"
    ):
        read_movielens_dat(folder)


@pytest.mark.parametrize(
    ("kind", "row", "expected"),
    [
        ("ratings", "2::1::3", "ratings.dat, row 2: 3 columns where 4 are expected"),
        ("ratings", "9::1::3::978302109", "ratings.dat, row 2, column user_id: 9 is not in users.dat"),
        ("ratings", "2::9::3::978302109", "ratings.dat, row 2, column item_id: 9 is not in movies.dat"),
        (
            "ratings",
            "1::3::5::978300760",
            "ratings.dat, row 2: user_id 1, item_id 3, timestamp 978300760 repeats row 1",
        ),
        ("movies", "2::Twice::Told (1997)::Drama", "movies.dat, row 2: 4 columns where 3 are expected"),
        ("users", "1::F::young::10::48067", "users.dat, row 2, column age: young is not a number"),
        ("users", "1::F::200::10::48067", "users.dat, row 2, column age: 200 is not an age in years"),
        ("users", "1::F::1::21::48067", "users.dat, row 2, column occupation: 21 is not between 0 and 20"),
        ("users", "2::F::1::10::48067", "users.dat, row 2: user_id 2 repeats row 1"),
    ],
)
def test_wrong_dat_rows_are_named(kind: str, row: str, expected: str, first: FirstEdition, tmp_path: Path) -> None:
    getattr(first, kind)[1] = row
    with pytest.raises(DataError) as caught:
        read_movielens_dat(first.write(tmp_path))
    assert expected in str(caught.value)


def test_a_header_in_a_dat_file_is_called_one(first: FirstEdition, tmp_path: Path) -> None:
    first.ratings.insert(0, "UserID::MovieID::Rating::Timestamp")
    with pytest.raises(
        DataError, match=r"ratings\.dat, row 1, column rating: .* if the first row is a header, remove it"
    ):
        read_movielens_dat(first.write(tmp_path))
