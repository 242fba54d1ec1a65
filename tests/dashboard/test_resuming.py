"""A server that starts looks after the trainings that were waiting when the last one stopped."""

import asyncio
import threading

import pytest
import streamlit as st

from recommender import runs
from recommender.dashboard import server
from recommender.dashboard.bundles import loading
from recommender.errors import BundleError, ConfigurationError


@pytest.mark.parametrize("fails", [False, True])
def test_waiting_trainings_go_on_after_the_model_is_there_or_will_never_be(recommender, monkeypatch, fails):
    looked = threading.Event()
    gate = threading.Event()
    monkeypatch.setattr(runs.queue.Queue, "supervise", lambda self: looked.set())

    def load(bundle):
        assert gate.wait(60)
        if fails:
            raise BundleError("torn")
        return recommender

    monkeypatch.setattr(loading, "load_recommender", load)

    async def start() -> None:
        async with server.warm_up(st.App("streamlit_app.py")):
            assert not looked.is_set()
            gate.set()
            assert await asyncio.to_thread(looked.wait, 60)

    asyncio.run(start())


def start() -> loading.Loading:
    async def started() -> loading.Loading:
        async with server.warm_up(st.App("streamlit_app.py")):
            return loading.load(loading.default_bundle())

    return asyncio.run(started())


def test_server_that_does_not_train_starts_nothing_that_waited(recommender, monkeypatch):
    monkeypatch.setenv("MATINEE_TRAINING", "off")
    looked = threading.Event()
    monkeypatch.setattr(server, "_look_after_trainings", lambda stage: looked.set())
    start().wait()
    assert not looked.is_set()
    monkeypatch.setenv("MATINEE_TRAINING", "on")
    start()
    assert looked.wait(60)


@pytest.mark.parametrize("value", ["of", "OFF", "0", "no"])
def test_word_that_is_not_understood_opens_no_server(recommender, monkeypatch, value):
    monkeypatch.setenv("MATINEE_TRAINING", value)
    with pytest.raises(ConfigurationError, match=rf"MATINEE_TRAINING is '{value}'; set it to on or off"):
        start()


def test_word_that_is_not_understood_is_a_sentence_before_anything_is_served(monkeypatch):
    monkeypatch.setenv("MATINEE_TRAINING", "maybe")
    with pytest.raises(SystemExit, match="error: MATINEE_TRAINING is 'maybe'; set it to on or off"):
        server.check_settings()
    monkeypatch.setenv("MATINEE_TRAINING", "off")
    server.check_settings()
