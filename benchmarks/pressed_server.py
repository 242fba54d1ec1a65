"""A server that is asked for odd addresses, run again and again, and whose bundle is replaced under its name.

Part of `python -m benchmarks.faults`. It speaks Streamlit's protocol as the browser does. An answer that says that a
page failed, and a traceback in the server's log, count as tracebacks; what takes longer than ten seconds is a hang.
"""

import asyncio
import json
import os
import shutil
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.browser import ROOT, free_port, streamlit_run
from benchmarks.found import HANG_SECONDS, Found
from benchmarks.mutated_bundles import seal
from recommender.bundle import MANIFEST, MODEL_STORE
from recommender.data.atomic import atomic_folder

_FAILURE = "ran into a problem"  # what a page that raised says, see server.show_failure
_TRACEBACK = "Traceback (most recent call last)"
_PAGES = ("", "recommend", "time-travel", "movies", "models", "you", "training", "replay", "nowhere", "../etc", "%00")
_NAMES = (
    *("user", "at", "titles", "k", "hide_seen", "pin", "model", "all_known", "future", "table", "step", "present"),
    *("marked", "views", "movie", "kinds", "years", "least", "aside", "if_gave", "if_never", "if_is", "view", "embed"),
    *("rated", "history", "compare", "against", "run", "tour", "sort", "taste", "stars", "x" * 300),
)
_VALUES = (
    *("", "0", "1", "-1", "true", "True", "nan", "inf", "1e400", "9" * 5_000, "1998-04-22T10:00:00", "0001-01-01"),
    *("9999-12-31T23:59:59", "1970-01-01", "2000-02-30", "flagship", "../../etc/passwd", "<script>alert(1)</script>"),
    *("Star Wars (1977)", "Heat (1995)", "Drama", "1990-1999", "1999-1990", "💥", "a\u202eb", "\u0000", "[]", "{}"),
    *('{"a":', "[" * 2_000, "$x$", "**bold**", "`", ":red[x]", "%", "%zz", "&", "=", ";", "'", '"', "\n", "x" * 20_000),
)
_MEGABYTES_ALLOWED = 40.0  # between the second and the last third of what a server held
_LOADING_SECONDS = 120.0
_WARM_RERUNS = 30
_MOST_IN_A_SESSION = 100


class Server:
    """A server under pressure.

    Args:
      port: where it listens.
      process: its process.
      log: what it prints.
    """

    def __init__(self, port: int, process: psutil.Process, log: Path) -> None:
        self._port, self._process, self._log, self._read = port, process, log, 0

    def ready(self) -> bool:
        """Whether the model is there."""
        try:
            with urllib.request.urlopen(f"http://localhost:{self._port}/ready", timeout=5) as answer:
                return int(answer.status) == 200
        except OSError:
            return False

    @property
    def megabytes(self) -> float:
        """What the process holds in memory."""
        return float(self._process.memory_info().rss) / 1e6

    def new_tracebacks(self) -> int:
        """How many the log has that it had not before."""
        text = self._log.read_text("utf-8", "replace")
        new, self._read = text[self._read :].count(_TRACEBACK), len(text)
        return new

    def session(self) -> Any:
        """A session's socket."""
        url = f"ws://localhost:{self._port}/_stcore/stream"
        return websockets.connect(url, subprotocols=["streamlit"], max_size=None)  # type: ignore[list-item]


@contextmanager
def running(folder: Path) -> Iterator[tuple[Server, Path]]:
    """A server of a copy of the committed flagship, which needs no network, and that copy; it is ready."""
    bundle, log, port = folder / "store" / "flagship", folder / "server.log", free_port()
    shutil.copytree(MODEL_STORE / "flagship", bundle)
    setting = {"MATINEE_BUNDLE": str(bundle), "MATINEE_CACHE": str(folder / "cache")}
    with log.open("wb") as output, streamlit_run(ROOT / "streamlit_app.py", port, setting, output.fileno()) as process:
        server, until = Server(port, psutil.Process(process.pid), log), time.monotonic() + _LOADING_SECONDS
        while not server.ready():
            if time.monotonic() > until or process.poll() is not None:
                raise SystemExit(f"the server does not start: {log.read_text('utf-8', 'replace')[-500:]}")
            time.sleep(0.2)
        yield server, bundle


