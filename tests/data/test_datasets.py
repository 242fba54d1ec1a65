import hashlib
import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from archive_server import sources_of

import recommender
from recommender.data import DATASETS, ColumnMapping, Ratings, RatingScale, Sources, load_ratings
from recommender.data.publishers.ml100k import read_ml100k_split
from recommender.data.tables import archives
from recommender.data.tables.archives import read_members
from recommender.errors import ConfigurationError, DataError, FetchError
from tests.checkerboard import checkerboard


@pytest.fixture
def canonical(layout, monkeypatch: pytest.MonkeyPatch) -> Sources:
    """The tiny data set in the place of the publisher's."""
    sources = sources_of(layout.content(), b"", "http://127.0.0.1:9/ml-100k.zip", ("no-such-pip",))
    monkeypatch.setattr("recommender.data.fetching.fetch.Sources.from_environment", lambda: sources)
    return sources


def test_a_folder_or_archive_is_read_where_it_lies(tiny_ml100k_folder: Path, tiny: Ratings, tmp_path: Path) -> None:
    for data in (tiny_ml100k_folder, str(tiny_ml100k_folder)):
        assert load_ratings(data).checksum == tiny.checksum
    assert not (tmp_path / "default-cache").exists()


def test_a_name_is_fetched_and_read(canonical: Sources, tiny_ml100k_folder: Path, tiny: Ratings, tmp_path) -> None:
    cache = tmp_path / "cache"
    ratings = load_ratings("ml-100k", source=tiny_ml100k_folder, cache=cache)
    assert ratings.checksum == tiny.checksum
    assert load_ratings("ml-100k", cache=cache).checksum == tiny.checksum  # from the cache
    assert DATASETS == ("ml-100k", "ml-latest-small")


def test_a_name_goes_before_a_folder_of_that_name(canonical, tiny_ml100k_folder: Path, monkeypatch) -> None:
    monkeypatch.chdir(tiny_ml100k_folder.parent)
    with pytest.raises(FetchError):
        load_ratings("ml-100k")
    assert len(load_ratings("./ml-100k")) == 10


def test_a_name_that_is_refused_by_the_publishers_checksum_is_welcome_as_a_path(tiny_ml100k_folder: Path) -> None:
    with pytest.raises(FetchError, match="not the publisher's"):
        load_ratings("ml-100k", source=tiny_ml100k_folder)
    assert len(load_ratings(tiny_ml100k_folder)) == 10


def test_the_data_set_beside_the_program_is_read_by_name_without_a_network_and_with_its_terms(tmp_path: Path) -> None:
    ratings = load_ratings("ml-latest-small", cache=tmp_path)
    assert (ratings.name, len(ratings), len(ratings.users)) == ("ml-latest-small", 100_004, 671)
    years = pd.to_datetime(ratings.timestamps, unit="s").year
    assert (years.min(), years.max()) == (1995, 2016)
    assert "Jumanji (1995)" in set(ratings.items["title"])
    assert not list(tmp_path.iterdir())
    with zipfile.ZipFile(
        Path(recommender.__file__).parents[1] / "assets" / "datasets" / "ml-latest-small.zip"
    ) as zipped:
        terms = zipped.read("ml-latest-small/README.txt")
    assert hashlib.sha256(terms).hexdigest() == "59be481ddf3fab0f9f7cf2f73e0db4d0920a413a313c911b62bd01ee8816ea2f"


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ConfigurationError, match=r"'netflix' is neither a data set nor a folder, archive or table; .*: ml-100k"
    ):
        load_ratings("netflix")
    with pytest.raises(ConfigurationError, match=r"did you mean ml-100k\?"):
        load_ratings("ml100k")


CSV_EDITION = {
    "movies.csv": "movieId,title,genres\n1,Harbour Lights (1995),Drama\n",
    "ratings.csv": "userId,movieId,rating,timestamp\n1,1,4.5,1260759144\n",
}
DAT_EDITION = {
    "movies.dat": "1::Harbour Lights (1995)::Drama\n",
    "ratings.dat": "1::1::4.5::1260759144\n",
}
ANIME = {
    "anime_info.dat": "anime_ids\tname\tgenre\ttype\tmembers\n1\tHarbour Lights\tDrama\tTV\t10\n",
    "anime_ratings.dat": "User_ID\tAnime_ID\tFeedback\n1\t1\t10\n",
}
MAPPING = ColumnMapping(user="userId", item="movieId", rating="rating", scale=RatingScale(0.5, 5, 0.5))


