"""The thread that looks after a queue: it misses no run, outlives a full disk, and reads no more than it must."""

import errno
import threading

import pytest

from recommender.runs.run import State
from tests.runs.conftest import asked, over, wait_for


def test_run_that_is_added_while_the_thread_is_about_to_end_is_started(make_queue, monkeypatch):
    """The look that finds nothing to do is kept from ending until another run was added."""
    queue = make_queue()
    looked, added, advance = threading.Event(), threading.Event(), queue.advance

    def slow_advance() -> bool:
        busy = advance()
        if not looked.is_set():
            looked.set()
            assert added.wait(60)
        return busy

    monkeypatch.setattr(queue._watcher, "_advance", slow_advance)
    queue.folder.mkdir(parents=True)
    queue.supervise()
    assert looked.wait(60)
    run = queue.add(asked("quick"))
    added.set()
    wait_for(over(run))
    assert run.state is State.DONE


def test_thread_ends_when_nothing_waits_and_another_begins_when_called(make_queue):
    queue = make_queue()
    queue.supervise()
    wait_for(lambda: queue._watcher._thread is None)
    run = queue.add(asked("quick"))
    wait_for(over(run))
    wait_for(lambda: queue._watcher._thread is None)


def test_queue_goes_on_after_a_disk_that_refused_and_says_so_meanwhile(make_queue, monkeypatch, caplog):
    monkeypatch.setattr("recommender.runs.watcher._TROUBLED_SECONDS", 0.05)
    queue = make_queue()
    advance, looks, mended = queue.advance, [], threading.Event()

    def refuse_at_first() -> bool:
        looks.append(1)
        if not mended.is_set():
            raise OSError(errno.ENOSPC, "No space left on device")
        return advance()

    monkeypatch.setattr(queue._watcher, "_advance", refuse_at_first)
    run = queue.add(asked("quick"))
    wait_for(lambda: len(looks) > 3)
    assert queue.trouble.endswith("cannot be looked after (No space left on device); make room, or mend the disk.")
    assert sum("cannot be looked after" in record.getMessage() for record in caplog.records) == 1
    mended.set()
    wait_for(over(run))
    assert run.state is State.DONE
    assert queue.trouble == ""


def test_run_that_cannot_be_read_is_warned_of_once(make_queue, caplog):
    queue = make_queue()
    (queue.folder / "20260101-torn").mkdir(parents=True)
    (queue.folder / "20260101-torn" / "request.json").write_text("{half")
    for _ in range(3):
        queue.runs()
    assert [record.getMessage().endswith("it is left alone") for record in caplog.records] == [True]


def test_looking_again_reads_no_request_a_second_time(make_queue, monkeypatch):
    queue = make_queue()
    queue.supervise = lambda: None
    runs = [queue.add(asked("quick", name)) for name in "abc"]
    queue.cancel(runs[0])
    queue.runs()
    monkeypatch.setattr("recommender.runs.queue.read_run", lambda folder: pytest.fail("it was read before"))
    assert queue.runs() == runs[::-1]
    assert queue.active() == runs[1:]


def test_name_with_a_null_byte_is_a_failed_run_and_stops_nobody(make_queue):
    queue = make_queue(command=lambda request, out, progress: ["\0"] if request.name == "a" else ["true"])
    first, second = queue.add(asked("quick", "a")), queue.add(asked("quick", "b"))
    wait_for(over(second))
    assert (first.state, first.reason) == (State.FAILED, "embedded null byte")
