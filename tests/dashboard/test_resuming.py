"""A server that starts looks after the trainings that were waiting when the last one stopped."""

import asyncio
import threading

import pytest
import streamlit as st

from recommender import runs
from recommender.dashboard import loading, server
from recommender.errors import BundleError


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
