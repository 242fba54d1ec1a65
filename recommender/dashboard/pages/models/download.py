"""What is taken away from the page Models: two lists, where their stars differ, and the figures of all."""

from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.bundles import exams
from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.download import Download, Picture, Table
from recommender.dashboard.downloads.tables import listed_table
from recommender.dashboard.frame.tour import VERSUS

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


def download(
    recommender: "Recommender",
    other: "Recommender",
    options: Options,
    names: tuple[str, str],
    lists: tuple[pd.DataFrame, pd.DataFrame],
    apart: pd.DataFrame,
    figures: pd.DataFrame,
) -> Download:
    """The page Models: two lists, where their stars differ, and the figures of all.

    Args:
      recommender: the model in the bar.
      other: the one beside it.
      options: what may be chosen.
      names: what the two bundles are called.
      lists: the two of `comparison.lists`.
      apart: `comparison.stars_apart`.
      figures: `shelf.table` of all that may be compared.
    """
    tables = [
        Table(f"The first titles of {name}", listed_table(listed, abilities_of(model)))
        for name, listed, model in zip(names, lists, (recommender, other), strict=True)
    ]
    exam = exams.exam_of(recommender.manifest)
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
    return download_menu.download_of(
        "models side by side",
        recommender,
        options,
        tuple(tables),
        pictures if len(apart) else (),
        (said,),
        choices={VERSUS: names[1]},
    )
