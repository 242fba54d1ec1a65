"""What is taken away from the page Models: two lists, where their stars differ, and the figures of all."""

from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.bundles import exams
from recommender.dashboard.choices.state import Known
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.saved_view import Exhibit, Picture, Table
from recommender.dashboard.downloads.tables import listed_table
from recommender.dashboard.frame.story import VERSUS

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

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


def exhibit(
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
    exam = exams.Exam.of(recommender.manifest)
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
    return download_menu.exhibit_of(
        "models side by side",
        recommender,
        known,
        tuple(tables),
        pictures if len(apart) else (),
        (said,),
        choices={VERSUS: names[1]},
    )
