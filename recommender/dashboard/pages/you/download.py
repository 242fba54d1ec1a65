"""The downloads of the page You: the visitor's list, and nothing of what they said."""

from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.download import Content, Download, Table
from recommender.dashboard.downloads.list_headings import listed_csv, listed_table, with_cards
from recommender.dashboard.drawing.words import sortable_moment
from recommender.dashboard.pages.you.view import YouView

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def download_of(view: YouView, recommender: "Recommender", options: Options) -> Download:
    """The list without its moves, which are those since the visitor's last click."""
    sentences = (
        "For a visitor whom the model has never seen: it reads what they say as a history, and nothing is trained.",
        "What the visitor rated and picked is neither here nor in the address; titles they rated are not listed.",
    )
    return download_menu.download_of(
        Content("recommended", (_table(view, recommender),), sentences=sentences, who="A visitor"),
        recommender,
        options,
        view.chosen,
    )


def csv_of(view: YouView, recommender: "Recommender") -> bytes:
    """The list as csv with ids, places and scores, the model and the moment."""
    return _table(view, recommender).csv().encode()


def _table(view: YouView, recommender: "Recommender") -> Table:
    asked = {"Model": recommender.manifest.model, "Viewer": "you"}
    if view.can.has_clock:
        asked["Moment (UTC)"] = sortable_moment(view.chosen.at)
    listed = view.listed.drop(columns="move", errors="ignore")

    def in_csv() -> pd.DataFrame:
        return listed_csv(listed.drop(columns=["found", "seen", "future"]), view.can, recommender.scale, asked)

    table = listed_table(f"The first {len(listed)} titles", listed, view.can, in_csv)
    return with_cards(table, listed, view.can) if view.chosen.as_cards else table
