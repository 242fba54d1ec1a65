"""What the web server does beside showing pages."""

import asyncio
import json
import threading
import time

import pandas as pd
import streamlit as st
from starlette.requests import Request
from starlette.routing import Mount, Route

from recommender.dashboard import server
from recommender.dashboard.bundles import loading


def ask_ready() -> tuple[int, dict[str, str]]:
    """Status and body of /ready."""
    answer = asyncio.run(server.ready(Request({"type": "http"})))
    return answer.status_code, json.loads(bytes(answer.body))


def test_ready_answers_503_until_the_model_is_warm(recommender, monkeypatch) -> None:
    gate = threading.Event()
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: gate.wait() and recommender)
    status, body = ask_ready()
    assert (status, body["state"]) == (503, "loading")
    gate.set()
    deadline = time.monotonic() + 10
    while ask_ready()[0] != 200 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert ask_ready() == (200, {"state": "ready", "bundle": "flagship", "ratings": "here"})


def test_ready_stays_503_without_a_bundle(recommender, monkeypatch) -> None:
    def fail(bundle: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(loading, "load_recommender", fail)
    stage = loading.load(loading.default_bundle())
    while not stage.finished:
        time.sleep(0.01)
    status, body = ask_ready()
    assert (status, body["state"]) == (503, "failed")


def test_own_routes_keep_clear_of_streamlits() -> None:
    kinds = [(type(route), getattr(route, "path", "")) for route in server.routes()]
    questions = [(Route, f"/api{path}") for path in ("", "/openapi.json", "/recommend", "/rate", "/similar")]
    assert kinds == [(Route, "/ready"), *questions, (Mount, "/assets")]


def test_server_keeps_the_words_of_its_tables_as_python_does(recommender) -> None:
    async def start() -> str:
        async with server.warm_up(st.App(__file__)):
            return pd.Series(["Heat"]).dtype.storage

    with pd.option_context("mode.string_storage", "pyarrow"):
        assert asyncio.run(start()) == "python"
