"""A view as one html file that needs nothing else: no network, no script, fonts and charts inside."""

import base64
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.downloads.download import Download, cell, is_number
from recommender.dashboard.downloads.sheet import INK, LINE, PAPER, SOFT, chart_svg

if TYPE_CHECKING:
    import jinja2

_FONTS = Path(__file__).resolve().parents[3] / "assets" / "fonts"
_FACES = {
    "Hanken Grotesk": "hanken-grotesk-latin-wght-normal.woff2",
    "Fraunces": "fraunces-latin-wght-normal.woff2",
}
_CHART_WIDTH = 620


def report_html(download: Download, now: datetime | None = None) -> bytes:
    """The view as a page of its own, by the template beside this file.

    Args:
      download: the view.
      now: when it is taken; the present moment unless given.
    """
    live = {"Live view": download.address} if download.address else {}
    taken = f"{now or datetime.now(UTC):%-d %b %Y, %H:%M UTC}"
    page = _template().render(
        download=download,
        facts={**download.facts, **live, "Taken": taken},
        charts=[chart_svg(picture, _CHART_WIDTH, number) for number, picture in enumerate(download.pictures)],
        fonts={family: base64.b64encode((_FONTS / file).read_bytes()).decode() for family, file in _FACES.items()},
        colours={"paper": PAPER, "ink": INK, "soft": SOFT, "line": LINE},
    )
    return page.encode()


@cache
def _template() -> "jinja2.Template":
    import jinja2  # with the first report: a page that is only looked at starts without it

    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters |= {"cell": cell, "numeric": _numeric}
    return environment.get_template("report.html.jinja")


def _numeric(frame: pd.DataFrame) -> list[bool]:
    """Which columns are set at the right edge."""
    return [is_number(frame[name]) for name in frame]
