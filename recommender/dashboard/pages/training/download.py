"""The download of the page Training: what a model reached, how it learned, and where it comes from."""

from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.asked import Asked
from recommender.dashboard.downloads.download import Content, Download, Picture, Table
from recommender.dashboard.drawing.markdown import without_markup
from recommender.dashboard.pages.training.view import LearnedView, learned_view

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_CURVE_COLUMNS = {"epoch": "Epoch", "phase": "Part", "value": "Value"}


def download_of(view: LearnedView, recommender: "Recommender", options: Options) -> Download:
    """What the page shows; it is about the model, so no viewer and no moment are named."""
    best = view.manifest.training.best_epoch
    tables = [Table("Final figures", view.figures)]
    if view.curves:
        parts = [
            curve.frame[list(_CURVE_COLUMNS)].rename(columns=_CURVE_COLUMNS).assign(Figure=curve.heading)
            for curve in view.curves
        ]
        tables.append(Table("Learning curves", pd.concat(parts, ignore_index=True), in_csv_alone=True))
    if view.settings:
        tables.append(Table("Settings", pd.DataFrame(view.settings.items(), columns=["Setting", "Value"])))
    pictures = tuple(
        Picture(
            curve.heading,
            "learning_curve",
            curve.frame,
            (best, curve.heading, curve.number_format),
            alt=f"{curve.heading} by epoch, training and validation; best epoch {best}",
            note=f"The amber rule is epoch {best}, the one that was kept.",
        )
        for curve in view.curves
    )
    return download_menu.download_of(
        Content(
            "training",
            tuple(tables),
            pictures,
            sentences=tuple(without_markup(line) for line in (view.verdict, view.data)),
            facts={name: without_markup(fact) for name, fact in view.provenance.items()},
            who=view.manifest.model,
            at_moment=False,
        ),
        recommender,
        options,
        view.chosen,
    )


def work_out(asked: Asked) -> Download:
    """What the model learned, as it would be drawn."""
    return download_of(learned_view(asked.recommender, asked.chosen), asked.recommender, asked.options)
