"""A list of titles as cards: one component for all of them, whose html is written here and escaped.

It lies in the page itself, not in a frame, and takes colours and type of the theme. The drawn poster is decoration:
what is to be read stands below it.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from recommender.charts.posters import Film, draw_posters
from recommender.data.titles import short_name

OPENED, ASIDE = "opened", "aside"

_HTML = '<ol class="matinee-cards"></ol>'
# Not in a shadow root: a dialog that closes could not give the focus back to a card inside one.
CSS = """
.matinee-cards {
  --quiet: color-mix(in srgb, var(--st-text-color) 68%, var(--st-background-color));
  display: grid; gap: 1.4rem 1rem; margin: 0; padding: 3px; list-style: none;
  grid-template-columns: repeat(auto-fill, minmax(max(8rem, (100% - 4rem) / 5), 1fr));
  color: var(--st-text-color); font: 0.86rem/1.35 var(--st-font);
  .card { position: relative; border-radius: var(--st-base-radius); margin: 0; padding: 0; }
  .card p { margin: 0.15rem 0 0; font-size: inherit; }
  .poster { display: block; aspect-ratio: 2 / 3; overflow: hidden; border-radius: 4px; transition: transform 0.15s;
    box-shadow: 0 0 0 1px color-mix(in srgb, var(--st-text-color) 10%, transparent); position: relative; }
  .poster img { position: absolute; inset: 0; }
  .poster > * { display: block; width: 100%; height: 100%; object-fit: cover; }
  .aside { position: relative; z-index: 1; width: 1.75rem; margin: -0.35rem -0.45rem -0.35rem 0; text-align: center;
    font-size: 1.1rem; line-height: 1.75rem; border-radius: var(--st-base-radius); }
  .aside:hover { color: var(--st-text-color); }
  .aside:focus-visible { outline: 2px solid var(--st-primary-color); }
  .card:has(.name button:hover) .poster { transform: translateY(-3px); }
  .card:has(.name button:focus-visible) { outline: 2px solid var(--st-primary-color); outline-offset: 3px; }
  .card .line { display: flex; justify-content: space-between; gap: 0.5rem; margin-top: 0.45rem; color: var(--quiet);
    font-size: 0.8rem; }
  .card .name { font-weight: 650; font-size: 0.95rem; line-height: 1.25; overflow-wrap: anywhere; }
  button { all: unset; cursor: pointer; }
  .name button::after { content: ""; position: absolute; inset: 0; }
  .facts, .range, .card .popular { color: var(--quiet); }
  .range b { color: var(--st-text-color); font-weight: 650; }
  .card .because { margin-top: 0.4rem; }
}
@media (prefers-reduced-motion: reduce) { .matinee-cards .poster { transition: none; } }
"""
# A change keeps the focus where it was: on the card in the same place. A picture that does not come leaves
# the drawn poster.
_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".matinee-cards");
  list.setAttribute("aria-label", data.name);
  list.addEventListener("error", (event) => event.target.remove(), true);
  if (list.written !== data.cards) {
    const held = list.contains(document.activeElement) ? document.activeElement.dataset : undefined;
    list.innerHTML = list.written = data.cards;
    if (held?.row) list.querySelector(`[data-row="${held.row}"][data-asks="${held.asks}"]`)?.focus();
  }
  list.onclick = (event) => {
    const asked = event.target.closest("[data-row]");
    if (asked) setTriggerValue(asked.dataset.asks, Number(asked.dataset.row));
  };
}
"""


class Reading(NamedTuple):
    """How a list is to be read.

    Attributes:
      name: what it is, for readers of screens.
      rates: whether the model predicts stars.
      pictures: item id -> address of a picture that covers the drawn poster.
      opens: whether a click on a card opens its title.
      still: whether nothing can be clicked, not even to put a title aside.
    """

    name: str
    rates: bool
    pictures: Mapping[str, str]
    opens: bool = True
    still: bool = False


