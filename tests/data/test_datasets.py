from pathlib import Path

import pytest
from archive_server import sources_of

from recommender.data import DATASETS, Ratings, Sources, load_ratings
from recommender.errors import ConfigurationError, DataError, FetchError


@pytest.fixture
def canonical(layout, monkeypatch: pytest.MonkeyPatch) -> Sources:
    """The tiny data set in the place of the publisher's."""
    sources = sources_of(layout.content(), b"", "http://127.0.0.1:9/ml-100k.zip", ("no-such-pip",))
    monkeypatch.setattr("recommender.data.fetch.Sources.from_environment", lambda: sources)
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
    assert DATASETS == ("ml-100k",)


def test_a_name_goes_before_a_folder_of_that_name(canonical, tiny_ml100k_folder: Path, monkeypatch) -> None:
    monkeypatch.chdir(tiny_ml100k_folder.parent)
    with pytest.raises(FetchError):
        load_ratings("ml-100k")
    assert len(load_ratings("./ml-100k")) == 10


def test_a_name_that_is_refused_by_the_publishers_checksum_is_welcome_as_a_path(tiny_ml100k_folder: Path) -> None:
    with pytest.raises(FetchError, match="not the publisher's"):
        load_ratings("ml-100k", source=tiny_ml100k_folder)
    assert len(load_ratings(tiny_ml100k_folder)) == 10


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ConfigurationError, match=r"'netflix' is neither a data set nor a folder or archive; .*: ml-100k"
    ):
        load_ratings("netflix")
    with pytest.raises(ConfigurationError, match=r"did you mean ml-100k\?"):
        load_ratings("ml100k")


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"lacks u\.data, u\.item, u\.user and u\.genre"):
        load_ratings(tmp_path)
