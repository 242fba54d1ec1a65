"""The columns of the list: which there are, and how each looks on the page.

Their values are those of `RecommendView.listed`; `downloads/list_headings.py` names them in what is downloaded.
"""

from streamlit.elements.lib.column_types import ButtonColumnResult, ColumnConfig

from recommender.dashboard.answers import title_lists
from recommender.dashboard.drawing import columns
from recommender.dashboard.pages.recommend.view import RecommendView
from recommender.dashboard.parts import details


def on_page(view: RecommendView) -> dict[str, ButtonColumnResult | ColumnConfig]:
    """The columns that this list has on the page, from left to right."""
    can, listed = view.can, view.listed
    moved, ranked = "move" in listed, title_lists.ranked_by_praise(view.catalogue)
    name = columns.title_button(215, details.CLICKED, details.note_click, help="Click a title to see why it is here.")
    every: dict[str, tuple[bool, ButtonColumnResult | ColumnConfig]] = {
        "place": (True, columns.place()),
        "name": (True, name),
        "stars": (can.rates, columns.predicted_stars_bar("Stars", view.scale, 105, f"Predicted rating, {view.scale}.")),
        "score": (can.retrieves and not ranked, columns.score()),
        "found": (ranked, columns.found()),
        "move": (
            moved,
            columns.move(f"Places gained {'beside the real list' if view.changes else 'since the pinned moment'}."),
        ),
        "year": (bool(listed["year"].notna().any()), columns.year()),
        "labels": (can.labels is not None, columns.labels(can.labels, 185 - 35 * moved + 105 * (not can.rates))),
        "seen": (can.has_ratings and not view.chosen.hide_seen, columns.seen()),
        "future": (view.chosen.show_future and view.as_of_then, columns.future()),
    }
    return {column: drawn for column, (shown, drawn) in every.items() if shown}
