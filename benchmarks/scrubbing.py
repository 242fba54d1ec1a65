"""The pointer moves over the picture of Time travel: how long until rule, values and list are drawn anew.

    python -m benchmarks.scrubbing [--moves 200]

In headless Chromium against a real server. A move is timed from the event to the first frame after the texts of the
picture have changed; every move reaches another moment, and one that changes nothing within a second counts as a
second. The budget is 50 ms. Nothing may be sent to the server meanwhile; the messages are counted.
"""

import argparse
import statistics
from typing import Any

from playwright.sync_api import Page

from benchmarks.browser import ROOT, chromium, free_port, open_when_served, streamlit_run

_BUDGET_MS = 50
_COUNT_MESSAGES = """
window.sent = 0;
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (...parts) { window.sent += 1; return send.apply(this, parts); };
"""
_PICTURE = "[data-testid=stVegaLiteChart] svg"
_SCRUB = """
async ({picture, moves}) => {
  const svg = document.querySelector(picture);
  svg.scrollIntoView({block: 'center'});
  await new Promise(done => setTimeout(done, 500));
  const box = svg.getBoundingClientRect();
  const texts = () => [...svg.querySelectorAll('text')].map(text => text.textContent).join('|');
  const frame = () => new Promise(done => requestAnimationFrame(done));
  const painted = async () => {  // the task after a frame begins when that frame has been handed to the screen
    await frame();
    await new Promise(done => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); });
  };
  const taken = [];
  for (let move = 0; move < moves; move += 1) {
    // Far enough from the one before that another moment lies under the pointer.
    const x = box.left + 40 + (0.02 + 0.96 * (move * 0.618034 % 1)) * (box.width * 0.7 - 70);
    const y = box.top + 120;
    await frame();
    const before = texts(), started = performance.now();
    const target = document.elementFromPoint(x, y);
    const event = type => target.dispatchEvent(new PointerEvent(type, {
      bubbles: true, clientX: x, clientY: y, pointerType: 'mouse', pointerId: 1, isPrimary: true}));
    event('pointerover');
    event('pointermove');
    while (texts() === before && performance.now() - started < 1000) await painted();
    await painted();
    taken.push(performance.now() - started);  // a move that changed nothing within a second took a second
  }
  return taken;
}
"""


def main() -> None:
    """Moves the pointer and prints medians and the slowest of twenty."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--moves", type=int, default=200)
    moves = parser.parse_args().moves
    port = free_port()
    with chromium() as browser, streamlit_run(ROOT / "streamlit_app.py", port):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(_COUNT_MESSAGES)
        open_when_served(page, f"http://localhost:{port}/time-travel?at=1998-01-10T12:00")
        page.wait_for_selector(f"{_PICTURE} .mark-line", state="attached", timeout=120_000)
        page.wait_for_timeout(3_000)
        _scrub(page, 20)  # the first moves warm it
        sent = page.evaluate("window.sent")
        taken = _scrub(page, moves)
        asked = page.evaluate("window.sent") - sent
    median, slow = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    print(
        f"{len(taken)} moments under the pointer: half are drawn within {median:.0f} ms, nineteen of twenty within "
        f"{slow:.0f} ms (budget {_BUDGET_MS}); messages to the server: {asked}"
    )


def _scrub(page: Page, moves: int) -> list[float]:
    taken: Any = page.evaluate(_SCRUB, {"picture": _PICTURE, "moves": moves})
    return [float(milliseconds) for milliseconds in taken]


if __name__ == "__main__":
    main()
