"""A view as one html file that needs nothing else: no network, no script, fonts and charts inside."""

import base64
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from recommender.dashboard.downloads.download import Download, Picture, Table, cell, is_number
from recommender.dashboard.downloads.sheet import INK, LINE, PAPER, SOFT, chart_svg

_FONTS = Path(__file__).resolve().parents[3] / "assets" / "fonts"
_FACES = {
    "Hanken Grotesk": "hanken-grotesk-latin-wght-normal.woff2",
    "Fraunces": "fraunces-latin-wght-normal.woff2",
}
_CHART_WIDTH = 620
_STYLE = f"""
body {{ margin: 0 auto; padding: 2.5rem 1.5rem; max-width: 60rem; background: {PAPER}; color: {INK};
  font: 15px/1.5 "Hanken Grotesk", sans-serif; }}
h1, h2 {{ font-family: Fraunces, Georgia, serif; font-weight: 600; line-height: 1.2; }}
h1 {{ font-size: 2rem; margin: 0 0 .5rem; }}
h2 {{ font-size: 1.2rem; margin: 2rem 0 .5rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: .3rem 1.2rem .3rem 0; border-bottom: 1px solid {LINE}; vertical-align: top; }}
th {{ color: {SOFT}; font-weight: 400; }}
.number {{ text-align: right; font-variant-numeric: tabular-nums; }}
figure {{ margin: 0; overflow-x: auto; }}
a {{ color: #6b4a1f; }}
footer, .note {{ color: {SOFT}; font-size: .87rem; }}
footer {{ margin-top: 2.5rem; }}
dl {{ display: grid; grid-template-columns: max-content auto; gap: .1rem 1rem; margin: 0 0 1rem; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
"""


def report_html(download: Download, now: datetime | None = None) -> bytes:
    """The view as a page of its own.

    Args:
      download: the view.
      now: when it is taken; the present moment unless given.
    """
    taken = (now or datetime.now(UTC)).strftime("%-d %b %Y, %H:%M UTC")
    facts = dict(download.facts)
    if download.address:
        facts["Live view"] = download.address
    facts["Taken"] = taken
    body = [f"<h1>{escape(download.title)}</h1>"]
    body += [f"<p>{escape(sentence)}</p>" for sentence in download.sentences]
    body += [_table(table) for table in download.drawn_tables[:1]]
    body += [_figure(picture, number) for number, picture in enumerate(download.pictures)]
    body += [_table(table) for table in download.drawn_tables[1:]]
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{_linked(fact)}</dd>" for name, fact in facts.items())
    body.append(f"<footer><dl>{listed}</dl>{escape(download.licence)}</footer>")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(download.title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_fonts()}{_STYLE}</style></head><body>{''.join(body)}</body></html>"
    ).encode()


def _fonts() -> str:
    faces = []
    for family, file in _FACES.items():
        data = base64.b64encode((_FONTS / file).read_bytes()).decode()
        faces.append(
            f'@font-face {{ font-family: "{family}"; font-weight: 100 900; '
            f'src: url(data:font/woff2;base64,{data}) format("woff2"); }}'
        )
    return "".join(faces)


def _table(table: Table) -> str:
    numeric = [is_number(table.frame[name]) for name in table.frame.columns]
    marks = [' class="number"' if number else "" for number in numeric]
    head = "".join(f"<th{mark}>{escape(str(name))}</th>" for name, mark in zip(table.frame, marks, strict=True))
    rows = "".join(
        "<tr>" + "".join(f"<td{mark}>{escape(cell(v))}</td>" for v, mark in zip(row, marks, strict=True)) + "</tr>"
        for row in table.frame.itertuples(index=False, name=None)
    )
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    return f"<h2>{escape(table.name)}</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{note}"


def _figure(picture: Picture, number: int) -> str:
    note = f'<figcaption class="note">{escape(picture.note)}</figcaption>' if picture.note else ""
    drawn = chart_svg(picture, _CHART_WIDTH, number)
    return (
        f"<h2>{escape(picture.name)}</h2>"
        f'<figure role="img" aria-label="{escape(picture.alt or picture.name)}">{drawn}{note}</figure>'
    )


def _linked(fact: str) -> str:
    if fact.startswith(("http://", "https://")):
        return f'<a href="{escape(fact)}">{escape(fact)}</a>'
    return escape(fact)
