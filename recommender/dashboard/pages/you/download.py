"""The downloads of the page You: the visitor's list, and nothing of what they said."""

from typing import TYPE_CHECKING

from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.download import Content, Download, Table
from recommender.dashboard.downloads.list_headings import listed_table
from recommender.dashboard.pages.you.view import YouView
from recommender.data.exchange.spreadsheets import csv_for_people

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def download_of(view: YouView, recommender: "Recommender", options: Options) -> Download:
    """The list without its moves, which are those since the visitor's last click."""
    sentences = (
        "For a visitor whom the model has never seen: it reads what they say as a history, and nothing is trained.",
        "What the visitor rated and picked is neither here nor in the address; titles they rated are not listed.",
    )
    listed = listed_table(view.listed.drop(columns="move", errors="ignore"), view.can)
    table = Table(f"The first {len(listed)} titles", listed)
    return download_menu.download_of(
        Content("recommended", (table,), sentences=sentences, who="A visitor"), recommender, options
    )


def csv_of(view: YouView, recommender: "Recommender") -> bytes:
    """The list as csv with ids, ranks and scores, the model and the moment."""
    columns = ["rank", "item_id", "title", "year", "score"] + ["stars"] * view.can.rates + ["rank_in_catalogue"]
    about = {"model": recommender.manifest.model, "viewer": "you"}
    if view.can.has_clock:
        about["moment_utc"] = f"{current.to_clock(view.chosen.at):%Y-%m-%dT%H:%M:%SZ}"
    frame = view.listed.rename(columns={"place": "rank", "rank": "rank_in_catalogue"})[columns].assign(**about)
    return csv_for_people(frame[[*about, *columns]]).encode()
