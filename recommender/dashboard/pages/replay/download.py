"""What can be downloaded from the page Replay: how good lists were over time, and how fast the model ages."""

from typing import TYPE_CHECKING

from recommender.dashboard.bundles.manifests import all_bundles
from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.asked import Asked
from recommender.dashboard.downloads.download import Content, Download, Picture, Table
from recommender.dashboard.pages.replay.findings import found_beside
from recommender.dashboard.pages.replay.view import COLOURS_OFF, MEASURES, ReplayView, replay_view

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

MEASURE = "measure"  # parameter of the address
_FIGURES = {"system": "List by", "n": "Viewers", "mean": "Mean", "low": "At least", "high": "At most"}
_AGEING = {"age": "Age, steps", "n": "Questions", "kept": "Keeps", "low": "At least", "high": "At most"}


def download_of(view: ReplayView, recommender: "Recommender", options: Options) -> Download:
    """The page without what single viewers gave.

    Args:
      view: what the page shows.
      recommender: the model.
      options: what may be chosen.
    """
    name, says = MEASURES[view.measure]
    curve = view.curve.assign(start=view.curve["moment"].dt.strftime("%Y-%m-%d"))
    tables = (
        Table("All steps together", view.whole[list(_FIGURES)].rename(columns=_FIGURES), f"{name}: {says}."),
        Table("Step by step", curve[["start", *_FIGURES]].rename(columns={"start": "From", **_FIGURES})),
        Table("By age", view.aged[list(_AGEING)].rename(columns=_AGEING)),
    )
    pictures = (
        Picture(f"{name}, over time", "found_over_time", view.curve, (view.colours, name), alt=f"{name} over time"),
        Picture("How fast it ages", "kept_by_age", view.aged[view.aged["age"] <= 10], alt="Kept, by age in steps"),
        *(
            [
                Picture(
                    "Stars predicted, stars given", "stars_off", view.stars_off, (COLOURS_OFF,), alt="Errors of stars"
                )
            ]
            if len(view.stars_off)
            else []
        ),
    )
    choices = {} if view.measure == next(iter(MEASURES)) else {MEASURE: name}
    content = Content(
        "replay", tables, pictures, sentences=view.verdict, choices=choices, who="replay", at_moment=False
    )
    return download_menu.download_of(content, recommender, options, view.chosen)


def work_out(asked: Asked) -> Download | None:
    """The page as it would be drawn; None where there is no replay of this model."""
    replayed = found_beside(all_bundles()[asked.model])
    if replayed is None or not replayed.is_of(asked.recommender.manifest):
        return None
    measures = {name: measure for measure, (name, _) in MEASURES.items()}
    measure = measures.get(asked.parameter(MEASURE), next(iter(MEASURES)))
    view = replay_view(replayed, asked.recommender, asked.chosen, measure)
    return download_of(view, asked.recommender, asked.options)