@lru_cache(maxsize=1)
def _component() -> Callable[..., Any]:
    return st.components.v2.component("matinee_cards", html=_HTML, css=CSS, js=_JS, isolate_styles=False)


def draw(
    listed: pd.DataFrame,
    reading: Reading,
    key: str,
    on_open: Callable[[], None] | None = None,
    on_aside: Callable[[], None] | None = None,
) -> None:
    """Draws a list as cards.

    Args:
      listed: see `cards_of`.
      reading: how it is to be read.
      key: of the component, whose state holds the row that was clicked as `OPENED` or `ASIDE` when one is called.
      on_open: called after a click on a card.
      on_aside: called after a click on the cross of a card.
    """
    data = {"name": reading.name, "cards": cards_of(listed, reading)}
    calls = {f"on_{name}_change": call for name, call in ((OPENED, on_open), (ASIDE, on_aside)) if call is not None}
    _component()(key=key, data=data, **calls)


def cards_of(listed: pd.DataFrame, reading: Reading) -> str:
    """The cards as html.

    Args:
      listed: `place`, `item_id`, `name`, `year`, `stars`, `low`, `high`, `because`, `popular`, and where there are
        such: `labels`, `move`, `seen`, `future`.
      reading: how it is to be read.
    """
    rows = listed.to_dict("records")
    films = [Film(short_name(row["name"]), _year(row), tuple(row.get("labels") or ())) for row in rows]
    return "".join(
        _card(i, row, poster, reading) for i, (row, poster) in enumerate(zip(rows, draw_posters(films), strict=True))
    )


def stars_in_words(stars: float, low: float, high: float) -> tuple[str, str]:
    """Predicted stars and their likely range: "3.9 stars", "most likely 3 to 4.5"; "" for what the model lacks."""
    if pd.isna(stars):
        return "", ""
    if pd.isna(low) or pd.isna(high):
        return f"{stars:.1f} stars", ""
    return f"{stars:.1f} stars", f"most likely {low:g}" + ("" if low == high else f" to {high:g}")


def _card(row_number: int, row: Mapping[Any, Any], poster: str, reading: Reading) -> str:
    picture = reading.pictures.get(row["item_id"])
    if picture is not None:
        poster += f'<img src="{escape(picture)}" alt="" loading="lazy" referrerpolicy="no-referrer">'
    name = escape(row["name"])
    asks = f'<button type="button" data-row="{row_number}" data-asks='
    says = f"Not interested in {name}"
    cross = f'{asks}"{ASIDE}" class="aside" title="Not interested" aria-label="{says}">×</button>' * (not reading.still)
    if reading.opens and not reading.still:
        name = f'{asks}"{OPENED}">{name}</button>'
    facts = [str(_year(row) or ""), ", ".join(row.get("labels") or ())]
    marks = [row.get("move") or "", "seen" * _is(row.get("seen")), "not out yet" * _is(row.get("future"))]
    stars, likely = stars_in_words(row["stars"], row["low"], row["high"]) if reading.rates else ("", "")
    because = f'<p class="because{" popular" * bool(row["popular"])}">{escape(row["because"])}</p>'
    return (
        f'<li class="card"><span class="poster">{poster}</span>'
        f'<p class="line"><span>{row["place"]}</span><span>{escape(", ".join(filter(None, marks)))}</span>{cross}</p>'
        f'<p class="name">{name}</p>'
        f'<p class="facts">{escape(" · ".join(filter(None, facts)))}</p>'
        + (f'<p class="range"><b>{stars}</b>{f", {likely}" if likely else ""}</p>' if stars else "")
        + (because if row["because"] else "")
        + "</li>"
    )


def _is(mark: Any) -> bool:
    """Whether a mark is set; of some titles nobody can say."""
    return not pd.isna(mark) and bool(mark)


def _year(row: Mapping[Any, Any]) -> int | None:
    return None if pd.isna(row["year"]) else int(row["year"])