def _write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(("files", "stars"), [(CSV_EDITION, 4.5), (DAT_EDITION, 4.5), (ANIME, 10)])
@pytest.mark.parametrize("inner", ["", "inner"])
def test_a_layout_is_recognised_by_its_files(files: dict[str, str], stars: float, inner: str, tmp_path: Path) -> None:
    _write(tmp_path / "mine" / inner, files)
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{inner}/{name}" if inner else name, text)
    for data, name in ((tmp_path / "mine", "mine"), (tmp_path / "packed.zip", "packed")):
        ratings = load_ratings(data)
        assert ratings.stars.tolist() == [stars]
        assert ratings.name == name


def test_an_incomplete_layout_says_what_is_missing(tmp_path: Path) -> None:
    _write(tmp_path, {"ratings.csv": CSV_EDITION["ratings.csv"], "tags.csv": ""})
    with pytest.raises(DataError, match=r"lacks movies\.csv; it should hold ratings\.csv and movies\.csv"):
        load_ratings(tmp_path)


def test_a_complete_layout_goes_before_an_incomplete_one(tmp_path: Path) -> None:
    _write(tmp_path, {**DAT_EDITION, "u.data": "", "movies.csv": ""})
    assert len(load_ratings(tmp_path)) == 1


def test_the_outermost_of_two_data_sets_counts_and_of_equals_none(tmp_path: Path) -> None:
    _write(tmp_path / "a", CSV_EDITION)
    _write(tmp_path / "b", DAT_EDITION)
    with pytest.raises(DataError, match=r"holds 2 data sets \(MovieLens latest-small.* in a; MovieLens 1M.* in b\)"):
        load_ratings(tmp_path)
    _write(tmp_path, ANIME)
    assert load_ratings(tmp_path).stars.tolist() == [10]


def test_a_folder_of_something_else_is_refused_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_ratings(tmp_path)
    for files in ("u.data, u.item, u.user and u.genre", "ratings.csv and movies.csv", "ratings.dat and movies.dat"):
        assert files in str(caught.value)
    _write(tmp_path, {"books.csv": "a,b\n"})
    with pytest.raises(DataError, match=r"To read a table such as books\.csv, name the file itself and its columns"):
        load_ratings(tmp_path)


def test_a_table_is_read_by_its_columns(tmp_path: Path) -> None:
    folder = _write(tmp_path, CSV_EDITION)
    ratings = load_ratings(folder / "ratings.csv", columns=MAPPING)
    assert ratings.name == "ratings"
    assert ratings.stars.tolist() == [4.5]


def test_a_table_without_columns_says_which_it_has(tmp_path: Path) -> None:
    path = _write(tmp_path, CSV_EDITION) / "ratings.csv"
    pd.read_csv(path).to_parquet(tmp_path / "ratings.parquet")
    for table in (path, tmp_path / "ratings.parquet"):
        with pytest.raises(
            ConfigurationError,
            match=r"with the columns userId, movieId, rating, timestamp \(.*\); .* perhaps --user userId --item",
        ):
            load_ratings(table)
    (tmp_path / "empty.tsv").write_bytes(b"\n")
    with pytest.raises(DataError, match=r"empty\.tsv is empty; it should begin with a header"):
        load_ratings(tmp_path / "empty.tsv")


def test_columns_are_for_tables_only(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'ml-100k' is no table; leave the columns out"):
        load_ratings("ml-100k", columns=MAPPING)
    with pytest.raises(DataError, match="there is no table; name a file, a folder of tables"):
        load_ratings(tmp_path, columns=MAPPING)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, {"broken.zip": "PK\3\4, perhaps"})
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    with pytest.raises(DataError, match=r"picture\.png: it holds bytes that no text has; give a table"):
        load_ratings(tmp_path / "picture.png")
    with pytest.raises(DataError, match=r"broken\.zip cannot be unpacked"):
        load_ratings(tmp_path / "broken.zip")


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


@pytest.mark.parametrize("make", [lambda folder: Path("/dev/zero"), pipe], ids=["device", "pipe"])
@pytest.mark.parametrize("columns", [None, MAPPING])
def test_a_device_or_a_pipe_is_refused_and_not_read(make, columns, tmp_path: Path) -> None:
    place = make(tmp_path)
    with pytest.raises(DataError, match="is a device or a pipe and no file"):
        load_ratings(place, columns=columns)
    with pytest.raises(DataError, match="is a device or a pipe and no file"):
        read_members(place, ["u.data"])
    with pytest.raises(DataError, match="is a device or a pipe and no file"):
        read_ml100k_split(place, place, checkerboard())


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "archive"])
def test_a_file_that_fills_the_memory_is_refused_before_it_is_read(packed: bool, monkeypatch, tmp_path: Path) -> None:
    _write(tmp_path / "mine", CSV_EDITION)
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        for name, text in CSV_EDITION.items():
            archive.writestr(name, text)
    monkeypatch.setattr(archives, "most_bytes_here", lambda path: 10)
    with pytest.raises(DataError, match=r"in memory, and .* are the most here"):
        load_ratings(tmp_path / ("packed.zip" if packed else "mine"))
