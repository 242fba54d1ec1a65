"""A child process that outlives its parent, is known to live by a lock, and leaves the machine to others."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # no such locks there; see SUPPORTED
    fcntl = None  # type: ignore[assignment]

SUPPORTED = fcntl is not None
_ROOT = Path(__file__).resolve().parents[2]  # where `python -m recommender` finds the package
_PRIORITY = 10  # as `nice` does: a tenth of what the pages get, and beside other work it still gets on


def start(command: Sequence[str], *, lock: Path, log: Path, temporary: Path) -> subprocess.Popen[bytes]:
    """Starts a command in a session of its own, at a low priority.

    The child inherits a lock that the system gives back when it dies, however it dies. Unlike a process number, which
    may by then belong to somebody else, the lock cannot lie.

    Args:
      command: the command and its arguments.
      lock: the file that is locked while the child lives.
      log: gets what it prints.
      temporary: its folder for temporary files.

    Raises:
      OSError: if it cannot be started.
    """
    threads = str(max(1, (os.cpu_count() or 1) - 1))
    # The pages share this machine: one core stays theirs, and the others when they ask for them.
    limits = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    environment = {**os.environ, **dict.fromkeys(limits, threads), "TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"}
    temporary.mkdir(parents=True, exist_ok=True)
    draft = lock.with_name(f"{lock.name}.new")
    with draft.open("w") as held, log.open("ab") as output:
        fcntl.flock(held, fcntl.LOCK_EX)
        draft.replace(lock)  # locked from its first moment, or a reader would take the child for dead
        process = subprocess.Popen(
            command,
            cwd=_ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[held.fileno()],
        )
    _step_back(process.pid)
    return process


def _step_back(pid: int) -> None:
    """Lowers the priority before the child has made its threads, which inherit it."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, _PRIORITY)
    # On a desktop Linux shares the processor out between sessions, whatever the priorities within them.
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(_PRIORITY))


def lives(lock: Path) -> bool:
    """Whether the child that was given this lock still runs."""
    try:
        with lock.open() as probe:
            # Shared, so that two who ask at once do not take each other for the child.
            fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def end(pid: int, lock: Path, *, at_once: bool = False) -> None:
    """Asks a child and all it has started to end, or ends them; nothing happens if it is gone."""
    if lives(lock):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL if at_once else signal.SIGTERM)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Keeps other threads and processes out of the block."""
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
