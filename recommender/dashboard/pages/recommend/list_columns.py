"""The columns of the list: which there are, how each looks on the page, and what it is called in the csv.

Their values are those of `RecommendView.listed`; `downloads/list_headings.py` names them on picture and report.
"""

import pandas as pd
from streamlit.elements.lib.column_types import ButtonColumnResult, ColumnConfig

from recommender.dashboard.answers import title_lists
from recommender.dashboard.choices import current
from recommender.dashboard.drawing import columns
from recommender.dashboard.pages.recommend.view import RecommendView
from recommender.dashboard.parts import details

_CSV_NAMES = {
    "place": "rank",
    "item_id": "item_id",
    "title": "title",
    "year": "year",
    "score": "score",
    "stars": "stars",
    "found": "rank_by_score",
    "seen": "seen",
    "future": "not_out",
    "rank": "rank_in_catalogue",
    "place_before": "rank_when_pinned",
    "stars_before": "stars_when_pinned",
}


def on_page(view: RecommendView) -> dict[str, ButtonColumnResult | ColumnConfig]:
    """The columns that this list has on the page, from left to right."""
    can, listed = view.can, view.listed
    moved, ranked = view.pin is not None, title_lists.ranked_by_praise(view.catalogue)
    name = columns.title_button(215, details.CLICKED, details.note_click, help="Click a title to see why it is here.")
    every: dict[str, tuple[bool, ButtonColumnResult | ColumnConfig]] = {
        "place": (True, columns.place()),
        "name": (True, name),
        "stars": (can.rates, columns.predicted_stars_bar("Stars", view.scale, 105, f"Predicted rating, {view.scale}.")),
        "score": (can.retrieves and not ranked, columns.score()),
        "found": (ranked, columns.found()),
        "move": (moved, columns.move("Places gained since the pinned moment.")),
        "year": (bool(listed["year"].notna().any()), columns.year()),
        "labels": (can.labels is not None, columns.labels(can.labels, 185 - 35 * moved + 105 * (not can.rates))),
        "seen": (can.has_ratings and not view.chosen.hide_seen, columns.seen()),
        "future": (view.chosen.show_future and view.as_of_then, columns.future()),
    }
    return {column: drawn for column, (shown, drawn) in every.items() if shown}


def in_csv(view: RecommendView) -> pd.DataFrame:
    """The list as its csv holds it, every row with what was asked.

    Returns:
      `model`, `viewer`, `moment_utc` where the data have times, `pinned_utc` with a pin, then what `_CSV_NAMES` names.
    """
    asked = {"model": view.model, "viewer": view.chosen.user}
    if view.can.has_clock:
        asked["moment_utc"] = _utc(view.chosen.at)
    if view.pin is not None:
        asked["pinned_utc"] = _utc(view.pin)
    silent = {*(() if view.can.rates else ("stars", "stars_before")), *(() if view.chosen.show_future else ("future",))}
    held = [column for column in _CSV_NAMES if column in view.listed and column not in silent]
    named = view.listed[held].rename(columns=_CSV_NAMES)
    return named.assign(**asked)[[*asked, *named.columns]]


def _utc(seconds: int) -> str:
    return f"{current.to_clock(seconds):%Y-%m-%dT%H:%M:%SZ}"