async def ask(socket: Any, page: str, query: str, seconds: float = HANG_SECONDS) -> str:
    """Runs a page with an address; what it says of its failure, "" if it has not failed.

    Raises:
      TimeoutError: if the answer has no end after so many seconds.
    """
    asked = BackMsg()
    asked.rerun_script.page_name, asked.rerun_script.query_string = page, query
    await socket.send(asked.SerializeToString())
    failure = ""
    async with asyncio.timeout(seconds):
        while True:
            said = ForwardMsg()
            said.ParseFromString(await socket.recv())
            kind = said.WhichOneof("type")
            if kind == "script_finished" and said.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return failure
            if kind == "delta" and said.delta.WhichOneof("type") == "new_element":
                element = said.delta.new_element
                if element.WhichOneof("type") == "exception":
                    failure = element.exception.message or element.exception.type
                elif element.WhichOneof("type") == "alert" and _FAILURE in element.alert.body:
                    failure = element.alert.body


async def _press(server: Server, socket: Any, page: str, query: str, found: Found, seconds: float) -> None:
    """Asks once and counts what became of it."""
    where = f"/{page}?{query[:200]}"
    try:
        failure = await ask(socket, page, query, seconds)
    except TimeoutError:
        found.fail("hang", where)
        return
    if failure or server.new_tracebacks():
        found.fail("traceback", f"{where}: {failure or 'see the log of the server'}")
    else:
        found.count("answer")


def odd_address(seed: int) -> tuple[str, str]:
    """A page and a query that no page of ours wrote."""
    generator = np.random.default_rng(seed)

    def one(of: tuple[str, ...]) -> str:
        return of[int(generator.integers(len(of)))]

    pairs = [(one(_NAMES), one(_VALUES)) for _ in range(int(generator.integers(1, 6)))]
    return one(_PAGES), urllib.parse.urlencode(pairs)


async def ask_odd_addresses(server: Server, addresses: int, seed: int) -> Found:
    """Opens so many odd addresses, each in a session of its own."""
    found = Found("odd addresses")
    for number in range(addresses):
        page, query = odd_address(seed + number)
        try:
            async with server.session() as socket:
                await _press(server, socket, page, query, found, HANG_SECONDS)
        except (OSError, websockets.WebSocketException) as error:
            found.fail("traceback", f"/{page}?{query[:200]}: the connection broke ({error})")
    return found


async def rerun(server: Server, reruns: int, seed: int) -> Found:
    """Runs the pages so many times, at other moments, in sessions that come and go."""
    found, sizes, generator = Found("reruns"), [], np.random.default_rng(seed)
    done = 0
    while done < reruns:
        async with server.session() as socket:
            for _ in range(min(_MOST_IN_A_SESSION, reruns - done)):
                page = _PAGES[1 + int(generator.integers(7))]
                at = int(generator.integers(850_000_000, 1_500_000_000))
                await _press(server, socket, page, f"at={at}", found, HANG_SECONDS)
                done += 1
                if done > min(_WARM_RERUNS, reruns // 3):
                    sizes.append(server.megabytes)
    found.watch_memory(sizes, _MEGABYTES_ALLOWED)
    return found


async def replace_bundles(server: Server, bundle: Path, replacements: int) -> Found:
    """Writes the bundle anew under its name so many times, and asks for a page each time.

    One viewer stays all the while: of sessions that end, Streamlit keeps the last two minutes, with what they showed.
    """
    found, sizes = Found("replacements"), []
    async with server.session() as socket:
        for number in range(replacements):
            with atomic_folder(bundle) as draft:
                shutil.copytree(MODEL_STORE / "flagship", draft, dirs_exist_ok=True)
                content = json.loads((draft / MANIFEST).read_text("utf-8"))
                content["description"] = f"replacement {number}"
                seal(draft, content)
                os.utime(draft / MANIFEST)
            await _press(server, socket, "recommend", "", found, _LOADING_SECONDS)
            sizes.append(server.megabytes)
    found.watch_memory(sizes, _MEGABYTES_ALLOWED)
    return found
