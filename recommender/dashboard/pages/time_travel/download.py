"""What is taken away from the page Time travel: the list at the clock, the curves around it, and what moves."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import Abilities, abilities_of
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.download import Download, Picture, Table
from recommender.dashboard.downloads.tables import listed_table
from recommender.dashboard.drawing.words import day, moment
from recommender.dashboard.pages.time_travel.moved import Moves
from recommender.dashboard.pages.time_travel.over_time import Question
from recommender.dashboard.pages.time_travel.picture_frames import Shown
from recommender.serving.time_travel import NOBODY

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_MOVES = {
    "name": "Title",
    "low": "Low",
    "high": "High",
    "move": "Moves",
    "all": "All",
    "best": "Best",
    "worst": "Worst",
}
_MOVERS = {"name": "Title", "best": "Best", "best_at": "Best on", "worst": "Worst", "worst_at": "Worst on"}


def download(
    recommender: "Recommender",
    options: Options,
    chosen: Choices,
    question: Question,
    shown: Shown,
    moves: Moves,
    choices: Mapping[str, str],
) -> Download:
    """The page as it is drawn, without the stars that the viewer gave.

    Args:
      recommender: the model.
      options: what may be chosen.
      chosen: what is chosen.
      question: whose list it is.
      shown: what the picture shows.
      moves: what the tables below it show.
      choices: those that only the page has, parameter of the address -> value.
    """
    can = abilities_of(recommender)
    listed = _listed(shown)
    value = "Stars" if can.rates else "Score"
    tables = [Table(f"The first {len(listed)} titles", listed_table(listed, can))]
    if moves.followed is not None:
        note = f"{value}, and ranks in the whole catalogue. All: the same of the average viewer."
        tables.append(Table("How far these titles move", _of(moves.followed, _MOVES), note))
    if moves.movers is not None:
        note = "By doublings of the rank, among titles that are ever in the first hundred; seen ones included."
        tables.append(Table("What moves most in the catalogue", _of(moves.movers, _MOVERS), note))
    pictures: tuple[Picture, ...] = ()
    if shown.followed:
        curves = _curves(shown)
        columns = {"moment": "Moment (UTC)", "name": "Title", "stars": value, "all": "All"}
        tables.append(Table(f"{value} over time", _of(curves, columns), in_csv_alone=True))
        pictures = (_picture(shown, curves, can),)
    said = _said(shown, chosen, question)
    return download_menu.download_of(
        "time travel", recommender, options, tuple(tables), pictures, said, choices=choices
    )


def _of(frame: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    return frame[list(columns)].rename(columns=columns)


def _listed(shown: Shown) -> pd.DataFrame:
    """The list at the clock."""
    rows = shown.lists.rows[shown.now]
    some = rows != NOBODY
    frame = pd.DataFrame(
        {
            "place": np.arange(1, int(some.sum()) + 1),
            "title": [shown.titles[row] for row in rows[some].tolist()],
            "stars": shown.lists.stars[shown.now][some],
            "score": shown.lists.scores[shown.now][some],
        }
    )
    return title_lists.describe(frame)


def _curves(shown: Shown) -> pd.DataFrame:
    """`moment`, `title`, `name`, `stars` (or scores) and `all` of the followed titles, one after the other."""
    n, n_titles = shown.curves.shape
    titles = title_lists.describe(pd.DataFrame({"title": list(shown.followed)}))
    return pd.DataFrame(
        {
            "moment": pd.to_datetime(np.tile(shown.lists.moments, n_titles), unit="s", utc=True),
            "title": np.repeat(titles["title"].to_numpy(), n),
            "name": np.repeat(titles["name"].to_numpy(), n),
            "stars": shown.curves.T.ravel(),
            "all": shown.means.T.ravel(),
        }
    )


def _picture(shown: Shown, curves: pd.DataFrame, can: Abilities) -> Picture:
    now = pd.Timestamp(int(shown.lists.moments[shown.now]), unit="s", tz="UTC")
    pinned = None
    if shown.pinned is not None and shown.start <= shown.pinned <= shown.end:  # else the axis would go to it
        pinned = pd.Timestamp(shown.pinned, unit="s", tz="UTC")
    values = curves["stars"]
    ends = shown.scale or (float(values.min()), max(float(values.max()), float(values.min()) + 1e-3))
    what = "Predicted stars" if can.rates else "Scores"
    settings: tuple[Any, ...] = (ends, dict(shown.followed), now, pinned, what.lower())
    return Picture(
        f"{what} over time",
        "stars_over_time",
        curves.drop(columns="all"),
        settings,
        alt=f"{what} of {', '.join(curves['name'].unique())} from {day(shown.start)} to {day(shown.end)}",
        note="The amber rule is the moment of the list" + ("." if pinned is None else "; the dashed one is pinned."),
    )


def _said(shown: Shown, chosen: Choices, question: Question) -> tuple[str, ...]:
    said = [
        f"The time shown is {moment(shown.start)} to {moment(shown.end)}. The model learned from ratings of "
        f"{day(shown.first)} to {day(shown.last)}; outside, it can only guess."
    ]
    if question.only_then:
        said.append("At each moment, the model reads only what this viewer had rated by then.")
    if question.hide_seen:
        then = " by then" if question.only_then else ""
        said.append(f"Titles this viewer has rated{then} are left out of the list.")
    if chosen.pin is not None:
        said.append(f"Pinned: {moment(chosen.pin)}.")
    return tuple(said)
