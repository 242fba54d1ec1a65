"""Files that came from elsewhere, read without waiting for a pipe, following a link, or filling the memory."""

import json
import os
import stat
from pathlib import Path
from typing import Any


def read_plain(file: Path, most: int) -> bytes:
    """The bytes of a plain file.

    Args:
      file: its place.
      most: how many bytes it may have.

    Raises:
      OSError: if it is missing, cannot be read, is a link, a pipe or a device, or is larger.
    """
    check_plain(file.lstat())
    with os.fdopen(os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as opened:
        check_plain(os.fstat(opened.fileno()))  # it may have been replaced meanwhile
        content = opened.read(most + 1)
    if len(content) > most:
        raise OSError(f"it has more than {most:,} bytes")
    return content


def check_plain(status: os.stat_result) -> None:
    """Refuses what is no plain file.

    Raises:
      OSError: if it is a link, a folder, a pipe or a device.
    """
    if not stat.S_ISREG(status.st_mode):
        raise OSError("it is a link, a folder, a pipe or a device, and no file")


def read_json(file: Path, most: int) -> Any:
    """What a plain file of json holds; errors as for `read_plain`.

    Raises:
      ValueError: if it is no json, or nested so deeply that nobody would write it.
    """
    try:
        return json.loads(read_plain(file, most))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
