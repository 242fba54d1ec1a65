"""What is taken away from each page: its exhibit, from the frames the page has drawn."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from recommender.dashboard import shelf
from recommender.dashboard.abilities import Abilities
from recommender.dashboard.names import moment
from recommender.dashboard.state import Choices, Known
from recommender.dashboard.story import VERSUS
from recommender.dashboard.taking_away import export
from recommender.dashboard.taking_away.exhibit import Exhibit, Picture, Table

if TYPE_CHECKING:
    from recommender.serving import Recommender

_COLUMNS = {
    "place": "#",
    "name": "Title",
    "year": "Year",
    "labels": "Labels",
    "stars": "Stars",
    "score": "Score",
    "move": "Move",
}
_FIGURES = {
    "name": "Bundle",
    "rmse": "RMSE",
    "top_100": "In 100",
    "top_10": "In 10",
    "ndcg": "NDCG@10",
    "coverage": "Covers",
    "megabytes": "MB",
    "seconds": "Took, s",
}


def from_recommend(
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
    return export.exhibit_of("recommended", recommender, known, (list_of,), pictures, tuple(said))


def from_models(
    recommender: "Recommender",
    other: "Recommender",
    known: Known,
    names: tuple[str, str],
    lists: tuple[pd.DataFrame, pd.DataFrame],
    apart: pd.DataFrame,
    figures: pd.DataFrame,
) -> Exhibit:
    """The page Models: two lists, where their stars differ, and the figures of all.

    Args:
      recommender: the model in the bar.
      other: the one beside it.
      known: what may be chosen.
      names: what the two bundles are called.
      lists: the two of `comparison.lists`.
      apart: `comparison.stars_apart`.
      figures: `shelf.table` of all that may be compared.
    """
    tables = [
        Table(f"The first titles of {name}", listed_table(listed, Abilities.of(model)))
        for name, listed, model in zip(names, lists, (recommender, other), strict=True)
    ]
    exam = shelf.Exam.of(recommender.manifest)
    tables.append(Table("All models", figures[list(_FIGURES)].rename(columns=_FIGURES), f"Measured on {exam}."))
    scale = (recommender.scale.low, recommender.scale.high)
    pictures = (
        Picture(
            "Where their stars differ most",
            "stars_apart",
            apart,
            (scale, *names),
            alt=f"Predicted stars by {names[0]} and by {names[1]}",
            note=f"Amber: {names[0]}; blue: {names[1]}.",
        ),
    )
    common = len(set(lists[0]["title"]) & set(lists[1]["title"]))
    said = f"{names[0]} and {names[1]} have {common} of {len(lists[0])} titles in common."
    return export.exhibit_of(
        "models side by side",
        recommender,
        known,
        tuple(tables),
        pictures if len(apart) else (),
        (said,),
        choices={VERSUS: names[1]},
    )


def listed_table(listed: pd.DataFrame, can: Abilities) -> pd.DataFrame:
    """The columns of a list that say something, named as they are read.

    Args:
      listed: a list as `frames.recommended` gives it, or some of its columns.
      can: what the model can show.
    """
    silent = {"stars": not can.rates, "score": not can.retrieves, "year": not listed["year"].notna().any()}
    shown = [column for column in _COLUMNS if column in listed and not silent.get(column, False)]
    return listed[shown].rename(columns=_COLUMNS)
