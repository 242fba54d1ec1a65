"""What uploads may hold in memory, and what becomes of a file for which there is no room."""

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message

from recommender.dashboard.web import uploads
from recommender.dashboard.web.uploads import (
    MOST_BYTES_OF_A_SESSION,
    MOST_BYTES_OF_ALL,
    BoundedUploads,
    RefusedUploads,
    why_too_much,
)

MB = 1_000_000


@pytest.fixture
def held(monkeypatch) -> dict[str, int]:
    monkeypatch.setattr(uploads, "refused_uploads", RefusedUploads())
    found: dict[str, int] = {}
    monkeypatch.setattr(uploads, "held_bytes", lambda: dict(found))
    return found


@pytest.fixture
def app(held: dict[str, int]) -> Starlette:
    async def keep(request: Request) -> Response:
        session = request.path_params["session"]
        held[session] = held.get(session, 0) + len(await request.body())
        return Response(status_code=201)

    route = Route("/_stcore/upload_file/{session}/{file}", keep, methods=["PUT", "DELETE"])
    return Starlette(routes=[route], middleware=[Middleware(BoundedUploads)])


def send(app: Starlette, session: str, file: str, size: int | None, method: str = "PUT") -> int:
    """The status that a file is answered with; without a size it is not announced."""
    sent: list[Message] = []
    body = iter([{"type": "http.request", "body": b"x" * 10, "more_body": False}])

    async def receive() -> Message:
        return next(body)

    async def answer(message: Message) -> None:
        sent.append(message)

    headers = [] if size is None else [(b"content-length", str(size).encode())]
    path = f"/_stcore/upload_file/{session}/{file}"
    scope: dict[str, Any] = {"type": "http", "path": path, "method": method, "headers": headers, "query_string": b""}
    asyncio.run(app(scope, receive, answer))
    return sent[0]["status"]


def test_a_file_beyond_what_a_session_may_hold_is_not_kept_and_the_session_is_told_why(app, held) -> None:
    assert send(app, "mine", "a", 200 * MB) == 201
    held["mine"] = MOST_BYTES_OF_A_SESSION - 150 * MB
    assert send(app, "mine", "b", 200 * MB) == 204
    assert held["mine"] == MOST_BYTES_OF_A_SESSION - 150 * MB
    said = uploads.refused_uploads.last_reason("mine")
    assert "it has 200 MB, your other uploads 250 MB, and together they may have 400 MB" in said
    assert uploads.refused_uploads.last_reason("theirs") == ""
    assert send(app, "theirs", "c", 200 * MB) == 201


def test_the_reason_is_forgotten_once_the_file_is_taken_away_or_sent_again(app, held) -> None:
    held["mine"] = MOST_BYTES_OF_A_SESSION
    for method in ("DELETE", "PUT"):
        assert send(app, "mine", "b", 10) == 204
        assert uploads.refused_uploads.last_reason("mine")
        held["mine"] = 0
        assert send(app, "mine", "b", 10, method) == 201
        assert uploads.refused_uploads.last_reason("mine") == ""
        held["mine"] = MOST_BYTES_OF_A_SESSION


def test_all_sessions_together_have_a_bound() -> None:
    held = {str(number): 300 * MB for number in range(3)}
    assert why_too_much(50 * MB, "mine", held) == ""
    assert "leaves no room" in why_too_much(MOST_BYTES_OF_ALL - 850 * MB, "mine", held)


def test_a_file_that_does_not_say_its_size_counts_as_the_largest(app, held) -> None:
    held["mine"] = MOST_BYTES_OF_A_SESSION - 100 * MB
    assert send(app, "mine", "b", None) == 204


def test_notes_of_refused_files_are_bounded(monkeypatch) -> None:
    monkeypatch.setattr(uploads, "_MOST_NOTED", 2)
    notes = RefusedUploads()
    for session in ("a", "b", "c"):
        notes.note(session, "file", "why")
    assert [notes.last_reason(session) for session in ("a", "b", "c")] == ["", "why", "why"]
