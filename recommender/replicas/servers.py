"""The replicas: servers of the pages in processes of their own, each started again when it dies."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from recommender.errors import RecommenderError
from recommender.replicas.sticking import REPLICA_VARIABLE

_ROOT = Path(__file__).resolve().parents[2]
_SCRIPT = _ROOT / "streamlit_app.py"
# Notes of TensorFlow's start are kept off the log. Without the second, each of the threads that answer fifty viewers
# gets a heap of its own from the C library, and keeps what it once needed.
_LEAN = {"TF_CPP_MIN_LOG_LEVEL": "3", "MALLOC_ARENA_MAX": "2"}
_GRACE_SECONDS = 10.0  # from being asked to end, to being killed
_LOOK_SECONDS = 0.3  # between two questions whether a replica is ready
_QUICK_SECONDS = 2.0  # a server that dies sooner than this after its start is started again no sooner than this later


class Replica:
    """One server, and its successors under the same number.

    Attributes:
      number: from 1.
      port: where it listens on this machine; another after each start.
      connections: how many connections the proxy holds to it.
      ready: whether it shows recommendations.
      comes_back: whether it died and is not ready again: its viewers are better off elsewhere meanwhile.

    Args:
      number: from 1.
      command: makes the command line of a server from its port.
      say: is told in a sentence what becomes of it.
    """

    def __init__(self, number: int, command: Callable[[int], Sequence[str]], say: Callable[[str], None]) -> None:
        self.number, self.port, self.connections = number, 0, 0
        self.ready = self.comes_back = False
        self._command, self._say = command, say
        self._process: asyncio.subprocess.Process | None = None

    async def keep_alive(self) -> None:
        """Starts the server, and again whenever it ends; ends it when cancelled.

        Raises:
          RecommenderError: if it ends before it was ever ready: another start would end the same way.
        """
        ever_ready = False
        while True:
            started = time.monotonic()
            try:
                ended = await self._live()
            finally:
                ever_ready, self.ready = ever_ready or self.ready, False
                await self._end()
            if not ever_ready:
                raise RecommenderError(
                    f"server {self.number} ended with {ended} before it was ready; see what it said."
                )
            self.comes_back = True
            self._say(f"server {self.number} ended with {ended} and is started again.")
            await asyncio.sleep(max(0.0, _QUICK_SECONDS - (time.monotonic() - started)))

    async def _live(self) -> int:
        """One life of the server; its exit code."""
        self.port = _free_port()
        # Its own session, or Ctrl-C would reach it before its viewers' proxy; its input ends with this process, which
        # it takes for its own end (see `end_with_parent`), so that none is left over however this one dies.
        self._process = await asyncio.create_subprocess_exec(
            *self._command(self.port),
            env={**_LEAN, **os.environ, REPLICA_VARIABLE: str(self.number)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,  # where it listens, which is said once for all
            start_new_session=True,
        )
        looking = asyncio.create_task(self._look_until_ready())
        try:
            return await self._process.wait()
        finally:
            looking.cancel()

    async def _look_until_ready(self) -> None:
        while not await _is_ready(self.port):
            await asyncio.sleep(_LOOK_SECONDS)
        self.ready, self.comes_back = True, False
        self._say(f"server {self.number} is ready.")

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
            with suppress(TimeoutError):
                async with asyncio.timeout(_GRACE_SECONDS):
                    await process.wait()
                return
            process.kill()
            await process.wait()


def streamlit_command(port: int) -> list[str]:
    """The command line of one server: the first command of the README, for this machine alone.

    Raises:
      RecommenderError: if the page's script is not there.
    """
    if not _SCRIPT.is_file():
        raise RecommenderError(f"{_SCRIPT}: not found; run this from the repository, which holds the pages' script.")
    where = ["--server.address", "127.0.0.1", "--server.port", str(port)]
    return [sys.executable, "-m", "streamlit", "run", str(_SCRIPT), *where]


async def _is_ready(port: int) -> bool:
    """Whether the server on this port says that it shows recommendations."""
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return (await reader.readline()).split()[1:2] == [b"200"]
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
