"""The two settings worth ten times the speed of a rerun, and what the server does beside showing pages."""

import asyncio
import gc
import json
import os
import subprocess
import sys
import time
import weakref
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.routing import Mount, Route

from recommender.dashboard import server
from recommender.dashboard.bundles import loading
from recommender.dashboard.bundles.loading import Loading
from recommender.errors import BundleError
from tests.dashboard.doubles import DoubleRecommender, small_ratings

ROOT = Path(__file__).parents[2]


def asked_of_python(program: str) -> list[object]:
    """What a new interpreter prints as json, started in the repository without any setting from outside."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("STREAMLIT_", "TF_"))}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_serving_never_brings_keras_3_whose_session_streamlit_would_clear() -> None:
    program = (
        "import json, os, sys; import recommender.serving;"
        "print(json.dumps([os.environ.get('TF_USE_LEGACY_KERAS'),"
        "'keras' in sys.modules, 'tensorflow' in sys.modules]))"
    )
    assert asked_of_python(program) == ["1", False, True]


def test_legacy_keras_is_switched_on_in_exactly_one_place() -> None:
    places = [
        f for f in (ROOT / "recommender").rglob("*.py") if 'environ.setdefault("TF_USE_LEGACY_KERAS"' in f.read_text()
    ]
    assert places == [ROOT / "recommender" / "__init__.py"]


def test_streamlit_does_not_collect_garbage_after_each_run() -> None:
    program = (
        "import json; from streamlit import config;"
        "print(json.dumps([config.get_option('runner.postScriptGC'), config.get_option('browser.gatherUsageStats'),"
        " config.get_option('client.showErrorDetails'), config.get_option('server.address')]))"
    )
    assert asked_of_python(program) == [False, False, "none", "localhost"]


def test_loaded_model_is_frozen_out_of_garbage_collection(recommender, tmp_path: Path) -> None:
    gc.unfreeze()
    loading._freeze.cache_clear()
    assert Loading(tmp_path).recommender() is not None
    assert gc.get_freeze_count() > 0
    assert gc.isenabled()
    gc.unfreeze()


def test_model_that_left_the_cache_is_collected_though_it_is_full_of_cycles(monkeypatch, tmp_path: Path) -> None:
    class Cyclic(DoubleRecommender):
        def __init__(self) -> None:
            super().__init__()
            object.__setattr__(self, "itself", self)

        def with_ratings(self, ratings: object) -> "Cyclic":
            return self

    monkeypatch.setattr(loading, "load_recommender", lambda bundle: Cyclic())
    monkeypatch.setattr(loading, "read_cached_ratings", small_ratings)
    loading._freeze.cache_clear()
    first = Loading(tmp_path).recommender()
    later = weakref.ref(Loading(tmp_path).recommender())
    gc.collect()
    gc.unfreeze()
    assert first is not None
    assert later() is None


def test_bundle_that_fails_freezes_nothing_and_leaves_it_to_the_next(recommender, monkeypatch, tmp_path: Path) -> None:
    def fail(bundle: Path) -> None:
        raise BundleError("torn")

    gc.unfreeze()
    loading._freeze.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(loading, "load_recommender", fail)
        with pytest.raises(BundleError):
            Loading(tmp_path).recommender()
    assert gc.get_freeze_count() == 0
    assert gc.isenabled()
    Loading(tmp_path).recommender()
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


def test_first_model_is_never_loaded_again_however_many_others_are_looked_at(
    recommender, monkeypatch, tmp_path: Path
) -> None:
    loads: list[str] = []
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: loads.append(bundle.name) or recommender)
    others = [tmp_path / name for name in "abcd"]
    for bundle in (loading.default_bundle(), *others, loading.default_bundle(), *others[1:], others[0]):
        loading.loading(bundle).recommender()
    assert loads == ["flagship", *"abcd", "a"]


def test_a_bundle_is_loaded_once_and_again_when_it_is_replaced(recommender, monkeypatch, tmp_path: Path) -> None:
    loads = []
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: loads.append(bundle) or recommender)
    (tmp_path / "manifest.json").write_text("{}")
    for _ in range(3):
        loading.loading(tmp_path).recommender()
    assert len(loads) == 1
    os.utime(tmp_path / "manifest.json", (1, 1))
    loading.loading(tmp_path).recommender()
    assert len(loads) == 2


def ask_ready() -> tuple[int, dict[str, str]]:
    """Status and body of /ready."""
    answer = asyncio.run(server.ready(Request({"type": "http"})))
    return answer.status_code, json.loads(bytes(answer.body))


def test_ready_answers_503_until_the_model_is_warm(recommender, monkeypatch) -> None:
    import threading

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
    stage = loading.loading(loading.default_bundle())
    while not stage.finished:
        time.sleep(0.01)
    status, body = ask_ready()
    assert (status, body["state"]) == (503, "failed")


def test_fonts_are_served_from_here_with_their_licences() -> None:
    config = (ROOT / ".streamlit" / "config.toml").read_text()
    fonts = [line.split('"')[1] for line in config.splitlines() if line.startswith("url = ")]
    assert len(fonts) == 2
    for font in fonts:
        assert (ROOT / font.removeprefix("/")).read_bytes()[:4] == b"wOF2"
    assert len(list((ROOT / "assets" / "fonts").glob("*LICENSE.txt"))) == len(fonts)


def test_own_routes_keep_clear_of_streamlits() -> None:
    kinds = [(type(route), getattr(route, "path", "")) for route in server.routes()]
    assert kinds == [(Route, "/ready"), (Mount, "/assets")]


def test_importing_the_app_draws_nothing() -> None:
    program = "import json, streamlit_app as s; print(json.dumps([type(s.app).__name__, hasattr(s, 'shell')]))"
    assert asked_of_python(program) == ["App", False]
