"""A change of viewer or moment until the new table is on screen, as a ratio to the same change in an empty app.

    python -m benchmarks.rerun [--changes 30]

Both run in headless Chromium against a real server. The empty app holds the same two widgets and shows the choice in a
table of one cell. At most 3; the far mark is 2.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks.browser import FIRST_TABLE, ROOT, chromium, free_port, open_when_served, streamlit_run

_EMPTY_APP = """
import datetime
import streamlit as st
viewer = st.selectbox("Viewer", [str(n) for n in range(1, 944)])
first, last = datetime.datetime(1997, 9, 20), datetime.datetime(1998, 4, 22)
moment = st.slider("Turn the clock", first, last, last)
st.dataframe({"chosen": [f"{viewer} {moment}"]})
"""


def main() -> None:
    """Measures both apps change by change and prints medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--changes", type=int, default=30)
    changes = parser.parse_args().changes
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        empty_script = Path(folder) / "empty.py"
        empty_script.write_text(_EMPTY_APP, encoding="utf-8")
        ports = free_port(), free_port()
        with streamlit_run(empty_script, ports[0]), streamlit_run(ROOT / "streamlit_app.py", ports[1]):
            empty, matinee = (_open(browser, port) for port in ports)
            for what, change in (("viewer", _change_viewer), ("moment", _change_moment)):
                seconds: dict[str, list[float]] = {"empty": [], "matinee": []}
                for repeat in range(changes + 3):
                    for name, page in (("empty", empty), ("matinee", matinee)):
                        taken = change(page, repeat)
                        if repeat >= 3:  # the first changes warm both
                            seconds[name].append(taken)
                medians = {name: statistics.median(values) for name, values in seconds.items()}
                ratio = medians["matinee"] / medians["empty"]
                print(
                    f"{what}: empty app {1e3 * medians['empty']:.0f} ms, matinee {1e3 * medians['matinee']:.0f} ms, "
                    f"ratio {ratio:.2f} (at most 3, far mark 2)"
                )


def _open(browser: Browser, port: int) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    open_when_served(page, f"http://localhost:{port}")
    page.wait_for_function(f"{FIRST_TABLE}.length > 0", timeout=120_000)
    time.sleep(2)
    return page


def _change_viewer(page: Page, repeat: int) -> float:
    box = page.get_by_role("combobox", name="Viewer")
    box.click()
    box.fill(str(300 + 7 * repeat))
    page.get_by_role("option", name=str(300 + 7 * repeat), exact=True).wait_for()
    return _until_changed(page, lambda: page.keyboard.press("Enter"))


def _change_moment(page: Page, repeat: int) -> float:
    page.get_by_role("slider", name="Turn the clock").focus()
    return _until_changed(page, lambda: page.keyboard.press("ArrowLeft"))


def _until_changed(page: Page, act) -> float:  # type: ignore[no-untyped-def]
    before = page.evaluate(FIRST_TABLE)
    started = time.perf_counter()
    act()
    page.wait_for_function(
        f"before => JSON.stringify({FIRST_TABLE}) !== JSON.stringify(before)", arg=before, polling="raf"
    )
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
