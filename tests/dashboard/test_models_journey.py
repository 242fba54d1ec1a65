"""The page Models, the tour, presenting and exports in a browser, over the committed models and no ratings."""

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.journeys import ROOT, choose_viewer, pick, rest, served, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with the models of the repository; its ratings cannot be fetched."""
    environment = {
        "MATINEE_BUNDLE": str(ROOT / "model_store" / "flagship-100k"),
        "MATINEE_CACHE": str(tmp_path_factory.mktemp("cache")),
        "MATINEE_ML100K": str(tmp_path_factory.mktemp("nothing") / "missing.zip"),
    }
    with served(environment, tmp_path_factory.mktemp("log")) as found:
        yield found


@pytest.fixture
def page(open_tab: Callable[..., Any]) -> Any:
    return open_tab()


@pytest.fixture
def new_page(window: Any) -> Iterator[Any]:
    """A tab of its own, where how one comes to a page, and back, is looked at."""
    tab = window.new_page()
    tab.set_viewport_size({"width": 1280, "height": 1000})
    yield tab
    tab.close()


def no_failure(page: Any) -> None:
    assert page.locator('[data-testid="stException"]').count() == 0
    assert page.get_by_text("ran into a problem").count() == 0


def test_two_models_side_by_side(page: Any, address: str) -> None:
    visit(page, f"{address}/models?user=42&versus=multitask")
    page.get_by_text("In both lists").wait_for()
    rest(page)
    assert page.get_by_role("heading", name="flagship-100k").is_visible()
    assert page.get_by_role("heading", name="multitask").is_visible()
    assert re.fullmatch(r"\d+ of 10", page.get_by_test_id("stMetricValue").first.inner_text())
    pick(page, "Beside", "matrix-factorization")
    page.get_by_role("heading", name="matrix-factorization").wait_for()
    rest(page)
    assert "versus=matrix-factorization" in page.url
    assert "user=42" in page.url
    no_failure(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Whole bundle").first.click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        assert "flagship-100k/manifest.json" in archive.namelist()


def test_tour_leads_from_its_start_to_its_end(page: Any, address: str) -> None:
    visit(page, f"{address}/")
    page.get_by_text("Recommended on").wait_for()
    page.get_by_role("link", name=re.compile("Take the tour")).click()
    page.get_by_text(re.compile(r"^1 of \d$")).wait_for()
    steps = int(page.get_by_text(re.compile(r"^1 of \d$")).inner_text()[-1])
    assert steps >= 5
    for number in (
        1,
        2,
        3,
        steps - 1,
        steps,
    ):  # from page to page; what is said on the way is tested with the model alone
        if number == steps - 1:
            page.goto(f"{address}/?step={number}")
        page.get_by_text(f"{number} of {steps}", exact=True).wait_for()
        rest(page)
        assert f"step={number}" in page.url
        assert page.get_by_role("link", name="To this step").count() == 0
        no_failure(page)
        if number not in (3, steps):
            page.get_by_role("link", name="Next").click()
    page.get_by_role("link", name="Back").click()
    page.get_by_text(f"{steps - 1} of {steps}", exact=True).wait_for()
    rest(page)
    page.get_by_role("button", name="Leave").click()
    rest(page)
    assert "step=" not in page.url


def test_step_in_the_address_opens_its_page(new_page: Any, address: str) -> None:
    page = new_page
    page.goto(f"{address}/?step=2")
    page.get_by_role("button", name=re.compile("Unpin 1 Jun 2000")).wait_for()
    rest(page)
    page.get_by_role("heading", name="viewer 427").wait_for()
    assert "pin=2000-06-01" in page.url


def test_presenting_folds_controls_away_on_every_page(page: Any, address: str) -> None:
    page.goto(f"{address}/?user=181&at=1998-01-01T00:00&model=multitask&present=true")
    page.get_by_role("heading", name="Viewer 181").wait_for()
    rest(page)
    widgets = "[data-testid=stSelectbox], [data-testid=stSlider], [data-testid=stMultiSelect], [data-testid=stCheckbox]"
    for name in ("Models", "Training", "Recommend"):
        page.get_by_role("link", name=name).click()
        rest(page)
        page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")
        page.wait_for_function("() => location.search.includes('user=181')")
        for choice in ("present=true", "at=1998-01-01T00", "model=multitask"):
            assert choice in page.url
        page.get_by_text("1 Jan 1998, 00:00 UTC").first.wait_for()
        assert page.locator(widgets).count() == 0
        no_failure(page)
    page.get_by_role("button", name="Controls").click()
    page.get_by_role("combobox", name="Viewer").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="End", exact=True).click()
    rest(page)
    assert "present" not in page.url
    assert "user=181" in page.url
    page.locator(".st-key-who_and_when").wait_for()


def test_view_is_taken_away(page: Any, address: str) -> None:
    pytest.importorskip("vl_convert", reason="NO DRAWING: pip install vl-convert-python; nothing was drawn")
    visit(page, f"{address}/?user=42")
    page.get_by_text("Recommended on").wait_for()
    rest(page)
    page.get_by_role("button", name="Export").click()
    page.get_by_text(f"{address}/?model=flagship-100k&user=42").wait_for()
    taken = {}
    for label in ("Table, csv", "Picture, png", "Page that responds, html"):
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        taken[label] = Path(download.value.path()).read_bytes()
    assert taken["Table, csv"].decode("utf-8-sig").startswith("Place in the list,Title,Year,")
    assert taken["Picture, png"].startswith(b"\x89PNG")
    report = taken["Page that responds, html"].decode()
    asked: list[str] = []
    alone = page.context.new_page()
    alone.on("request", lambda request: asked.append(request.url))
    alone.set_content(report)
    alone.locator("figure svg").first.wait_for()
    assert [url for url in asked if not url.startswith(("data:", "about:"))] == []
    assert alone.locator("svg").count() >= 1
    assert alone.locator("table tbody tr").count() == 10


def test_back_and_forward_go_where_one_was(new_page: Any, address: str) -> None:
    """Viewer, moment, page, film and step; a page leaves addresses behind on its way, so Back may take two."""
    page = new_page

    def drawn(gone: Callable[[], object], part: str, other: str = "") -> None:
        """Goes on until an address has one part and not the other."""
        for _ in range(4):
            gone()
            rest(page)
            if part in page.url and not (other and other in page.url):
                return
        raise AssertionError(f"{part} is not in {page.url}")

    page.goto(f"{address}/?user=42")
    page.get_by_text("Recommended on").wait_for()
    rest(page)
    choose_viewer(page, "7")
    page.get_by_role("slider", name="Turn the clock").press("ArrowLeft")
    rest(page)
    moment = re.search(r"at=[^&]+", page.url)
    assert moment is not None
    page.get_by_role("link", name="Movies").click()
    rest(page)
    page.get_by_role("link", name="You", exact=True).click()
    rest(page)
    drawn(page.go_back, "/movies?")
    assert page.get_by_text("Viewer 7 ·").first.is_visible()
    drawn(page.go_back, moment[0], "/movies")
    assert page.get_by_role("heading", name="Viewer 7").is_visible()
    drawn(page.go_back, "user=42")
    assert page.get_by_role("heading", name="Viewer 42").is_visible()
    drawn(page.go_forward, "user=7")
    assert page.get_by_role("heading", name="Viewer 7").is_visible()

    page.goto(f"{address}/?step=7")
    page.get_by_text("7 of 8", exact=True).wait_for()
    rest(page)
    page.get_by_role("link", name="Next").click()
    page.get_by_text("8 of 8", exact=True).wait_for()
    rest(page)
    drawn(page.go_back, "/training")
    page.get_by_text("7 of 8", exact=True).wait_for()
    no_failure(page)
