"""A thread that looks after a queue for as long as there is something to do."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

_LOOK_SECONDS = 1.0
_TROUBLED_SECONDS = 15.0  # between two looks while the folder cannot be read or written

_log = logging.getLogger(__name__)


class Watcher:
    """Looks after a folder of runs, once a second, until nothing is left to do there.

    Args:
      folder: the runs' folder, for messages.
      advance: does what there is to do, and returns whether more will come.

    Attributes:
      trouble: why the folder cannot be looked after at present, in a sentence; "" while it can.
    """

    def __init__(self, folder: Path, advance: Callable[[], bool]) -> None:
        self.trouble = ""
        self._folder, self._advance = folder, advance
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._called = threading.Event()

    def call(self) -> None:
        """Starts the thread unless it runs; whatever there is to do by now will be looked at."""
        with self._lock:
            self._called.set()
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="training queue", daemon=True)
                self._thread.start()

    def _watch(self) -> None:
        while True:
            self._called.clear()
            busy = self._look()
            with self._lock:
                # A call since the look began may be about something that the look did not see.
                if not busy and not self._called.is_set():
                    self._thread = None
                    return
            if self.trouble:
                self._called.wait(_TROUBLED_SECONDS)
            elif busy:
                time.sleep(_LOOK_SECONDS)

    def _look(self) -> bool:
        """Whether another look is needed."""
        try:
            busy = self._advance()
        except OSError as error:
            reason = error.strerror or error
            trouble = f"{self._folder}: cannot be looked after ({reason}); make room, or mend the disk."
            if trouble != self.trouble:
                _log.exception("%s: the queue cannot be looked after; it is tried again", self._folder)
            self.trouble = trouble
            return True
        if self.trouble:
            _log.warning("%s: the queue is looked after again", self._folder)
        self.trouble = ""
        return busy
