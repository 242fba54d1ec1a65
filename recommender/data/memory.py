"""How much memory is free on this machine, or in its container, and giving back what a program uses no more."""

import ctypes
import gc
from contextlib import suppress
from pathlib import Path


def free_bytes(root: Path = Path("/")) -> int | None:
    """Memory that a program may still take; None where the system does not say.

    Args:
      root: of the file system that tells.
    """
    free: list[int] = []
    with suppress(OSError, ValueError, StopIteration):
        lines = (root / "proc/meminfo").read_text().splitlines()
        free.append(1024 * int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1]))
    group = root / "sys/fs/cgroup"
    with suppress(OSError, ValueError):  # "max" where the container has no limit
        free.append(int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    return min(free, default=None)


def give_back() -> None:
    """Gives the system what this program uses no more, which the C library keeps to use again.

    Between the two trainings of a million ratings that is 60 MB, and 150 where TensorFlow has no allocator of its own.
    Where the C library is another than Linux's usual one nothing is done.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
