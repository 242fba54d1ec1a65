"""Tables that were handed in: never mixed, kept for as long as somebody refers to them, and no longer."""

import json
import os
import threading
import time
from pathlib import Path

import pytest

from recommender.data import ColumnMapping
from recommender.data.tables.parts import files_of
from recommender.errors import ConfigurationError, RecommenderError
from recommender.runs.uploads import MOST_HELD, Uploads
from tests.runs.conftest import asked, over, wait_for


@pytest.fixture
def waits(make_queue):
    """A queue that starts nothing."""
    queue = make_queue()
    queue.supervise = lambda: None
    return queue


def kept_in(queue) -> list[bytes]:
    return sorted(path.read_bytes() for path in (queue.folder / "data").glob("[!.]*/[!.]*"))


def bundle(folder, source) -> None:
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"data": {"source": source and str(source)}}))


def test_two_tables_of_one_name_stay_two(waits):
    uploads = Uploads(waits.folder)
    first, second = uploads.hold("films.csv", b"a"), uploads.hold("films.csv", b"b")
    assert (first.read_bytes(), second.read_bytes()) == (b"a", b"b")
    runs = [waits.add(asked("quick", name), held=held) for name, held in (("x", first), ("y", second))]
    assert [Path(run.request.data).read_bytes() for run in runs] == [b"a", b"b"]
    assert {Path(run.request.data).name for run in runs} == {"films.csv"}


def test_many_who_hold_one_table_at_once_all_find_it_whole(tmp_path):
    content, found, failures = b"0123456789" * 200_000, [], []

    def hold() -> None:
        try:
            found.append(Uploads(tmp_path).hold("films.csv", content).read_bytes())
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=hold) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert found == [content] * 16
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_table_is_kept_only_if_its_run_is_accepted(waits):
    held = Uploads(waits.folder).hold("films.csv", b"a")
    with pytest.raises(ConfigurationError, match="cannot be called"):
        waits.add(asked("quick", "../x"), held=held)
    assert kept_in(waits) == []
    waits.add(asked("quick"), held=held)
    assert kept_in(waits) == [b"a"]


def test_table_of_a_run_that_cannot_be_written_is_not_left_behind(waits, monkeypatch):
    def refuse(folder, request):
        raise OSError(28, "No space left on device")

    held = Uploads(waits.folder).hold("films.csv", b"a")
    monkeypatch.setattr("recommender.runs.queue.write_run", refuse)
    with pytest.raises(RecommenderError, match="No space left"):
        waits.add(asked("quick"), held=held)
    assert kept_in(waits) == []


def test_table_goes_with_the_last_run_that_refers_to_it(waits):
    held = Uploads(waits.folder).hold("films.csv", b"a")
    first, second = (waits.add(asked("quick", name), held=held) for name in ("x", "y"))
    for run in (first, second):
        waits.cancel(run)
    waits.forget(first)
    assert kept_in(waits) == [b"a"]
    waits.forget(second)
    assert kept_in(waits) == []


def test_table_stays_while_a_bundle_needs_it_and_goes_after_it(waits, tmp_path):
    run = waits.add(asked("quick"), held=Uploads(waits.folder).hold("films.csv", b"a"))
    other = waits.add(asked("quick", "other"), held=Uploads(waits.folder).hold("films.csv", b"b"))
    bundle(waits.store / "mine", run.request.data)
    bundle(waits.store / "elsewhere", None)
    for each in (run, other):
        waits.cancel(each)
        waits.forget(each)
    assert kept_in(waits) == [b"a"]
    (waits.store / "mine" / "manifest.json").unlink()
    last = waits.add(asked("quick", "last"))
    assert kept_in(waits) == []
    assert last.state == "waiting"


def test_table_that_another_stores_bundle_needs_stays_even_while_that_store_is_away(waits, make_queue, tmp_path):
    theirs = make_queue(store=tmp_path / "other")
    theirs.supervise = lambda: None
    run = theirs.add(asked("quick"), held=Uploads(theirs.folder).hold("films.csv", b"a"))
    bundle(tmp_path / "other" / "mine", run.request.data)
    theirs.cancel(run)
    waits.forget(run)
    assert kept_in(waits) == [b"a"]
    (tmp_path / "other").rename(tmp_path / "unmounted")
    waits.add(asked("quick", "next"))
    assert kept_in(waits) == [b"a"]
    (tmp_path / "other").mkdir()
    waits.add(asked("quick", "last"))
    assert kept_in(waits) == []


def test_table_that_was_kept_by_an_earlier_edition_stays_while_a_bundle_needs_it(waits):
    for name in ("needed", "left"):
        place = waits.folder / "data" / name / "films.csv"
        place.parent.mkdir(parents=True)
        place.write_bytes(name.encode())
    bundle(waits.store / "mine", waits.folder / "data" / "needed" / "films.csv")
    waits.add(asked("quick", "x"))
    assert kept_in(waits) == [b"needed"]


def test_run_is_asked_for_again_with_the_table_it_had(make_queue):
    queue = make_queue()
    run = queue.add(asked("refused"), held=Uploads(queue.folder).hold("films.csv", b"a"))
    wait_for(over(run))
    again = queue.again(run)
    assert again.request.data == run.request.data
    assert kept_in(queue) == [b"a"]


def test_tables_that_are_looked_at_are_bounded_and_forgotten_after_a_day(tmp_path):
    uploads = Uploads(tmp_path)
    held = []
    for number in range(MOST_HELD + 3):
        held.append(uploads.hold("films.csv", str(number).encode()))
        os.utime(held[-1].parent, (time.time() - 1000 + number,) * 2)
    uploads.hold("films.csv", str(MOST_HELD + 2).encode())
    assert [path.is_file() for path in held] == [False] * 3 + [True] * MOST_HELD
    os.utime(held[-1].parent, (time.time() - 90_000,) * 2)
    uploads.hold("films.csv", b"new")
    assert not held[-1].exists()


