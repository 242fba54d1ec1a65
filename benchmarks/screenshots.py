"""Remakes the pictures of the README: `python -m benchmarks.screenshots`.

They show one viewer of MovieLens latest-small, whom the page opens on, in June 2003 with June 2000 pinned; those of
Movies and Models show viewer 42 of MovieLens 100K at the two moments of the tutorial that Matinee grew out of,
879024327 (pinned) and 892839492. The picture of training trains a small model for a moment, in a store of its own.
"""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks.browser import ROOT, chromium, free_port, open_when_served, streamlit_run, wait_for_recommendations

FOLDER = ROOT / "assets" / "screenshots"
_STATE = "user=42&at=1998-04-17T18:58&pin=1997-11-08T21:25"
_OPENING = "model=flagship&user=427&at=2003-06-01T00:00"
_DESKTOP, _TALL, _PHONE = (
    {"width": 1280, "height": 900},
    {"width": 1280, "height": 1200},
    {"width": 390, "height": 844},
)
_PICTURES = (
    ("recommend-light", f"/?{_OPENING}&pin=2000-06-01T00:00", _DESKTOP, "light"),
    ("recommend-dark", f"/?{_OPENING}&pin=2000-06-01T00:00", _DESKTOP, "dark"),
    ("recommend-phone", f"/?{_OPENING}&pin=2000-06-01T00:00", _PHONE, "light"),
    ("time-travel-light", f"/time-travel?{_OPENING}", _TALL, "light"),
    ("replay-light", f"/replay?{_OPENING}", _TALL, "light"),
    ("movies-dark", f"/movies?{_STATE}&movie=Fargo+(1996)", _TALL, "dark"),
    ("models-light", f"/models?{_STATE}&versus=multitask", _TALL, "light"),
)


def main() -> None:
    """Starts the app, takes the pictures and says where they are."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        store = Path(folder) / "store"
        shutil.copytree(ROOT / "model_store", store, ignore=shutil.ignore_patterns(".runs"))
        port = free_port()
        with streamlit_run(ROOT / "streamlit_app.py", port, {"MATINEE_BUNDLE": str(store / "flagship-100k")}):
            address = f"http://localhost:{port}"
            first = _open(browser, address, _DESKTOP, "light")
            wait_for_recommendations(first)  # the ratings are here from now on, if they can be fetched
            first.wait_for_timeout(5_000)
            first.context.close()
            for name, path, size, scheme in _PICTURES:
                page = _open(browser, address + path, size, scheme)
                _settle(page)
                _take(page, name)
            _take_you(browser, address)
            _take_training(browser, address)


def _take_you(browser: Browser, address: str) -> None:
    """A visitor who has rated three titles."""
    page = _open(browser, f"{address}/you?at=1998-04-17T18:58", _DESKTOP, "light")
    _settle(page)
    for row, star in ((0, 4), (1, 5), (3, 2)):
        page.get_by_test_id("stFeedback").nth(row).locator("button").nth(star - 1).click()
        _settle(page)
    _take(page, "you-light")


def _take_training(browser: Browser, address: str) -> None:
    """A model that is being trained; cancelled afterwards."""
    page = _open(browser, f"{address}/training?view=Train+a+model", _DESKTOP, "light")
    _settle(page)
    picker = page.get_by_role("combobox", name="Model to train", exact=True)
    picker.click()
    picker.fill("two-tower")
    picker.press("Enter")
    _settle(page)
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_selector(".stMain svg.marks .mark-symbol path", timeout=240_000)
    page.wait_for_timeout(6_000)  # some epochs
    _take(page, "train-light", close=False)
    page.get_by_role("button", name="Cancel").first.click()
    page.wait_for_timeout(3_000)
    page.context.close()


def _open(browser: Browser, url: str, size: dict[str, int], scheme: str) -> Page:
    page = browser.new_context(viewport=size, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    open_when_served(page, url)
    page.get_by_test_id("stHeading").first.wait_for(timeout=120_000)
    return page


def _settle(page: Page) -> None:
    """Waits until all is drawn: the script has ended, nothing is loading, charts and fonts stand."""
    page.wait_for_timeout(500)
    page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=120_000)
    page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')", timeout=120_000)
    page.wait_for_timeout(2_500)


def _take(page: Page, name: str, *, close: bool = True) -> None:
    file = FOLDER / f"{name}.png"
    page.mouse.move(1, 1)  # else what lies under the pointer shows its tools
    page.screenshot(path=file)
    print(file.relative_to(ROOT))
    if close:
        page.context.close()


if __name__ == "__main__":
    main()
