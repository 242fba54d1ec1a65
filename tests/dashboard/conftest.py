from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from recommender.dashboard import loading
from recommender.errors import FetchError
from tests.dashboard.doubles import DoubleRecommender, small_ratings

APP = Path(__file__).parents[2] / "streamlit_app.py"
Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def recommender(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DoubleRecommender:
    """The app is served from a double with its ratings; nothing touches the network."""
    double = DoubleRecommender()
    monkeypatch.setenv("MATINEE_BUNDLE", str(tmp_path / "flagship"))
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: double)
    monkeypatch.setattr(loading, "read_cached_ratings", small_ratings)

    def refuse(progress: object) -> None:
        raise FetchError("no source could be reached; connect this machine and try again.")

    monkeypatch.setattr(loading, "fetch_ratings", refuse)
    return double


@pytest.fixture
def open_app(recommender: DoubleRecommender) -> Open:
    """Opens the app as a browser would: a page and a query."""

    def open_page(page: str = "", **query: str | list[str]) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=30)
        for key, value in query.items():
            app.query_params[key] = value
        if page:
            app._page_hash = calc_hash(page)
        return app.run()

    return open_page
