"""What every answer of the server says to a browser, and whom it answers."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message
from starlette.websockets import WebSocket

from recommender.dashboard import server
from recommender.dashboard.web.headers import FRAMES_VARIABLE, content_policy, security_headers
from recommender.dashboard.web.hosts import is_allowed
from recommender.errors import ConfigurationError

HEADERS = {"content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy"}


class _BugError(Exception):
    pass


async def page(request: Request) -> PlainTextResponse:
    return PlainTextResponse("a page")


async def fail(request: Request) -> PlainTextResponse:
    raise _BugError


async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


@pytest.fixture
def app() -> Starlette:
    routes = [Route("/", page), Route("/_stcore/metrics", page), Route("/ready", page), Route("/fail", fail)]
    return Starlette(
        routes=[*routes, WebSocketRoute("/stream", talk)],
        middleware=server.middleware(),
        exception_handlers={Exception: server.unexpected_failure},
    )


def ask(app: ASGIApp, path: str, *, host: str = "localhost:8501", kind: str = "http") -> Message:
    """The beginning of the answer to a request."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"} if kind == "websocket" else {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": kind,
        "path": path,
        "headers": [(b"host", host.encode())],
        "query_string": b"",
        "method": "GET",
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }
    with suppress(_BugError):  # which the log is to have as well
        asyncio.run(app(scope, receive, send))
    return sent[0]


def names_in(answer: Message) -> set[str]:
    return {name.decode() for name, _ in answer["headers"]}


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/ready", 200), ("/nowhere", 404), ("/fail", 500)])
def test_every_answer_has_the_headers_of_security(app: Starlette, path: str, status: int) -> None:
    answer = ask(app, path)
    assert answer["status"] == status
    assert names_in(answer) >= HEADERS


def test_a_websocket_has_them_when_it_is_accepted_and_when_it_is_refused(app: Starlette) -> None:
    accepted = ask(app, "/stream", kind="websocket")
    refused = ask(app, "/stream", kind="websocket", host="evil.example")
    assert (accepted["type"], refused["status"]) == ("websocket.accept", 400)
    assert names_in(accepted) >= HEADERS
    assert names_in(refused) >= HEADERS


def test_nobody_can_read_the_metrics(app: Starlette) -> None:
    assert ask(app, "/_stcore/metrics")["status"] == 404
    assert ask(app, "/_stcore/metrics/")["status"] == 404


def test_the_policy_lets_no_text_become_a_program_and_knows_the_script_of_streamlits_page() -> None:
    rules = dict(rule.split(" ", 1) for rule in content_policy().split("; "))
    assert rules["default-src"] == rules["frame-ancestors"] == "'none'"
    assert "'unsafe-eval'" not in rules["script-src"]
    assert "'unsafe-inline'" not in rules["script-src"]
    assert rules["script-src"].count("'sha256-") == 1


def test_sites_that_are_named_may_show_pages_in_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FRAMES_VARIABLE, "https://wiki.example.org http://*.school.example:8080")
    rules = dict(rule.split(" ", 1) for rule in content_policy().split("; "))
    assert rules["frame-ancestors"] == "https://wiki.example.org http://*.school.example:8080"
    assert "X-Frame-Options" not in security_headers()  # which would forbid it for older browsers and some newer


@pytest.mark.parametrize("site", ["wiki.example.org", "*", "https://a/b", "'self'", "https://a;script-src", "https://"])
def test_site_that_is_none_is_a_sentence(monkeypatch: pytest.MonkeyPatch, site: str) -> None:
    monkeypatch.setenv(FRAMES_VARIABLE, site)
    with pytest.raises(ConfigurationError, match="which is no site; write https://"):
        content_policy()


def test_another_name_is_refused_but_for_health_checks(app: Starlette) -> None:
    refused = ask(app, "/", host="evil.example")
    assert refused["status"] == 400
    assert names_in(refused) >= HEADERS
    assert ask(app, "/ready", host="matinee")["status"] == 200


def test_the_names_are_those_of_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "get_option", {"server.allowedHosts": ["films.example.org"]}.__getitem__)
    app = Starlette(routes=[Route("/", page)], middleware=server.middleware())
    assert ask(app, "/", host="films.example.org")["status"] == 200
    assert ask(app, "/", host="localhost:8501")["status"] == 400


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8501", "app.localhost", "127.0.0.1:8501", "[::1]:8501", "192.168.1.7"]
)
def test_without_names_it_answers_to_localhost_and_to_any_number(host: str) -> None:
    assert is_allowed(host, [])


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "localhost.evil.example",
        "evil@localhost",
        "localhost/evil",
        "localhost:x",
        "[::1",
        "1.2",
    ],
)
def test_without_names_it_answers_to_nothing_else(host: str | None) -> None:
    assert not is_allowed(host, [])


def test_a_star_stands_for_any_name_and_before_a_dot_for_all_below() -> None:
    assert is_allowed("evil.example", ["*"])
    assert is_allowed("a.b.example.org:80", ["*.Example.org"])
    assert is_allowed("example.org.", [" example.org"])
    assert not is_allowed("example.org", ["*.example.org"])
    assert not is_allowed("badexample.org", ["*.example.org", "example.org"])
