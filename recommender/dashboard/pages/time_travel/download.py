"""What can be downloaded from the page Time travel: the list at the clock, the curves around it, and what moves."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.asked import Asked
from recommender.dashboard.downloads.download import Content, Download, Picture, Responding, Table
from recommender.dashboard.downloads.list_headings import listed_csv, listed_table
from recommender.dashboard.drawing.words import day, moment
from recommender.dashboard.pages.time_travel.picture_frames import frames_of, layout_of
from recommender.dashboard.pages.time_travel.stretch import ALL, SPAN_NAMES
from recommender.dashboard.pages.time_travel.view import OwnChoices, TimeTravelView, time_travel_view
from recommender.data.titles import spoken_name

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

SPAN = "span"  # parameter of the address
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
_HOW_IT_TURNS = "Move over the picture, or the slider below it, and the clock turns: the list beside it follows."


def download_of(view: TimeTravelView, recommender: "Recommender", options: Options) -> Download:
    """The page as it is drawn, without the stars that the viewer gave.

    Args:
      view: what the page shows.
      recommender: the model.
      options: what may be chosen.
    """
    listed = _listed(view)
    value = "Stars" if view.can.rates else "Score"
    tables = [
        listed_table(
            f"The first {len(listed)} titles",
            listed,
            view.can,
            partial(listed_csv, listed, view.can, recommender.scale, {}),
        )
    ]
    if view.followed_moves is not None:
        note = f"{value}, and places in the list. All: the same of the average viewer."
        tables.append(Table("How far these titles move", _renamed(view.followed_moves, _MOVES), note))
    if view.catalogue_moves is not None:
        note = "From 20 to 10 counts as much as from 2 to 1. Titles that are ever in the first hundred; seen ones too."
        tables.append(Table("What moves most in the catalogue", _renamed(view.catalogue_moves, _MOVERS), note))
    pictures: tuple[Picture, ...] = ()
    if view.followed:
        curves = _curves(view)
        columns = {"moment": "Moment (UTC)", "name": "Title", "stars": value, "all": "All"}
        if view.shaded is not None:
            columns |= {"low": "80% from", "high": "80% to"}
        tables.append(Table(f"{value} over time", _renamed(curves, columns), in_csv_alone=True))
        pictures = (_picture(view, curves),)
    return download_menu.download_of(
        Content("time travel", tuple(tables), pictures, sentences=_sentences(view), choices=_address(view.own)),
        recommender,
        options,
        view.chosen,
    )


def span_of(name: str) -> str:
    """The span that the address calls so; all of time if it is none."""
    return next((span for span, called in SPAN_NAMES.items() if called == name), ALL)


def work_out(asked: Asked) -> Download | None:
    """The page as it would be drawn; None of a model that does not read the clock."""
    if not abilities_of(asked.recommender).reads_clock:
        return None
    own = OwnChoices(span_of(asked.parameter(SPAN)))
    view = time_travel_view(asked.recommender, asked.options, asked.chosen, own)
    return download_of(view, asked.recommender, asked.options)


def _address(own: OwnChoices) -> dict[str, str]:
    """The choices that only this page has, as its address holds them; the browser's may be one click behind."""
    return {} if own.span == ALL else {SPAN: SPAN_NAMES[own.span]}


def _renamed(frame: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    return frame[list(columns)].rename(columns=columns)


def _listed(view: TimeTravelView) -> pd.DataFrame:
    """The list at the clock."""
    n = len(view.listed)
    frame = pd.DataFrame(
        {
            "place": np.arange(1, n + 1),
            "title": view.listed,
            "stars": view.lists.stars[view.now][:n],
            "score": view.lists.scores[view.now][:n],
        }
    )
    return title_lists.describe(frame)


def _curves(view: TimeTravelView) -> pd.DataFrame:
    """`moment`, `title`, `name`, `stars` (or scores), `low`, `high` and `all` of the followed titles, one by one."""
    n, n_titles = view.curves.shape
    titles = title_lists.describe(pd.DataFrame({"title": list(view.followed)}))
    return pd.DataFrame(
        {
            "moment": pd.to_datetime(np.tile(view.lists.moments, n_titles), unit="s", utc=True),
            "title": np.repeat(titles["title"].to_numpy(), n),
            "name": np.repeat(titles["name"].to_numpy(), n),
            "stars": view.curves.T.ravel(),
            "low": view.ranges[:, :, 0].T.ravel(),
            "high": view.ranges[:, :, 1].T.ravel(),
            "all": view.means.T.ravel(),
        }
    )


def _picture(view: TimeTravelView, curves: pd.DataFrame) -> Picture:
    now = pd.Timestamp(int(view.lists.moments[view.now]), unit="s", tz="UTC")
    pinned = None if view.pinned is None else pd.Timestamp(view.pinned, unit="s", tz="UTC")
    values = curves["stars"]
    ends = view.scale or (float(values.min()), max(float(values.max()), float(values.min()) + 1e-3))
    what = "Predicted stars" if view.can.rates else "Scores"
    silent = replace(view.can, has_ratings=False)  # what the viewer gave is not handed on
    ungiven = replace(view, can=silent, life=view.life.iloc[:0], given=view.given.iloc[:0])
    layout = layout_of(ungiven)
    rule = "The amber rule is the moment of the list" + ("." if pinned is None else "; the dashed one is pinned.")
    shaded, turns = "", _HOW_IT_TURNS
    if view.shaded is not None:
        shaded = f" Shaded: between these stars a rating of {spoken_name(view.shaded).name} lies with 80%."
        turns += " Click the name of a title to shade its own range."
    settings: tuple[Any, ...] = (ends, dict(view.followed), now, pinned, what.lower())
    return Picture(
        f"{what} over time",
        "stars_over_time",
        curves.drop(columns="all"),
        settings,
        alt=f"{what} of {', '.join(curves['name'].unique())} from {day(view.start)} to {day(view.end)}",
        note=rule + shaded,
        responding=Responding("turning_clock", partial(frames_of, ungiven, layout), (layout,), turns),
    )


def _sentences(view: TimeTravelView) -> tuple[str, ...]:
    sentences = [
        f"The time shown is {moment(view.start)} to {moment(view.end)}. The model learned from ratings of "
        f"{day(view.first)} to {day(view.last)}; outside, it can only guess."
    ]
    if view.question.as_of_then:
        sentences.append("At each moment, the model reads only what this viewer had rated by then.")
    if view.question.hide_future:
        sentences.append("Titles that were not out at the moment are left out of the list.")
    if view.question.hide_seen:
        then = " by then" if view.question.as_of_then else ""
        sentences.append(f"Titles this viewer has rated{then} are left out of the list.")
    if view.chosen.pin is not None:
        sentences.append(f"Pinned: {moment(view.chosen.pin)}.")
    return tuple(sentences)
