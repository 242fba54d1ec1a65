"""One trains, the others wait; and whatever happens to a child or a server, the folder tells it."""

import errno
import os
import shutil
import subprocess
import sys
import threading
from collections import namedtuple
from pathlib import Path

import pytest

from recommender.bundle import MODEL_STORE
from recommender.errors import ConfigurationError, RecommenderError
from recommender.runs import process
from recommender.runs.run import State
from tests.runs.conftest import asked, over, wait_for


def test_run_trains_in_a_process_of_its_own_and_leaves_a_bundle(make_queue):
    queue = make_queue()
    run = queue.add(asked("quick"))
    wait_for(over(run))
    assert run.state is State.DONE
    assert run.reason == ""
    assert run.end["best_epoch"] == 2
    assert queue.bundles() == ("mine",)
    assert not run.temporary.exists()


def test_bundle_goes_to_the_store_it_was_asked_for_whoever_starts_it(make_queue, tmp_path):
    ours, theirs = make_queue(), make_queue(store=tmp_path / "other")
    theirs.supervise = lambda: None  # type: ignore[method-assign]
    run = theirs.add(asked("quick"))
    ours.supervise()
    wait_for(over(run))
    assert run.state is State.DONE
    assert (theirs.bundles(), ours.bundles()) == (("mine",), ())


def test_replay_of_a_bundle_runs_beside_it_and_once_at_a_time(make_queue, tmp_path):
    queue = make_queue(kept={"mine"})
    with pytest.raises(ConfigurationError, match="no bundle mine to replay"):
        queue.add(asked("gated", every="1y"))
    (tmp_path / "store" / "mine").mkdir()
    (tmp_path / "store" / "mine" / "manifest.json").write_text("{}")
    run = queue.add(asked("gated", every="1y"))
    with pytest.raises(ConfigurationError, match="replayed already"):
        queue.add(asked("gated", every="30d"))
    (tmp_path / "store" / "gate").touch()
    wait_for(over(run))
    assert run.state is State.DONE
    assert queue.add(asked("quick", every="30d")).request.is_replay


def test_child_is_in_a_session_of_its_own_and_steps_back_for_the_pages(make_queue):
    run = make_queue().add(asked("gated"))
    wait_for(lambda: run.pid is not None)
    assert os.getsid(run.pid) == run.pid != os.getsid(0)
    assert os.getpriority(os.PRIO_PROCESS, run.pid) == 10


def test_two_at_once_queue_up_in_the_order_they_came(make_queue, tmp_path):
    queue = make_queue()
    first, second, third = (queue.add(asked("gated", name)) for name in ("b", "a", "c"))
    wait_for(lambda: first.state is State.RUNNING)
    assert [second.state, third.state] == [State.WAITING, State.WAITING]
    assert [run.request.name for run in queue.runs()] == ["c", "a", "b"]
    (tmp_path / "store" / "gate").touch()
    wait_for(over(third))
    assert [run.state for run in (first, second, third)] == [State.DONE] * 3
    started = [(run.folder / "pid").stat().st_mtime_ns for run in (first, second, third)]
    assert started == sorted(started)


def test_many_who_look_at_once_start_one_child_each_turn(make_queue):
    queues = [make_queue() for _ in range(4)]
    runs = [queues[0].add(asked("gated", name)) for name in ("a", "b", "c")]
    lookers = [threading.Thread(target=queue.advance) for queue in queues for _ in range(5)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    assert [run.state for run in runs] == [State.RUNNING, State.WAITING, State.WAITING]


@pytest.mark.parametrize(
    ("what", "state", "reason"),
    [
        ("refused", State.FAILED, "films.csv, row 3: mend it."),
        ("killed", State.STOPPED, "its process was killed from outside, as a system does when memory runs out."),
    ],
)
def test_bad_end_is_told_in_a_sentence(make_queue, what, state, reason):
    run = make_queue().add(asked(what))
    wait_for(over(run))
    assert (run.state, run.reason) == (state, reason)


def test_killed_child_leaves_its_log_and_nothing_half_written(make_queue, tmp_path):
    queue = make_queue()
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / ".mine.other").mkdir()  # not a name that a bundle writer gives
    run = queue.add(asked("killed"))
    wait_for(over(run))
    assert run.log_tail == "last words"
    assert sorted(path.name for path in (tmp_path / "store").iterdir()) == [".mine.other", ".runs"]


def test_cancelled_child_clears_up_and_goes(make_queue, tmp_path):
    queue = make_queue()
    run = queue.add(asked("slow"))
    draft = tmp_path / "store" / ".mine.abcd1234"
    wait_for(draft.exists)
    queue.cancel(run)
    assert run.state in (State.CANCELLING, State.CANCELLED)
    wait_for(over(run))
    assert run.state is State.CANCELLED
    assert not draft.exists()
    assert queue.bundles() == ()


