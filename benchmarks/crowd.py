"""Fifty viewers at once, clicking for two minutes: errors, the time of a change beside one viewer alone, memory.

    python -m benchmarks.crowd [--replicas 2] [--viewers 50] [--seconds 120] [--think 6]

With `--replicas` it asks `python -m recommender serve`, the servers of which share the viewers, else `streamlit run`.
Aimed at with two replicas on two processors: p95 at most 1 s and at most three times one viewer alone, eight changes a
second, at most 1,100 MB a replica, no error; with one process: p95 at most 4 s.

Each viewer is a session of its own and speaks Streamlit's protocol as the browser does: fifty browsers would leave no
processor for the server. A change takes from sending it to the end of the server's answer. Whoever was asked for is
looked up in the answer, so that an answer meant for another session counts as an error. Between two changes a viewer
looks at the page for half to one and a half times `--think` seconds. The viewers take processor time from the servers
they ask, which is said, and so is what else the machine does.
"""

import argparse
import asyncio
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.browser import ROOT, free_port, streamlit_run

_ALONE_SECONDS = 30
_PATIENCE = 120.0
_FAILURE = "ran into a problem"  # what a page that raised says, see server.show_failure


@dataclass
class Found:
    """What a crowd lived through: seconds of each change by what was changed, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def all_seconds(self) -> list[float]:
        """Seconds of every change."""
        return [value for values in self.seconds.values() for value in values]


class Viewer:
    """One session of the app."""

    def __init__(self, port: int, seed: int) -> None:
        self.url, self._random = f"ws://localhost:{port}/_stcore/stream", random.Random(seed)
        self._widgets: dict[str, Any] = {}  # end of the id, which is the key -> the element
        self._pages: dict[str, str] = {}
        self._page, self._user, self._at = "", "", 0.0
        self._shown: set[str] = set()  # keys of the widgets of the last answer
        self._texts: list[str] = []
        self._errors: list[str] = []

    async def click(self, found: Found, until: float, think: float) -> None:
        """Opens the app and changes one thing after another."""
        try:
            async with websockets.connect(self.url, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
                await self.open(socket)
                while time.monotonic() < until:
                    await asyncio.sleep(think * self._random.uniform(0.5, 1.5))
                    what = self._random.choices(("viewer", "moment", "page"), (5, 5, 2))[0]
                    started = time.perf_counter()
                    await self.change(socket, what)
                    found.seconds.setdefault(what, []).append(time.perf_counter() - started)
                    found.errors += self._errors
        except (OSError, TimeoutError, websockets.WebSocketException, LookupError) as error:
            found.errors.append(f"{type(error).__name__}: {error}")

    async def open(self, socket: Any) -> None:
        """Draws the first page."""
        await self._ask(socket, {})

    async def show(self, socket: Any, page: str) -> None:
        """Goes to a page, or draws it anew."""
        if page not in self._pages:
            raise LookupError(f"there is no page {page!r}, but {sorted(self._pages)}")
        self._page = page
        await self._ask(socket, {})

    def can_change(self, what: str) -> bool:
        """Whether the page that is shown has the viewer or the moment to change."""
        return {"viewer": "user", "moment": "_clock"}.get(what, "") in self._shown or what == "page"

    async def change(self, socket: Any, what: str) -> None:
        """Changes the viewer, the moment or the page, at random."""
        if what == "viewer":
            options = self._widgets["user"].options
            self._user = str(self._random.choice(options)).rsplit(" ", 1)[-1].strip("()")
            await self._ask(socket, {"user": next(o for o in options if self._user in o.replace(")", " ").split())})
            named = set(re.findall(r"[Vv]iewer (\d+)", " ".join(self._texts)))
            if named - {self._user} or not (named or self._page):
                self._errors.append(f"the page {self._page or 'first'} names viewers {named}, asked for {self._user}")
        elif what == "moment":
            clock = self._widgets["_clock"]
            self._at = self._random.randrange(int(clock.min), int(clock.max), int(clock.step))
            await self._ask(socket, {"_clock": self._at})
        else:
            await self.show(socket, self._random.choice([page for page in self._pages if page != self._page]))

    async def _ask(self, socket: Any, changed: dict[str, Any]) -> None:
        message = BackMsg()
        message.rerun_script.page_script_hash = self._pages.get(self._page, "")
        for key, value in changed.items():
            state = message.rerun_script.widget_states.widgets.add(id=self._widgets[key].id)
            if isinstance(value, str):
                state.string_value = value
            else:
                state.double_array_value.data.append(value)
        await socket.send(message.SerializeToString())
        self._texts, self._errors, self._shown = [], [], set()
        async with asyncio.timeout(_PATIENCE):
            while not self._read(await socket.recv()):
                pass

    def _read(self, data: bytes) -> bool:
        """Notes what an answer holds; True at its end."""
        message = ForwardMsg()
        message.ParseFromString(data)
        kind = message.WhichOneof("type")
        if kind == "navigation":
            self._pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            name = str(message.delta.new_element.WhichOneof("type"))
            element = getattr(message.delta.new_element, name)
            if name == "exception" or (name == "alert" and _FAILURE in element.body):
                self._errors.append(f"the page {self._page or 'first'} failed")
            if getattr(element, "id", ""):
                key = element.id.rsplit("-", 1)[-1]
                self._widgets[key] = element
                self._shown.add(key)
            self._texts.append(str(getattr(element, "body", "")))
        return kind == "script_finished"


async def _crowd(port: int, viewers: int, seconds: float, think: float) -> Found:
    found = Found()
    until = time.monotonic() + seconds
    await asyncio.gather(*(Viewer(port, seed).click(found, until, think) for seed in range(viewers)))
    return found


def _servers(process: psutil.Process) -> list[psutil.Process]:
    """The processes that hold a model: those behind a proxy, or the one that was started."""
    return process.children() or [process]


def _memory(process: psutil.Process) -> str:
    """Megabytes of each server."""
    return " and ".join(f"{server.memory_info().rss / 1e6:,.0f}" for server in _servers(process))


def _processor_seconds(process: psutil.Process) -> list[float]:
    """Processor seconds so far: of a proxy (0 if there is none), of all servers, of the viewers."""
    servers = _servers(process)
    times = [process.cpu_times()] if process not in servers else []
    return [
        sum(time.user + time.system for time in group)
        for group in (times, [server.cpu_times() for server in servers], [psutil.Process().cpu_times()])
    ]


@contextmanager
def _served(replicas: int | None, port: int) -> Iterator[psutil.Process]:
    """The app as one process, or as several behind a proxy; all show recommendations."""
    if replicas is None:
        with streamlit_run(ROOT / "streamlit_app.py", port) as server:
            wait_until_ready(port)
            yield psutil.Process(server.pid)
        return
    command = [sys.executable, "-m", "recommender", "serve", "--replicas", str(replicas), "--port", str(port)]
    environment = {"MATINEE_BUNDLE": str(ROOT / "model_store" / "flagship-100k"), **os.environ}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as proxy:
        try:
            assert proxy.stderr is not None
            ready = 0
            while ready < replicas:
                line = proxy.stderr.readline()
                if not line:
                    raise SystemExit("the servers ended before they were ready.")
                ready += "is ready" in line
            threading.Thread(target=proxy.stderr.read, daemon=True).start()
            yield psutil.Process(proxy.pid)
        finally:
            proxy.terminate()


def wait_until_ready(port: int) -> None:
    """Waits until a server shows recommendations."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/ready", timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def main() -> None:
    """Measures one viewer alone, then the crowd, on the same servers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--replicas", type=int)
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--think", type=float, default=6)
    options = parser.parse_args()
    port = free_port()
    with _served(options.replicas, port) as process:
        asyncio.run(_crowd(port, options.replicas or 1, 20, 0.5))  # what is made once is made
        before = _memory(process)
        alone = asyncio.run(_crowd(port, 1, _ALONE_SECONDS, 0.5))
        after_one, used, started = _memory(process), _processor_seconds(process), time.monotonic()
        crowd = asyncio.run(_crowd(port, options.viewers, options.seconds, options.think))
        took, after = time.monotonic() - started, _memory(process)
        used = [now - then for now, then in zip(_processor_seconds(process), used, strict=True)]
    for name, found in (("one viewer", alone), (f"{options.viewers} viewers", crowd)):
        print(f"{name}: {len(found.all_seconds)} changes, {len(found.errors)} errors")
        for what, seconds in sorted({**found.seconds, "all": found.all_seconds}.items()):
            print(f"  {what}: median {1e3 * statistics.median(seconds):.0f} ms, p95 {1e3 * _p95(seconds):.0f} ms")
        for error in sorted(set(found.errors))[:5]:
            print(f"  error: {error}")
    print(f"p95 of a change, crowd beside one viewer: {_p95(crowd.all_seconds) / _p95(alone.all_seconds):.1f}")
    asked = options.viewers / options.think
    n = len(crowd.all_seconds)
    print(f"changes a second: {n / took:.1f}, of {asked:.1f} asked for if each were answered at once")
    proxy, servers, viewers = (1e3 * seconds / n for seconds in used)
    print(f"processor of a change: servers {servers:.0f} ms, proxy {proxy:.1f}, viewers {viewers:.0f}")
    print(f"memory of each server: {before} MB before, {after_one} after one viewer, {after} after the crowd")
    print(f"load of the machine at the end, over a minute and five: {os.getloadavg()[0]:.1f}, {os.getloadavg()[1]:.1f}")


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]


if __name__ == "__main__":
    main()
