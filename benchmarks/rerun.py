"""A change on each page until its answer is drawn, as a ratio to the same change in an empty Streamlit app.

    python -m benchmarks.rerun [--changes 15] [--pages recommend models]

All run in headless Chromium against real servers. The empty app holds the same two widgets and shows the choice in a
table of one cell. A change takes from the key press until the last change of the document or word of the server, after
which the script has ended and nothing happens for half a second. At most 2 for a change that needs no sweep of moments,
2.5 for one that does.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks.browser import CARDS, ROOT, chromium, free_port, open_when_served, streamlit_run

_EMPTY_APP = """
import datetime
import streamlit as st
viewer = st.selectbox("Viewer", [str(n) for n in range(1, 944)])
first, last = datetime.datetime(1997, 9, 20), datetime.datetime(1998, 4, 22)
moment = st.slider("Turn the clock", first, last, last)
st.dataframe({"chosen": [f"{viewer} {moment}"]})
"""
_PAGES = (
    "recommend",
    "time-travel",
    "movies",
    "models",
    "training",
    "training?view=Train+a+model",
)  # You has no viewer and no clock
_SWEEPS = ("time-travel",)  # pages whose answer needs every moment
_WARMING = 3
# Notes when the server last said something: a run that changes nothing may end before the document shows that it began.
_LISTEN = """
const Socket = window.WebSocket;
window.heard = 0;
window.WebSocket = class extends Socket {
  constructor(...parts) {
    super(...parts);
    this.addEventListener('message', () => { window.heard = performance.now(); });
  }
};
"""
# Notes when the script last ended, and when the document last changed.
_WATCH = """() => {
  const app = document.querySelector('[data-test-script-state]');
  window.ended = window.touched = performance.now();
  new MutationObserver(() => {
    if (app.getAttribute('data-test-script-state') === 'notRunning') window.ended = performance.now();
  }).observe(app, {attributes: true, attributeFilter: ['data-test-script-state']});
  new MutationObserver(() => { window.touched = performance.now(); })
    .observe(document.querySelector('[data-testid=stMain]'), {childList: true, subtree: true, characterData: true});
}"""
_DRAWN = """started => {
  const state = document.querySelector('[data-test-script-state]').getAttribute('data-test-script-state');
  const last = Math.max(window.ended, window.touched, window.heard);
  return last > started && state === 'notRunning' && performance.now() - last > 500 && last;
}"""


def main() -> None:
    """Measures the empty app and every page, change by change, and prints medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--changes", type=int, default=15)
    parser.add_argument("--pages", nargs="*", default=list(_PAGES))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        empty_script = Path(folder) / "empty.py"
        empty_script.write_text(_EMPTY_APP, encoding="utf-8")
        ports = free_port(), free_port()
        with streamlit_run(empty_script, ports[0]), streamlit_run(ROOT / "streamlit_app.py", ports[1]):
            open_page(browser, ports[1]).close()  # the model is there from here on
            for name in options.pages:
                path = "" if name == _PAGES[0] else name
                empty, matinee = open_page(browser, ports[0], lists=False), open_page(browser, ports[1], path)
                _compare(name, empty, matinee, options.changes)
                empty.close()
                matinee.close()


def _compare(name: str, empty: Page, matinee: Page, changes: int) -> None:
    for what, change in (("viewer", change_viewer), ("moment", change_moment)):
        seconds: dict[str, list[float]] = {"empty": [], "matinee": []}
        for repeat in range(changes + _WARMING):
            for app, page in (("empty", empty), ("matinee", matinee)):
                page.bring_to_front()  # Chromium draws no page that lies behind another
                taken = change(page, repeat)
                if repeat >= _WARMING:
                    seconds[app].append(taken)
        medians = {app: statistics.median(values) for app, values in seconds.items()}
        print(
            f"{name}, another {what}: empty app {1e3 * medians['empty']:.0f} ms, this page "
            f"{1e3 * medians['matinee']:.0f} ms, ratio {medians['matinee'] / medians['empty']:.2f} "
            f"(at most {2.5 if name in _SWEEPS else 2})",
            flush=True,
        )


def open_page(browser: Browser, port: int, path: str = "", *, lists: bool = True) -> Page:
    """A page of an app, drawn to its end, which notes from here on when it was drawn."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(_LISTEN)
    open_when_served(page, f"http://localhost:{port}/{path}")
    page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=120_000)
    page.get_by_role("slider", name="Turn the clock").wait_for(timeout=120_000)
    page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')", timeout=120_000)
    if lists and not path:
        page.wait_for_function(f"() => {CARDS}.length > 0", timeout=120_000)
    time.sleep(3)
    page.evaluate(_WATCH)
    return page


def change_viewer(page: Page, repeat: int) -> float:
    """Seconds until another viewer is shown."""
    listed, typed = (page.get_by_role(role, name="Viewer") for role in ("combobox", "textbox"))  # many are typed
    box = listed.or_(typed)
    if not box.is_visible():
        page.locator(".st-key-who_and_when summary").click()
    box.click()
    box.fill(str(300 + 7 * repeat))
    if listed.is_visible():
        page.get_by_role("option", name=str(300 + 7 * repeat)).first.wait_for()
    return _until_drawn(page, "Enter")


def change_moment(page: Page, repeat: int) -> float:
    """Seconds until an earlier moment is shown."""
    page.get_by_role("slider", name="Turn the clock").focus()
    return _until_drawn(page, "ArrowLeft")


def _until_drawn(page: Page, key: str) -> float:
    started: float = page.evaluate("performance.now()")
    page.keyboard.press(key)
    drawn: float = page.wait_for_function(_DRAWN, arg=started, polling=10, timeout=120_000).json_value()
    return (drawn - started) / 1e3


if __name__ == "__main__":
    main()
