import zipfile
from pathlib import Path

import pytest

from recommender.data import load_ratings
from recommender.data.publishers.anime import read_anime
from recommender.errors import DataError

INFO = [
    "anime_ids\tname\tgenre\ttype\tepisodes\trating\tmembers",
    "7\tGintama&#039;\tAction, Sci-Fi, Action\tTV\t51\t9.16\t300",
    '2\tFirst "Light": Part 1, 2\t\tMovie\t1\t8.1\t100',
    "5\tTiger &amp; Bunny\tAction\tTV\t25\t8.0\t200",
    "6\tLeft Out\tDrama\tOVA\t2\t7.0\t900",
    "9\tGintama'\tDrama\tTV\t51\t9.0\t999",
]
RATINGS = [
    "User_ID\tAnime_ID\tFeedback",
    "10\t7\t8",
    "2\t9\t10",
    "2\t5\t1",
    "2\t2\t7",
    "10\t2\t9",
    "3\t6\t4",
    "10\t5\t6",
]


def _write(folder: Path, info: list[str] = INFO, ratings: list[str] = RATINGS) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "anime_info.dat").write_text("".join(f"{row}\n" for row in info), "utf-8")
    (folder / "anime_ratings.dat").write_text("".join(f"{row}\n" for row in ratings), "utf-8")
    return folder


def test_the_most_rated_titles_and_their_users_are_kept(tmp_path: Path) -> None:
    ratings = read_anime(_write(tmp_path), n_titles=3)
    assert ratings.interactions.to_numpy().tolist() == [
        ["10", "7", 8.0],
        ["2", "7", 10.0],
        ["2", "5", 1.0],
        ["2", "2", 7.0],
        ["10", "2", 9.0],
        ["10", "5", 6.0],
    ]
    assert ratings.items["item_id"].tolist() == ["2", "5", "7"]
    assert ratings.users["user_id"].tolist() == ["2", "10"]
    assert not ratings.schema.has_timestamps
    assert (ratings.scale.low, ratings.scale.high) == (1, 10)


def test_of_titles_rated_equally_often_the_lower_id_is_kept(tmp_path: Path) -> None:
    assert read_anime(_write(tmp_path), n_titles=2).items["item_id"].tolist() == ["2", "5"]


def test_names_are_resolved_and_the_lowest_id_stands_for_equal_ones(tmp_path: Path) -> None:
    ratings = read_anime(_write(tmp_path))
    assert ratings.items["title"].tolist() == ['First "Light": Part 1, 2', "Tiger & Bunny", "Left Out", "Gintama'"]
    assert ratings.aliases == {"9": "7"}


def test_genres_type_and_audience_are_features(tmp_path: Path) -> None:
    ratings = read_anime(_write(tmp_path), n_titles=3)
    assert ratings.items["genres"].tolist() == [(), ("Action",), ("Action", "Sci-Fi")]
    assert ratings.items["type"].tolist() == ["Movie", "TV", "TV"]
    assert ratings.items["audience"].tolist() == ["Niche", "Universal", "Spectacle"]
    assert [feature.name for feature in ratings.schema.item_features] == ["genres", "type", "audience"]


def test_audiences_are_thirds_of_the_titles_that_are_kept(tmp_path: Path) -> None:
    info = [INFO[0]] + [f"{n}\tTitle {n}\t\tTV\t1\t5\t{1000 - n}" for n in range(1, 101)]
    rows = [RATINGS[0]] + [f"1\t{n}\t5" for n in range(1, 101)]
    audiences = read_anime(_write(tmp_path, info, rows)).items["audience"].tolist()
    assert audiences == ["Spectacle"] * 34 + ["Universal"] * 33 + ["Niche"] * 33


def test_the_publishers_archive_is_recognised(tmp_path: Path) -> None:
    folder = _write(tmp_path / "files")
    with zipfile.ZipFile(tmp_path / "anime.zip", "w") as archive:
        archive.writestr("anime/README", "2018")
        for name in ("anime_info.dat", "anime_ratings.dat"):
            archive.write(folder / name, f"anime/{name}")
    ratings = load_ratings(tmp_path / "anime.zip")
    assert ratings.name == "anime"
    assert ratings.checksum == read_anime(folder).checksum


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("2\t9\t-1", "row 3, column Feedback: -1 is outside 1-10"),
        ("2\t9\t7.5", "row 3, column Feedback: 7.5 is not on the scale 1-10"),
        ("10\t7\t3", "row 3: User_ID 10, Anime_ID 7 repeats row 2"),
        ("2\t99\t3", "row 3, column Anime_ID: 99 is not in anime_info.dat"),
    ],
)
def test_wrong_ratings_are_named(row: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_anime(_write(tmp_path, ratings=[*RATINGS[:2], row, *RATINGS[3:]]))
    assert str(caught.value).startswith(f"anime_ratings.dat, {expected}")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("8\tAgain\tAction\tTV\t1\t8\tmany", "row 3, column members: many is not a whole number"),
        ("8\tAgain\tAction\tTV\t1\t8\t-5", "row 3, column members: -5 is not a number of people"),
        ("7\tAgain\tAction\tTV\t1\t8\t5", "row 3: anime_ids 7 repeats row 2"),
        ("8\t \tAction\tTV\t1\t8\t5", "row 3, column name: ' ' is no title"),
    ],
)
def test_wrong_titles_are_named(row: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_anime(_write(tmp_path, info=[*INFO[:2], row, *INFO[2:]]))
    assert str(caught.value).startswith(f"anime_info.dat, {expected}")
