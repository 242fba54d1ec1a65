"""What one change costs the server on each page: milliseconds of processor; and what it holds in memory.

    python -m benchmarks.work [--changes 20] [--pages recommend models]

One viewer without a browser changes one thing after another, on one server; what the server's process used meanwhile is
divided by the changes. Times of the processor depend less on what else a machine does than times on the clock.
"""

import argparse
import asyncio

import psutil
import websockets

from benchmarks.browser import ROOT, free_port, streamlit_run
from benchmarks.crowd import Viewer, wait_until_ready

_PAGES = ("", "time-travel", "movies", "models", "you", "training", "replay")
_WARMING = 3


def main() -> None:
    """Measures page by page and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--changes", type=int, default=20)
    parser.add_argument("--pages", nargs="*", default=list(_PAGES))
    options = parser.parse_args()
    port = free_port()
    with streamlit_run(ROOT / "streamlit_app.py", port) as server:
        wait_until_ready(port)
        process = psutil.Process(server.pid)
        print("| page | another viewer, ms | another moment, ms | drawn anew, ms | memory then, MB |")
        print("|---|---|---|---|---|", flush=True)
        for page in options.pages:
            costs = asyncio.run(_costs(port, process, "" if page == "recommend" else page, options.changes))
            cells = [f"{1e3 * costs[what]:.0f}" if what in costs else "" for what in ("viewer", "moment", "page")]
            memory = process.memory_info().rss / 1e6
            print(f"| {page or 'recommend'} | {' | '.join(cells)} | {memory:,.0f} |", flush=True)


async def _costs(port: int, process: psutil.Process, page: str, changes: int) -> dict[str, float]:
    """What was changed -> processor seconds of one change."""
    viewer, found = Viewer(port, 0), {}
    async with websockets.connect(viewer.url, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
        await viewer.open(socket)
        await viewer.show(socket, page)
        for what in ("viewer", "moment", "page"):
            if not viewer.can_change(what):
                continue
            for at in range(changes + _WARMING):
                if at == _WARMING:
                    before = _processor_seconds(process)
                await (viewer.show(socket, page) if what == "page" else viewer.change(socket, what))
            found[what] = (_processor_seconds(process) - before) / changes
    return found


def _processor_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
