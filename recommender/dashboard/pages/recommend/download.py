"""What is taken away from the page Recommend: the list, and the titles that are followed."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.download import Download, Picture, Table
from recommender.dashboard.downloads.tables import listed_table
from recommender.dashboard.drawing.words import moment

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def download(
    recommender: "Recommender",
    options: Options,
    chosen: Choices,
    listed: pd.DataFrame,
    followed: pd.DataFrame | None,
    n_titles: int,
) -> Download:
    """The page Recommend: the list, and the titles that are followed.

    Args:
      recommender: the model.
      options: what may be chosen.
      chosen: what is chosen.
      listed: the list as it is drawn.
      followed: `frames.followed` with `colour`, as it is drawn; None without any.
      n_titles: size of the catalogue.
    """
    can = abilities_of(recommender)
    list_of = Table(f"The first {len(listed)} titles", listed_table(listed, can))
    pictures: tuple[Picture, ...] = ()
    if followed is not None and len(followed):
        # What the viewer gave stays here: ratings may not be passed on.
        frame = followed.assign(given=np.nan)
        if can.rates:
            scale = (recommender.scale.low, recommender.scale.high)
            pictures = (Picture("Predicted stars of followed titles", "predicted_stars", frame, (scale,)),)
        else:
            pictures = (Picture("Ranks of followed titles", "ranks_in_catalogue", frame, (n_titles,)),)
    said = [] if chosen.pin is None or "move" not in listed else [f"Moves are since {moment(chosen.pin)}."]
    if chosen.hide_seen and can.has_ratings:
        said.append("Titles this viewer has rated are left out.")
    return download_menu.download_of("recommended", recommender, options, (list_of,), pictures, tuple(said))
