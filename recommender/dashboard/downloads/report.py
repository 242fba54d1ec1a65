"""A view as one html file that needs nothing else and still responds: fonts, charts and Vega are inside."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.downloads.download import Download, is_number
from recommender.dashboard.downloads.sheet import GRAMMAR, INK, LINE, PAPER, SOFT
from recommender.dashboard.drawing.cards import CSS

if TYPE_CHECKING:
    import jinja2

_FONTS = Path(__file__).resolve().parents[3] / "assets" / "fonts"
_FACES = {
    "Hanken Grotesk": "hanken-grotesk-latin-wght-normal.woff2",
    "Fraunces": "fraunces-latin-wght-normal.woff2",
}
# Both looks of .streamlit/config.toml; the light one is also that of pictures.
_LOOKS = {
    "light": {"paper": PAPER, "ink": INK, "soft": SOFT, "line": LINE, "link": "#6b4a1f"},
    "dark": {"paper": "#060403", "ink": "#efe6d8", "soft": "#a3978a", "line": "#352c24", "link": "#d8b98a"},
}


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
        charts=[(picture.responding or picture).specification() for picture in download.pictures],
        fonts={family: base64.b64encode((_FONTS / file).read_bytes()).decode() for family, file in _FACES.items()},
        looks=_LOOKS,
        card_style=CSS,
        script=_script(),
    )
    return page.encode()


@cache
def _template() -> "jinja2.Template":
    import jinja2  # with the first report: a page that is only looked at starts without it

    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters |= {"rows": _rows, "numeric": _numeric}
    return environment.get_template("report.html.jinja")


@cache
def _script() -> str:
    """The script beside this file with all of Vega in front of it."""
    import vl_convert

    bundled: str = vl_convert.javascript_bundle((Path(__file__).parent / "report.js").read_text("utf-8"), GRAMMAR)
    return bundled.replace("</script", "<\\/script")


def _rows(columns: Mapping[str, list[str]]) -> list[tuple[str, ...]]:
    """Columns of cells as rows."""
    return list(zip(*columns.values(), strict=True))


def _numeric(frame: pd.DataFrame) -> list[bool]:
    """Which columns are set at the right edge."""
    return [is_number(frame[name]) for name in frame]
