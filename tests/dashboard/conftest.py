from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from filelock import FileLock
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from recommender.bundle.reader import read_manifest
from recommender.dashboard.bundles import loading
from recommender.dashboard.choices import current
from recommender.errors import FetchError
from recommender.replay.results import folder_for
from tests.dashboard import journeys
from tests.dashboard.doubles import DoubleRecommender, small_ratings
from tests.dashboard.replays import write_replay

APP = Path(__file__).parents[2] / "streamlit_app.py"
Open = Callable[..., AppTest]


@pytest.fixture(scope="session", autouse=True)
def _installed_packages_scanned_once() -> Iterator[None]:
    """Streamlit looks through all installed packages for components whenever an app is tested: 0.3 s each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


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
    monkeypatch.setitem(current.SWITCHES, current.TABLE, True)  # most tests read the list as a table
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


@pytest.fixture(scope="session")
def address(checkerboard_bundle: Path, shared_folder: Path) -> Iterator[str]:
    """The app with the checkerboard's bundle; its ratings cannot be fetched."""
    folder = shared_folder / "served-plain"
    environment = {
        "MATINEE_BUNDLE": str(checkerboard_bundle),
        "MATINEE_CACHE": str(folder / "cache"),
        "MATINEE_ML100K": str(folder / "missing.zip"),
    }
    with journeys.served_to_all(environment, folder) as found:
        yield found


@pytest.fixture(scope="session")
def address_with_ratings(bundle_with_ratings: Path, shared_folder: Path) -> Iterator[str]:
    """The app with a bundle that finds its ratings, so that every page shows all it has."""
    folder = shared_folder / "served-with-ratings"
    with FileLock(shared_folder / "replay.lock"):
        if not folder_for(bundle_with_ratings).exists():
            write_replay(bundle_with_ratings, read_manifest(bundle_with_ratings).data.checksum)
    environment = {"MATINEE_BUNDLE": str(bundle_with_ratings), "MATINEE_CACHE": str(folder / "cache")}
    with journeys.served_to_all(environment, folder) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium; not for the whole session, as Playwright keeps an event loop running in this thread."""
    path = journeys.chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=path, args=journeys.ARGUMENTS)
        yield chrome
        chrome.close()


@pytest.fixture(scope="module")
def window(browser: Any) -> Iterator[Any]:
    """What the tabs of a module share, in New York: what one of them has fetched the others need not fetch again.

    The server's content policy must keep nothing from the pages that are seen.
    """
    kept_away: list[str] = []

    def look(message: Any) -> None:
        if "Content Security Policy" in message.text:
            kept_away.append(message.text)

    context = browser.new_context(timezone_id="America/New_York")
    context.on("console", look)
    context.set_default_timeout(journeys.PATIENCE)
    context.add_init_script(journeys.COUNT_ANSWERS)
    yield context
    context.close()
    assert not kept_away


@pytest.fixture(scope="module")
def tabs(window: Any) -> list[Any]:
    """The tabs of a module that no test uses now."""
    return []


@pytest.fixture
def open_tab(window: Any, tabs: list[Any]) -> Iterator[Callable[..., Any]]:
    """Opens a tab of a size and a colour scheme, or one that an earlier test of the module is done with."""
    used = []

    def open_tab(width: int = 1280, height: int = 1000, scheme: str = "light") -> Any:
        tab = tabs.pop() if tabs else window.new_page()
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(color_scheme=scheme)
        used.append(tab)
        return tab

    yield open_tab
    tabs.extend(tab for tab in used if not tab.is_closed())


@pytest.fixture
def page(open_tab: Callable[..., Any], address: str) -> Any:
    """The start page, with its list as a table."""
    tab = open_tab()
    journeys.visit(tab, f"{address}/?table=true")
    return tab
