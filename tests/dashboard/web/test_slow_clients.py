"""Clients that keep the server waiting are closed, and others are not."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from recommender.dashboard.web.slow_clients import close_slow_clients

LOOK_SECONDS = 0.2


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the length of what it was sent, and at /late after several looks."""
    length, more = 0, True
    while more:
        message = await receive()
        length, more = length + len(message.get("body", b"")), message.get("more_body", False)
    if scope["path"] == "/late":
        await asyncio.sleep(4 * LOOK_SECONDS)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
    await send({"type": "http.response.body", "body": str(length).encode()})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server that looks five times a second whether ten bytes have come."""

    class Watched(H11Protocol):
        pass

    close_slow_clients(Watched, look_seconds=LOOK_SECONDS, least_bytes=10)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(echo, http=Watched, lifespan="off", log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


def answer_to(port: int, *sent: bytes) -> bytes:
    """What the server says before it closes the connection to a client that sends this and then falls silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        for part in sent:
            client.sendall(part)
        found = b""
        try:
            while received := client.recv(4096):
                found += received
        except ConnectionResetError:
            pass
        return found


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTT",
        b"GET / HTTP/1.1\r\nHost: a\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nhalf",
    ],
)
def test_who_does_not_end_what_it_began_is_closed_without_an_answer(port: int, sent: bytes) -> None:
    assert answer_to(port, sent) == b""


def test_who_sends_a_byte_at_a_time_is_closed_as_well(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"GET / HTTP/1.1\r\nX: ")
        pause = threading.Event()
        closed = False
        for _ in range(200):
            try:
                client.sendall(b"x")
            except OSError:
                closed = True
                break
            pause.wait(LOOK_SECONDS / 3)
        assert closed


def test_who_waits_for_a_slow_answer_gets_it(port: int) -> None:
    assert answer_to(port, b"GET /late HTTP/1.1\r\nHost: a\r\n\r\n").startswith(b"HTTP/1.1 200 OK")


def test_a_whole_upload_is_answered(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n"
    assert b"8" in answer_to(port, head, b"half", b"half").split(b"\r\n\r\n")[1]