def test_child_that_does_not_listen_is_ended_after_a_while(make_queue, tmp_path, monkeypatch):
    monkeypatch.setattr("recommender.runs.queue._GRACE_SECONDS", 0.1)
    queue = make_queue()
    run = queue.add(asked("deaf"))
    wait_for((tmp_path / "store" / ".mine.abcd1234").exists)
    queue.cancel(run)
    wait_for(over(run))
    assert run.state is State.CANCELLED
    assert not (tmp_path / "store" / ".mine.abcd1234").exists()


def test_waiting_run_can_be_cancelled_and_is_never_started(make_queue, tmp_path):
    queue = make_queue()
    first, second = queue.add(asked("gated", "a")), queue.add(asked("quick", "b"))
    queue.cancel(second)
    assert second.state is State.CANCELLED
    (tmp_path / "store" / "gate").touch()
    wait_for(over(first))
    assert not second.started


def test_cancelling_what_is_done_changes_nothing(make_queue):
    queue = make_queue()
    run = queue.add(asked("quick"))
    wait_for(over(run))
    queue.cancel(run)
    assert run.state is State.DONE


def test_server_that_comes_back_finds_the_child_training_and_starts_the_next(make_queue, tmp_path):
    """The queue before the restart is another object, whose thread is kept from looking."""
    before = make_queue()
    before.supervise = lambda: None  # type: ignore[method-assign]
    first, second = before.add(asked("gated", "a")), before.add(asked("quick", "b"))
    before.advance()
    after = make_queue()
    assert [run.state for run in after.runs()] == [State.WAITING, State.RUNNING]
    after.supervise()
    (tmp_path / "store" / "gate").touch()
    before._children[first.id].wait()  # an orphan is buried by the system; here by its parent
    wait_for(over(second))
    assert [run.state for run in after.runs()] == [State.DONE, State.DONE]


def test_run_whose_process_is_gone_has_stopped_and_can_be_run_again(make_queue, tmp_path):
    before = make_queue()
    before.supervise = lambda: None  # type: ignore[method-assign]
    run = before.add(asked("slow"))
    before.advance()
    run.end_process(at_once=True)
    before._children[run.id].wait()
    (tmp_path / "store" / "gate").touch()
    after = make_queue()
    found = after.runs()[0]
    assert found.state is State.STOPPED
    assert found.reason == "its process is gone without a word, as after a restart of the machine."
    again = after.again(found.__class__(found.folder, asked("quick")))
    wait_for(over(again))
    assert (found.state, again.state) == (State.STOPPED, State.DONE)


def test_process_number_that_now_belongs_to_somebody_else_is_left_alone(make_queue):
    queue = make_queue()
    run = queue.add(asked("killed"))
    wait_for(over(run))
    (run.folder / "settled").unlink()
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    try:
        run.note_pid(stranger.pid)
        assert run.state is State.STOPPED
        run.end_process(at_once=True)
        queue.advance()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a b", "x" * 41, "é"])
def test_name_that_is_no_folders_is_refused(make_queue, name):
    with pytest.raises(ConfigurationError, match="cannot be called"):
        make_queue().add(asked("quick", name))


def test_name_that_is_taken_is_refused_unless_it_is_to_be_replaced(make_queue):
    queue = make_queue(kept={"flagship"})
    first = queue.add(asked("quick", "mine"))
    wait_for(over(first))
    with pytest.raises(ConfigurationError, match="there is a bundle called Mine"):
        queue.add(asked("quick", "Mine"))
    wait_for(over(queue.add(asked("quick", "mine", replace=True))))
    with pytest.raises(ConfigurationError, match="flagship stays as it is"):
        queue.add(asked("quick", "flagship", replace=True))
    waiting = queue.add(asked("gated", "yours"))
    with pytest.raises(ConfigurationError, match="not finished will be called yours"):
        queue.add(asked("quick", "yours", replace=True))
    assert waiting.request.name == "yours"


def test_name_that_was_taken_while_it_waited_is_not_overwritten(make_queue, tmp_path):
    queue = make_queue()
    first, second = queue.add(asked("gated", "a")), queue.add(asked("quick", "b"))
    (tmp_path / "store" / "b").mkdir()
    (tmp_path / "store" / "b" / "manifest.json").write_text("somebody else's")
    (tmp_path / "store" / "gate").touch()
    wait_for(over(second))
    assert first.state is State.DONE
    assert second.reason == "meanwhile there is a bundle called b; train under another name."
    assert (tmp_path / "store" / "b" / "manifest.json").read_text() == "somebody else's"


def test_full_disk_is_noticed_before_a_training_starts(make_queue, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(1, 1, 12_000_000))
    run = make_queue().add(asked("quick"))
    wait_for(over(run))
    assert run.state is State.FAILED
    assert "only 12 MB are free on the disk" in run.reason


def test_folder_that_cannot_be_written_is_told(make_queue, monkeypatch):
    def refuse(folder, request):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("recommender.runs.queue.write_run", refuse)
    with pytest.raises(RecommenderError, match=r"cannot be written \(No space left on device\); make room"):
        make_queue().add(asked("quick"))


