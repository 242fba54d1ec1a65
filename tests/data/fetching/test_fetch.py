import errno
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import filelock
import pytest
from archive_server import HALF, NO_SERVER, fetch_in_process, held, names

from recommender.data import cached_ml100k
from recommender.data.atomic import atomic_file
from recommender.errors import FetchError


@pytest.mark.parametrize("packed", [False, True])
def test_what_the_user_names_is_the_only_source(packed, fetch, server, files, tiny_ml100k_folder, tmp_path) -> None:
    source = tiny_ml100k_folder
    if packed:
        source = tmp_path / "mine.zip"
        source.write_bytes(server.content)
    assert held(fetch(source)) == files
    assert server.asked == 0


def test_the_environment_can_name_it_and_the_argument_goes_first(
    fetch, server, files, tiny_ml100k_folder, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("MATINEE_ML100K", str(tmp_path / "nowhere"))
    with pytest.raises(FetchError, match="nowhere: no such folder or archive"):
        fetch()
    assert held(fetch(tiny_ml100k_folder)) == files
    assert server.asked == 0


def test_a_named_folder_that_lacks_files_is_refused_even_with_a_network(fetch, server, tiny_ml100k_folder) -> None:
    (tiny_ml100k_folder / "u.item").unlink()
    with pytest.raises(FetchError, match=r"lacks u\.item; it should hold"):
        fetch(tiny_ml100k_folder)
    assert server.asked == 0


def test_a_named_archive_that_is_truncated_is_refused(fetch, server, tmp_path) -> None:
    (tmp_path / "mine.zip").write_bytes(server.content[:HALF])
    with pytest.raises(FetchError, match=r"mine\.zip is not a zip archive, or a truncated"):
        fetch(tmp_path / "mine.zip")


def test_a_named_folder_with_changed_files_is_refused(fetch, cache, tiny_ml100k_folder) -> None:
    with (tiny_ml100k_folder / "u.data").open("a") as file:
        file.write("2\t1\t5\t880000999\n")
    with pytest.raises(FetchError, match=r"u\.data in .* is not the publisher's .*give its folder as the data set"):
        fetch(tiny_ml100k_folder)
    assert not cache.exists()


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"1\t1\t5\t880000000\n")])
def test_a_damaged_cache_is_not_trusted_but_fetched_again(damage, fetch, server, sources, files, cache) -> None:
    damage(fetch() / "u.data")
    assert cached_ml100k(cache, sources=sources) is None
    assert held(fetch()) == files
    assert server.asked == 2


def test_a_good_cache_needs_neither_network_nor_a_writable_folder(fetch, sources, files, cache, monkeypatch) -> None:
    folder = fetch()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    for name in ("mkdir", "write_bytes", "replace", "unlink"):
        monkeypatch.setattr(Path, name, refuse)
    assert fetch(sources=replace(sources, url=NO_SERVER)) == folder


def test_the_cache_is_where_the_environment_says(fetch, sources, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("MATINEE_CACHE", str(tmp_path / "there"))
    assert fetch(cache=None) == tmp_path / "there" / "ml-100k" == cached_ml100k(sources=sources)


@pytest.mark.parametrize("inner", ["", "deeper"])
def test_a_cache_that_cannot_be_written_is_named_with_the_way_out(inner, fetch, sources, tmp_path) -> None:
    (tmp_path / "file").write_text("a file, which stops even root")
    place = tmp_path / "file" / inner
    with pytest.raises(FetchError, match=rf"the cache folder {place} cannot be written \(.*set MATINEE_CACHE to"):
        fetch(cache=place)
    assert cached_ml100k(place, sources=sources) is None


def test_a_full_disk_while_writing_leaves_no_half_file(fetch, server, sources, files, cache, monkeypatch) -> None:
    @contextmanager
    def write_half(path: Path) -> Iterator[Any]:
        with atomic_file(path) as file:
            yield file
            if path.name == "u.item":
                file.truncate(10)
                raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("recommender.data.fetching.fetch.atomic_file", write_half)
        with pytest.raises(FetchError, match=r"no space is left for the cache folder .* MB free, .*another disk"):
            fetch()
    assert names(cache / "ml-100k") == {"u.data"}
    assert server.asked == 1  # and no other source was tried
    assert cached_ml100k(cache, sources=sources) is None
    assert held(fetch()) == files


def test_two_processes_at_once_download_once(server, sources, files, cache) -> None:
    server.slow_seconds = 0.5
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(2), context.Queue()
    children = [context.Process(target=fetch_in_process, args=(cache, sources, barrier, results)) for _ in range(2)]
    for child in children:
        child.start()
    outcomes = [results.get(timeout=30) for _ in children]
    for child in children:
        child.join()
    assert sorted(steps[0] for _, steps in outcomes) == [
        "downloading ml-100k.zip",
        "waiting for another process that fetches the same",
    ]
    assert {folder for folder, _ in outcomes} == {cache / "ml-100k"}
    assert server.asked == 1
    assert held(cache / "ml-100k") == files


def test_a_process_that_hangs_is_not_waited_for_forever(fetch, cache, monkeypatch) -> None:
    monkeypatch.setattr("recommender.data.fetching.cache.LOCK_SECONDS", 0.5)
    cache.mkdir()
    with (
        filelock.FileLock(cache / "ml-100k.lock"),
        pytest.raises(FetchError, match="another process has been fetching ml-100k"),
    ):
        fetch()
    assert fetch().name == "ml-100k"
