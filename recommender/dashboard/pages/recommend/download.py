"""What is taken away from the page Recommend: the list, and the titles that are followed."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.choices.state import Choices, Known
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.saved_view import Exhibit, Picture, Table
from recommender.dashboard.downloads.tables import listed_table
from recommender.dashboard.drawing.words import moment

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def exhibit(
    recommender: "Recommender",
    known: Known,
    chosen: Choices,
    listed: pd.DataFrame,
    followed: pd.DataFrame | None,
    n_titles: int,
) -> Exhibit:
    """The page Recommend: the list, and the titles that are followed.

    Args:
      recommender: the model.
      known: what may be chosen.
      chosen: what is chosen.
      listed: the list as it is drawn.
      followed: `frames.followed` with `colour`, as it is drawn; None without any.
      n_titles: size of the catalogue.
    """
    can = Abilities.of(recommender)
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
    return download_menu.exhibit_of("recommended", recommender, known, (list_of,), pictures, tuple(said))
