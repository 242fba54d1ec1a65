from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from recommender.serving.recommender import Recommender
from tests import conftest
from tests.eager import eagerly  # noqa: F401

SHORT = [part for name, value in conftest.SHORT.items() for part in ("--set", f"{name}={value}")]


@pytest.fixture(scope="session", autouse=True)
def _shared_bundle_loaded_once(checkerboard_bundle: Path) -> Iterator[None]:
    """Most commands ask the same bundle, and loading it takes longer than asking; others are loaded as ever."""
    load = Recommender.load
    loaded = cache(load)

    def load_once(path: Path) -> Recommender:
        return loaded(path) if path == checkerboard_bundle else load(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Recommender, "load", load_once)
        yield


@pytest.fixture(autouse=True)
def _few_viewers_are_asked_what_dials_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a bundle made here nobody reads these figures, and without graphs they take as long as the training."""
    monkeypatch.setattr("recommender.export.dial_prices._MOST_VIEWERS", 2)