def test_table_that_was_forgotten_meanwhile_is_asked_for_again(waits):
    held = Uploads(waits.folder).hold("films.csv", b"a")
    held.unlink()
    with pytest.raises(RecommenderError, match=r"films\.csv was looked at too long ago and is forgotten; upload it"):
        waits.add(asked("quick"), held=held)
    assert waits.runs() == []


def test_same_table_is_kept_once_under_its_content(tmp_path):
    uploads = Uploads(tmp_path)
    first, again = uploads.hold("my films.csv", b"a,b\n1,2\n"), uploads.hold("my films.csv", b"a,b\n1,2\n")
    assert first == again
    assert first.name == "my-films.csv"
    kept = uploads.keep(first, tmp_path)
    assert kept == uploads.keep(first, tmp_path)
    assert kept.read_bytes() == b"a,b\n1,2\n"
    assert uploads.hold("my films.csv", b"other").parent != first.parent


def test_name_of_an_upload_cannot_leave_its_folder(tmp_path):
    path = Uploads(tmp_path).hold("../../.ssh/../keys.CSV", b"x")
    assert path.name == "keys.csv"
    assert tmp_path in path.parents
    assert Uploads(tmp_path).hold("..\\..\\$.csv", b"x").name == "ratings.csv"


def test_upload_that_nobody_kept_is_forgotten_after_a_day(tmp_path, monkeypatch):
    uploads = Uploads(tmp_path)
    held = uploads.hold("old.csv", b"old")
    kept = uploads.keep(held, tmp_path)
    monkeypatch.setattr("recommender.runs.uploads._ABANDONED_SECONDS", -1.0)
    uploads.hold("new.csv", b"new")
    assert not held.exists()
    assert kept.read_bytes() == b"old"


def test_parts_of_a_table_and_its_file_of_titles_are_kept_together_and_dropped_together(waits):
    uploads = Uploads(waits.folder)
    held = uploads.hold_parts({"ratings-2019.csv": b"u,i,r\na,1,5\n", "ratings-2020.csv": b"u,i,r\nb,1,4\n"})
    assert (held.name, sorted(path.name for path in held.iterdir())) == (
        "ratings",
        ["ratings-2019.csv", "ratings-2020.csv"],
    )
    other = uploads.hold_parts({"ratings-2019.csv": b"u,i,r\na,1,5\n", "ratings-2021.csv": b"u,i,r\nb,1,4\n"})
    assert held.parent != other.parent
    columns = ColumnMapping(
        user="u", item="i", rating="r", title="name", items=str(uploads.hold("films.csv", b"i,name\n1,Heat\n"))
    )
    request = asked("quick", "x").model_copy(update={"columns": columns})
    run = waits.add(request, held=held)
    kept, titles = Path(run.request.data), Path(run.request.columns.items)
    assert {kept.parent.parent, titles.parent.parent} == {waits.folder / "data"}
    assert sorted(path.name for path in kept.iterdir()) == ["ratings-2019.csv", "ratings-2020.csv"]
    uploads.drop_unused(waits.store)
    assert titles.read_bytes() == b"i,name\n1,Heat\n"  # a run names both
    bundle(waits.store / "x", kept)
    manifest = {"data": {"source": str(kept), "columns": {"items": str(titles)}}}
    (waits.store / "x" / "manifest.json").write_text(json.dumps(manifest))
    waits.cancel(run)
    waits.forget(run)
    assert kept.is_dir()  # now a bundle does
    assert titles.is_file()
    (waits.store / "x" / "manifest.json").unlink()
    uploads.drop_unused(waits.store)
    assert not kept.exists()
    assert not titles.exists()


@pytest.mark.parametrize(
    ("names", "folder", "files"),
    [
        (["part-00000.csv", "part-00001.csv"], "ratings", ["part-00000.csv", "part-00001.csv"]),
        (["a.csv.gz", "b.csv"], "a", ["a.csv.gz", "b.csv"]),
        (["x 1.csv", "x-1.csv", "_x_1"], "x", ["2-x-1.csv", "x-1.csv", "x_1.csv"]),
    ],
)
def test_parts_are_called_so_that_each_is_read(tmp_path, names, folder, files):
    held = Uploads(tmp_path).hold_parts(dict.fromkeys(names, b"a"))
    assert held.name == folder
    assert [file.name for file in files_of(held)] == files


def test_held_tables_are_bounded_by_bytes_the_oldest_going_first(tmp_path, monkeypatch):
    monkeypatch.setattr("recommender.runs.uploads.MOST_BYTES_HELD", 100)
    tables = []
    for at in range(4):
        tables.append(Uploads(tmp_path).hold("films.csv", bytes([at]) * 40))
        os.utime(tables[-1].parent, (time.time() - 60 + at,) * 2)
    assert [table.exists() for table in tables] == [False, False, True, True]
    with pytest.raises(RecommenderError, match="train on it with"):
        Uploads(tmp_path).hold("films.csv", b"x" * 101)
    assert Uploads(tmp_path).hold("films.csv", b"x" * 100).exists()


def test_kept_tables_are_bounded_by_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr("recommender.runs.uploads.MOST_BYTES_KEPT", 100)
    uploads = Uploads(tmp_path)
    first, second = uploads.hold("films.csv", b"a" * 60), uploads.hold("more.csv", b"b" * 60)
    kept = uploads.keep(first, tmp_path / "store")
    with pytest.raises(RecommenderError, match="remove trainings and models on them first"):
        uploads.keep(second, tmp_path / "store")
    assert uploads.keep(first, tmp_path / "other") == kept  # it is there already
