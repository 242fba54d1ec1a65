"""The stars that can be given, as widgets offer them."""

from recommender.data.schema import RatingScale

MOST_BUTTONS = 11  # steps of a scale that fit into one row of a phone, or nearly
_MOST_STEPS = 100  # of a slider


def steps_of(scale: RatingScale) -> list[float]:
    """The stars that can be given; if they are more than a slider can show, as many as it can, evenly spaced."""
    n_steps = round((scale.high - scale.low) / scale.step) if scale.step > 0 else _MOST_STEPS
    if n_steps > _MOST_STEPS:
        return [scale.low + (scale.high - scale.low) * n / _MOST_STEPS for n in range(_MOST_STEPS + 1)]
    return [scale.low + scale.step * n for n in range(n_steps + 1)]


def written(stars: float) -> str:
    """Stars on a button: 3½."""
    whole = int(stars)
    return f"{whole or ''}½" if stars - whole == 0.5 else f"{stars:g}"


def written_or_not(stars: float | None) -> str:
    """The same on a slider, at whose start there are none."""
    return "not rated" if stars is None else written(stars)