def test_system_without_such_locks_says_so(make_queue, monkeypatch):
    monkeypatch.setattr(process, "SUPPORTED", False)
    queue = make_queue()
    with pytest.raises(ConfigurationError, match="needs Linux or macOS"):
        queue.add(asked("quick"))
    assert queue.advance() is False


def test_command_that_cannot_be_started_is_a_failed_run(make_queue):
    run = make_queue(command=lambda *_: ["/no/such/program"]).add(asked("quick"))
    wait_for(over(run))
    assert run.state is State.FAILED
    assert "No such file" in run.reason


def test_forgotten_run_is_gone_and_its_bundle_stays(make_queue):
    queue = make_queue()
    run = queue.add(asked("quick"))
    wait_for(over(run))
    queue.forget(run)
    assert queue.runs() == []
    assert queue.bundles() == ("mine",)


def test_run_under_way_is_not_forgotten(make_queue):
    queue = make_queue()
    run = queue.add(asked("gated"))
    queue.forget(run)
    assert queue.runs() == [run]


def test_run_that_starts_while_it_is_looked_at_has_not_stopped(make_queue, monkeypatch):
    queue = make_queue()
    queue.supervise = lambda: None
    run = queue.add(asked("gated"))

    def starts_meanwhile(lock):
        lock.touch()
        return False

    monkeypatch.setattr(process, "is_alive", starts_meanwhile)
    assert run.state is State.WAITING
    monkeypatch.undo()


def test_folder_that_holds_no_run_is_left_alone(make_queue):
    queue = make_queue()
    (queue.folder / "20260101-torn").mkdir(parents=True)
    (queue.folder / "20260101-torn" / "request.json").write_text("{half")
    assert queue.runs() == []
    assert queue.advance() is False


def test_runs_that_are_over_are_bounded(make_queue, monkeypatch):
    monkeypatch.setattr("recommender.runs.queue.MOST_OVER", 2)
    queue = make_queue()
    queue.supervise = lambda: None
    for name in "abcde":
        queue.cancel(queue.add(asked("quick", name)))
    assert [run.request.name for run in queue.runs()] == ["e", "d", "c"]


def test_store_that_is_full_takes_no_further_bundle_but_one_in_anothers_place(make_queue, monkeypatch):
    monkeypatch.setattr("recommender.runs.queue.MOST_BUNDLES", 2)
    queue = make_queue()
    wait_for(over(queue.add(asked("quick", "a"))))
    waiting = queue.add(asked("gated", "b"))
    with pytest.raises(ConfigurationError, match="holds 2 bundles with those that wait"):
        queue.add(asked("quick", "c"))
    assert queue.add(asked("quick", "a", replace=True)).request.name == "a"
    assert waiting in queue.active()


def nested(file):
    file.write_text("[" * 200_000)


@pytest.mark.parametrize("spoil", [nested, os.mkfifo, Path.mkdir, lambda file: file.symlink_to("/dev/zero")])
def test_run_that_cannot_be_read_hurts_no_other_and_is_removed(make_queue, spoil):
    queue = make_queue()
    run = queue.add(asked("quick"))
    wait_for(over(run))
    bad = queue.folder / "20200101-000000-000000-bad"
    bad.mkdir()
    spoil(bad / "request.json")
    assert [other.id for other in queue.runs()] == [run.id]
    assert list(queue.unreadable()) == [bad.name]
    queue.remove_unreadable(run.id)
    queue.remove_unreadable(bad.name)
    assert [folder.name for folder in queue.folder.glob("[0-9]*")] == [run.id]
    assert queue.unreadable() == {}


@pytest.mark.parametrize("spoil", [nested, os.mkfifo, lambda file: file.write_text("{}")])
def test_bundle_that_cannot_be_read_is_removed_and_no_other(make_queue, tmp_path, spoil):
    queue, whole = make_queue(kept={"kept"}), MODEL_STORE / "matrix-factorization"
    for name in ("bad", "kept"):
        (queue.store / name).mkdir(parents=True)
        spoil(queue.store / name / "manifest.json")
    (queue.store / "whole").mkdir()
    shutil.copy(whole / "manifest.json", queue.store / "whole")
    (queue.store / "linked").symlink_to(queue.store / "bad")
    for name in ("kept", "whole", "nothing", "../elsewhere"):
        with pytest.raises(ConfigurationError, match="only one that cannot be read is removed"):
            queue.remove_refused(name)
    queue.remove_refused("linked")
    assert (queue.store / "bad").is_dir()
    queue.remove_refused("bad")
    assert queue.bundles() == ("kept", "whole")


def test_bundle_that_is_being_trained_is_not_removed(make_queue):
    queue = make_queue()
    (queue.store / "mine").mkdir(parents=True)
    (queue.store / "mine" / "manifest.json").write_text("{")
    queue.add(asked("gated", replace=True))
    with pytest.raises(ConfigurationError, match="is being trained"):
        queue.remove_refused("mine")
    (queue.store / "gate").touch()
