"""Servers behind one address: a viewer stays with one, one that dies is started again, and all end together."""

import asyncio
import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from starlette.datastructures import Headers

from recommender.dashboard.web.replica import NamesReplica
from recommender.errors import ConfigurationError, RecommenderError
from recommender.replicas.serve import MOST_REPLICAS, serve
from recommender.replicas.sticking import COOKIE, number_in

# A server that says its number and its process, takes what it is sent, dies when told to, and echoes websocket bytes.
SERVER = """
import hashlib, http.server, os, signal, sys
class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def say(self, text, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())
    def do_GET(self):
        if self.path == "/die":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.headers.get("Upgrade"):
            self.send_response(101)
            self.end_headers()
            while line := self.rfile.readline():
                self.wfile.write(line.upper())
        if self.path == "/large":
            self.say("x" * 3_000_000)
        self.say(f"{os.environ['MATINEE_REPLICA']} {os.getpid()} {self.headers.get('X-Forwarded-For')}")
    def do_PUT(self):
        self.say(hashlib.sha256(self.rfile.read(int(self.headers["Content-Length"]))).hexdigest())
    def log_message(self, *parts):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Server).serve_forever()
"""
SERVE = """
import sys
from pathlib import Path
from recommender.replicas.serve import serve
script, replicas, port = sys.argv[1:]
serve(int(replicas), "localhost", int(port), lambda text: print(text, flush=True),
      lambda port: [sys.executable, script, str(port)])
"""
ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def replicas(folder: Path, number: int, script: str = SERVER) -> Iterator[tuple[subprocess.Popen, int]]:
    """Replicas that are ready; the process in front of them and its port."""
    server, port = folder / "server.py", free_port()
    server.write_text(script)
    command = [sys.executable, "-c", SERVE, str(server), str(number), str(port)]
    front = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        for _ in range(1 + number):
            assert front.stdout.readline()
        yield front, port
    finally:
        front.terminate()
        front.wait(30)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen, int]]:
    with replicas(tmp_path_factory.mktemp("servers"), 2) as found:
        yield found


def ask(
    port: int, path: str = "/", *, number: int | None = None, method: str = "GET", body: bytes | None = None
) -> str:
    connection = http.client.HTTPConnection("localhost", port, timeout=30)
    headers = {} if number is None else {"Cookie": f"other=1; {COOKIE}={number}; last=2"}
    connection.request(method, path, body, headers)
    return connection.getresponse().read().decode()


def answer_after_trying(port: int, number: int) -> str:
    """As a browser asks again what failed: for a moment a process that was killed still takes connections."""
    for _ in range(100):
        try:
            return ask(port, number=number)
        except (http.client.HTTPException, OSError):
            time.sleep(0.01)
    raise AssertionError("nobody answers")


def test_viewer_stays_with_the_replica_that_its_cookie_names(front):
    _, port = front
    assert {ask(port, number=1).split()[0] for _ in range(5)} == {"1"}
    assert {ask(port, number=2).split()[0] for _ in range(5)} == {"2"}
    assert ask(port, number=9).split()[0] in {"1", "2"}  # of more replicas that were there before


def test_viewers_without_a_cookie_are_shared_out(front):
    _, port = front
    held, found = [], []
    for _ in range(4):
        held.append(connection := http.client.HTTPConnection("localhost", port, timeout=30))
        connection.request("GET", "/")
        found.append(connection.getresponse().read().decode().split()[0])
    assert sorted(found) == ["1", "1", "2", "2"]


def test_uploads_downloads_and_sockets_pass_whole(front):
    _, port = front
    content = os.urandom(3_000_000)
    assert ask(port, method="PUT", body=content) == hashlib.sha256(content).hexdigest()
    assert len(ask(port, "/large")) == 3_000_000
    with socket.create_connection(("localhost", port), timeout=30) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly\n")
        lines = client.makefile("rb")
        assert b"101" in lines.readline()
        while lines.readline() != b"\r\n":
            pass
        assert lines.readline() == b"EARLY\n"
        client.sendall(b"late\n")
        assert lines.readline() == b"LATE\n"


def test_replica_that_dies_is_started_again_and_its_viewers_are_answered_meanwhile(front):
    process, port = front
    before = ask(port, number=2)
    with pytest.raises((http.client.HTTPException, OSError)):
        ask(port, "/die", number=2)
    assert answer_after_trying(port, number=2).startswith("1 ")
    said = [process.stdout.readline(), process.stdout.readline()]
    assert said == ["server 2 ended with -9 and is started again.\n", "server 2 is ready.\n"]
    after = ask(port, number=2)
    assert after.startswith("2 ")
    assert after != before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_all_end_when_asked_with_viewers_there(tmp_path, number):
    with replicas(tmp_path, 2) as (process, port), socket.create_connection(("localhost", port)) as viewer:
        viewer.sendall(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
        assert viewer.recv(12) == b"HTTP/1.1 101"
        servers = psutil.Process(process.pid).children()
        process.send_signal(number)
        assert process.wait(30) == 0
        assert len(servers) == 2
        assert not any(server.is_running() for server in servers)


def test_server_that_cannot_start_ends_all_with_a_sentence(capsys):
    with pytest.raises(RecommenderError, match="server 1 ended with 3 before it was ready"):
        serve(1, "localhost", free_port(), print, lambda port: [sys.executable, "-c", "raise SystemExit(3)"])


def test_port_that_is_taken_is_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port} .*choose another with --port"):
            serve(2, "localhost", port, print)


@pytest.mark.parametrize("number", [0, -1, MOST_REPLICAS + 1])
def test_number_out_of_range_is_a_sentence(number):
    with pytest.raises(ConfigurationError, match=f"expected a number from 1 to {MOST_REPLICAS}"):
        serve(number, "localhost", 8501, print)


@pytest.mark.parametrize(
    ("cookies", "number"),
    [
        ("matinee_replica=2", 2),
        ("a=1; matinee_replica=12; b=2", 12),
        ("a=matinee_replica=3", None),
        ("xmatinee_replica=3", None),
        ("matinee_replica=; a=1", None),
        ("matinee_replica=99999", None),
        ("matinee_replica=-1", None),
    ],
)
def test_number_is_read_from_a_cookie_alone(cookies, number):
    head = f"GET /?matinee_replica=7 HTTP/1.1\r\nHost: a\r\nX: matinee_replica=8\r\nCookie: {cookies}\r\n\r\n"
    assert number_in(head.encode()) == number


@pytest.mark.parametrize(
    ("number", "cookies", "given"),
    [
        (2, b"", [f"{COOKIE}=2; Path=/; HttpOnly; SameSite=Lax"]),
        (2, b"matinee_replica=1", [f"{COOKIE}=2; Path=/; HttpOnly; SameSite=Lax"]),
        (2, b"matinee_replica=2", []),
        (None, b"", []),
    ],
)
def test_replica_names_itself_to_those_who_name_another(number, cookies, given):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    sent: list[Any] = []
    scope = {"type": "http", "headers": [(b"cookie", cookies)] if cookies else []}
    asyncio.run(NamesReplica(app, number)(scope, None, send))
    assert [value for name, value in Headers(raw=sent[0]["headers"]).items() if name == "set-cookie"] == given
