"""A child process that outlives its parent, holds a lock while it lives, and leaves the machine to others."""

import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from filelock import lock_descriptor, unlock_descriptor

SUPPORTED = os.name == "posix"  # elsewhere a child inherits no lock
_ROOT = Path(__file__).resolve().parents[2]  # where `python -m recommender` finds the package
_PRIORITY = 10  # as `nice` does: a tenth of what the pages get, and beside other work it still gets on
_trying = threading.Lock()


def start(command: Sequence[str], *, lock: Path, log: Path, temporary: Path) -> subprocess.Popen[bytes]:
    """Starts a command in a session of its own, at a low priority.

    The child inherits a lock that the system releases when it dies, however it dies. A process number would not do: by
    then it may belong to another process.

    Args:
      command: the command and its arguments.
      lock: the file that is locked while the child lives; see `is_alive`.
      log: the file that what it prints is appended to.
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
        lock_descriptor(held.fileno())
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


def is_alive(lock: Path) -> bool:
    """Whether the child that was started with this lock still runs.

    It tries to take the lock, for a few microseconds. Threads try one at a time, so that none takes another for the
    child; another server that tries in just those microseconds finds it alive once more, and dead at its next look.
    """
    try:
        with _trying, lock.open("r+") as file:
            if not lock_descriptor(file.fileno(), blocking=False):
                return True
            unlock_descriptor(file.fileno())  # closing would not do: a child that is just being started shares it
    except OSError:
        return False
    return False


def end(pid: int, lock: Path, *, at_once: bool = False) -> None:
    """Asks a child and all that it has started to end, or kills them `at_once`; does nothing if it is gone."""
    if is_alive(lock):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL if at_once else signal.SIGTERM)
