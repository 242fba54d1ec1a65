"""What is taken away from the page Training: what a model reached, how it learned, and where it comes from."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.download import Download, Picture, Table
from recommender.dashboard.drawing.words import without_markup

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def download(
    recommender: "Recommender",
    options: Options,
    said: Sequence[str],
    curves: Mapping[str, tuple[pd.DataFrame, str]],
    figures: pd.DataFrame,
    provenance: Mapping[str, str],
    settings: Mapping[str, str],
) -> Download:
    """The page as it is drawn; it is about the model, so no viewer and no moment are named.

    Args:
      recommender: the model.
      options: what may be chosen.
      said: sentences of the page, as it writes them.
      curves: the learning curves that are drawn: heading -> `epoch`, `phase`, `value`, and the d3 format of the value.
      figures: the table of final figures.
      provenance: what was trained, when and how, as the page writes it.
      settings: the model's settings.
    """
    best = recommender.manifest.training.best_epoch
    tables = [Table("Final figures", figures)]
    if curves:
        columns = {"epoch": "Epoch", "phase": "Part", "value": "Value"}
        parts = [
            frame[list(columns)].rename(columns=columns).assign(Figure=heading)
            for heading, (frame, _) in curves.items()
        ]
        tables.append(Table("Learning curves", pd.concat(parts, ignore_index=True), in_csv_alone=True))
    if settings:
        tables.append(Table("Settings", pd.DataFrame({"Setting": list(settings), "Value": list(settings.values())})))
    pictures = tuple(
        Picture(
            heading,
            "learning_curve",
            frame,
            (best, heading, number_format),
            alt=f"{heading} by epoch, training and validation; best epoch {best}",
            note=f"The amber rule is epoch {best}, the one that was kept.",
        )
        for heading, (frame, number_format) in curves.items()
    )
    return download_menu.download_of(
        "training",
        recommender,
        options,
        tuple(tables),
        pictures,
        tuple(without_markup(line) for line in said),
        facts={name: without_markup(fact) for name, fact in provenance.items()},
        who=recommender.manifest.model,
        at_moment=False,
    )
