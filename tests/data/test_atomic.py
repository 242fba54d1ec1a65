import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from recommender.data import atomic
from recommender.data.atomic import atomic_file, atomic_folder, clear_abandoned, draft_folder, drafts


def held(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write_half(path: Path, error: BaseException) -> None:
    with atomic_file(path) as file:
        file.write(b"ha")
        raise error


def fill_half(path: Path, error: BaseException) -> None:
    with atomic_folder(path) as folder:
        (folder / "new").write_bytes(b"ne")
        raise error


def test_a_file_is_there_when_it_is_written_and_not_before(tmp_path) -> None:
    with atomic_file(tmp_path / "films.csv") as file:
        file.write(b"whole")
        assert not (tmp_path / "films.csv").exists()
        assert len(drafts(tmp_path / "films.csv")) == 1
    assert held(tmp_path) == {"films.csv": b"whole"}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_file_that_cannot_be_replaced_keeps_its_content(error, tmp_path) -> None:
    (tmp_path / "films.csv").write_bytes(b"good")
    with pytest.raises(type(error)):
        write_half(tmp_path / "films.csv", error)
    assert held(tmp_path) == {"films.csv": b"good"}


def test_a_torn_write_leaves_nothing(tmp_path) -> None:
    with pytest.raises(OSError, match="No space"):
        write_half(tmp_path / "films.csv", OSError(28, "No space left on device"))
    assert list(tmp_path.iterdir()) == []


def test_two_who_write_one_file_at_once_write_to_different_drafts(tmp_path) -> None:
    """The first is kept from ending until the second has ended; with one draft for both it would then find none."""
    begun, ended = threading.Event(), threading.Event()
    place = tmp_path / "films.csv"

    def write_slowly() -> None:
        with atomic_file(place) as file:
            file.write(b"who")
            begun.set()
            assert ended.wait(60)
            file.write(b"le")

    first = threading.Thread(target=write_slowly)
    first.start()
    assert begun.wait(60)
    with atomic_file(place) as file:
        file.write(b"whole one")
    assert place.read_bytes() == b"whole one"
    ended.set()
    first.join()
    assert held(tmp_path) == {"films.csv": b"whole"}


def test_a_file_has_the_rights_it_was_asked_to_have(tmp_path) -> None:
    with atomic_file(tmp_path / "mine", mode=0o600):
        pass
    (tmp_path / "usual").touch()
    with atomic_file(tmp_path / "ours"):
        pass
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_folder_takes_the_place_of_another_as_a_whole(can_exchange, tmp_path, monkeypatch) -> None:
    if not can_exchange:
        monkeypatch.setattr(atomic, "_exchange", lambda one, other: False)
    place = tmp_path / "store" / "mine"
    for content in (b"old", b"new"):
        with atomic_folder(place) as folder:
            (folder / content.decode()).write_bytes(content)
    assert held(tmp_path) == {"store/mine/new": b"new"}
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["mine"]


def test_a_folder_that_cannot_be_finished_leaves_the_one_that_was_there(tmp_path) -> None:
    with atomic_folder(tmp_path / "mine") as folder:
        (folder / "old").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        fill_half(tmp_path / "mine", KeyboardInterrupt())
    assert held(tmp_path) == {"mine/old": b"old"}
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_drafts_of_one_place_are_told_from_whatever_else_is_hidden(tmp_path) -> None:
    for name in (".mine.0123abcd", ".mine.other", ".mine.previous-12", ".mine.2.0123abcd", "mine"):
        (tmp_path / name).mkdir()
    assert drafts(tmp_path / "mine") == [tmp_path / ".mine.0123abcd"]


@pytest.mark.skipif(sys.platform == "win32", reason="there nothing tells whether a writer lives")
@pytest.mark.parametrize("writer", [atomic_file, atomic_folder])
def test_what_a_killed_writer_left_is_removed_by_the_next_one(writer, tmp_path) -> None:
    place = tmp_path / "films"
    child = os.fork()
    if child == 0:
        with writer(place):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert len(drafts(place)) == 1
    with writer(place):
        assert len(drafts(place)) == 1
    assert list(tmp_path.iterdir()) == [place]


def test_what_is_prepared_for_a_place_lies_beside_it_and_stays_while_the_place_is_written(tmp_path) -> None:
    place = tmp_path / "films"
    with draft_folder(place) as prepared:
        (prepared / "map").write_bytes(b"x")
        with atomic_folder(place) as folder:
            assert sorted(drafts(place)) == sorted([prepared, folder])
        assert (prepared / "map").is_file()
    assert list(tmp_path.iterdir()) == [place]


def test_what_a_living_writer_has_begun_is_left_to_it(tmp_path) -> None:
    with atomic_folder(tmp_path / "a") as folder, atomic_file(tmp_path / "b") as file:
        (folder / "inside").touch()
        file.write(b"whole")
        clear_abandoned(tmp_path)
    assert held(tmp_path) == {"a/inside": b"", "b": b"whole"}


def test_nothing_but_drafts_is_removed(tmp_path) -> None:
    for name in (".runs", ".bundle.previous-12", ".bundle.deadbeef.txt", "bundle.deadbeef"):
        (tmp_path / name).mkdir()
    (tmp_path / ".link.deadbeef").symlink_to(tmp_path / ".runs")
    (tmp_path / ".bundle.deadbeef").mkdir()
    before = set(tmp_path.iterdir())
    clear_abandoned(tmp_path)
    assert before - set(tmp_path.iterdir()) == {tmp_path / ".bundle.deadbeef"}
    clear_abandoned(tmp_path / "nowhere")
