"""What can be downloaded from the page Recommend: the list, and the titles that are followed."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.asked import Asked
from recommender.dashboard.downloads.download import Content, Download, Picture
from recommender.dashboard.downloads.list_headings import listed_csv, listed_table, with_cards
from recommender.dashboard.drawing.markdown import without_markup
from recommender.dashboard.drawing.words import moment, sortable_moment
from recommender.dashboard.pages.recommend.view import RecommendView, recommend_view

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def download_of(view: RecommendView, recommender: "Recommender", options: Options) -> Download:
    """The list as a table and the followed titles as a picture.

    Args:
      view: what the page shows.
      recommender: the model.
      options: what may be chosen.
    """
    table = listed_table(f"The first {len(view.listed)} titles", view.listed, view.can, partial(list_in_csv, view))
    if view.chosen.as_cards:
        table = with_cards(table, view.listed, view.can)
    sentences = [] if view.pin is None else [f"Moves are since {moment(view.pin)}."]
    if view.supposed:
        sentences.append(without_markup(view.supposed))
    if view.chosen.hide_seen and view.can.has_ratings:
        sentences.append("Titles this viewer has rated are left out.")
    if view.chosen.filters:
        sentences.append(view.chosen.filters.in_words())
    return download_menu.download_of(
        Content("recommended", (table,), _pictures(view), sentences=tuple(sentences)), recommender, options, view.chosen
    )


def work_out(asked: Asked) -> Download:
    """The page as it would be drawn."""
    return download_of(recommend_view(asked.recommender, asked.chosen), asked.recommender, asked.options)


def list_in_csv(view: RecommendView) -> pd.DataFrame:
    """The list with all that is known of its titles, and what was asked."""
    asked = {"Model": view.model, "Viewer": view.chosen.user}
    if view.can.has_clock:
        asked["Moment (UTC)"] = sortable_moment(view.chosen.at)
    if view.pin is not None:
        asked["Pinned moment (UTC)"] = sortable_moment(view.pin)
    if view.supposed:
        asked["Supposed"] = without_markup(view.supposed)
    listed = view.listed if view.chosen.show_future else view.listed.drop(columns="future")
    return listed_csv(listed, view.can, view.scale, asked, beside_real=bool(view.changes))


def _pictures(view: RecommendView) -> tuple[Picture, ...]:
    if view.followed is None:
        return ()
    frame = view.followed.assign(given=np.nan)  # ratings of viewers may not be passed on
    if view.can.rates:
        scale = (view.scale.low, view.scale.high)
        return (Picture("Predicted stars of followed titles", "predicted_stars", frame, (scale,)),)
    return (Picture("Ranks of followed titles", "ranks_in_catalogue", frame, (len(view.catalogue),)),)
