"""Command to first recommendations in a browser, as a ratio to `python -c "import tensorflow"` in the same run.

    python -m benchmarks.startup [--repeats 5]

The browser is started together with the server, as a user's is already open. At most 2.5; the far mark is 1.6.
"""

import argparse
import statistics
import subprocess
import sys
import time

from playwright.sync_api import Browser

from benchmarks.browser import ROOT, chromium, free_port, open_when_served, streamlit_run, wait_for_recommendations


def main() -> None:
    """Measures both in turn and prints medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    imports, starts = [], []
    with chromium() as browser:
        for repeat in range(repeats + 1):
            imported, started = _import_tensorflow(), _start(browser)
            if repeat:  # the first round fills the system's file cache
                imports.append(imported)
                starts.append(started)
    imported, started = statistics.median(imports), statistics.median(starts)
    print(f'python -c "import tensorflow"         {imported:6.2f} s  (median of {repeats})')
    print(f"command to first recommendations      {started:6.2f} s  (median of {repeats})")
    print(f"ratio {started / imported:.2f} (at most 2.5, far mark 1.6)")


def _import_tensorflow() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import tensorflow"], check=True, capture_output=True)
    return time.perf_counter() - started


def _start(browser: Browser) -> float:
    port = free_port()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    started = time.perf_counter()
    with streamlit_run(ROOT / "streamlit_app.py", port):
        open_when_served(page, f"http://localhost:{port}")
        wait_for_recommendations(page)
        seconds = time.perf_counter() - started
        context.close()
    return seconds


if __name__ == "__main__":
    main()
