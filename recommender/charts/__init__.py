"""Tidy frame in, Altair chart out; no Streamlit, no TensorFlow. Each function is named after its picture.

The pictures are imported when the first one is asked for: Altair takes 0.4 s, and a page shows its list first.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from recommender.charts.clock_layout import PICKED, SEPARATOR, ClockLayout
from recommender.charts.palette import HOUSE, NOTE, NOW, PINNED, QUIET, TEXT, TITLE_COLOURS, assign_colours

if TYPE_CHECKING:
    from recommender.charts.comparison import places_joined, quality_of_models, stars_apart
    from recommender.charts.effects import effect_bars
    from recommender.charts.learning import layers_compared, learning_curve, live_curve
    from recommender.charts.metrics import shares_beside_reference
    from recommender.charts.places import catalogue_map
    from recommender.charts.ratings import ratings_over_time
    from recommender.charts.reception import rated_over_time, stars_given
    from recommender.charts.replay import found_over_time, kept_by_age, snapshots_by_step, stars_off
    from recommender.charts.stars import predicted_stars, ranks_in_catalogue, stars_over_time
    from recommender.charts.time_travel import turning_clock

__all__ = [
    "HOUSE",
    "NOTE",
    "NOW",
    "PICKED",
    "PINNED",
    "QUIET",
    "SEPARATOR",
    "TEXT",
    "TITLE_COLOURS",
    "ClockLayout",
    "assign_colours",
    "catalogue_map",
    "effect_bars",
    "found_over_time",
    "kept_by_age",
    "layers_compared",
    "learning_curve",
    "live_curve",
    "places_joined",
    "predicted_stars",
    "quality_of_models",
    "ranks_in_catalogue",
    "rated_over_time",
    "ratings_over_time",
    "shares_beside_reference",
    "snapshots_by_step",
    "stars_apart",
    "stars_given",
    "stars_off",
    "stars_over_time",
    "turning_clock",
]

_PICTURES = {
    "catalogue_map": "places",
    "effect_bars": "effects",
    "found_over_time": "replay",
    "kept_by_age": "replay",
    "stars_off": "replay",
    "layers_compared": "learning",
    "learning_curve": "learning",
    "places_joined": "comparison",
    "live_curve": "learning",
    "predicted_stars": "stars",
    "quality_of_models": "comparison",
    "ranks_in_catalogue": "stars",
    "rated_over_time": "reception",
    "ratings_over_time": "ratings",
    "shares_beside_reference": "metrics",
    "snapshots_by_step": "replay",
    "stars_apart": "comparison",
    "stars_given": "reception",
    "stars_over_time": "stars",
    "turning_clock": "time_travel",
}


def __getattr__(name: str) -> Any:
    if name not in _PICTURES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PICTURES[name]}"), name)
