"""The 80% range of predicted stars, against distributions worked out by hand."""

import numpy as np
import pytest

from recommender.data.schema import RatingScale
from recommender.serving.star_range import likely_stars


@pytest.mark.parametrize(
    ("probabilities", "low", "high"),
    [
        ([0.0, 0.0, 1.0, 0.0, 0.0], 3, 3),
        ([0.1, 0.2, 0.4, 0.2, 0.1], 1, 4),  # a tenth lies at one star, so that no more than a tenth lies below it
        ([0.05, 0.15, 0.4, 0.3, 0.1], 2, 4),
        ([0.2, 0.2, 0.2, 0.2, 0.2], 1, 5),
        ([0.0, 0.0, 0.05, 0.45, 0.5], 4, 5),
    ],
)
def test_a_tenth_at_most_lies_beyond_each_end(probabilities: list[float], low: float, high: float) -> None:
    found = likely_stars(np.array([probabilities], np.float32), (1,), RatingScale())
    assert [end.tolist() for end in found] == [[low], [high]]


def test_half_stars_are_half_stars() -> None:
    level = np.zeros((1, 10))
    level[0, [3, 6]] = 0.5
    low, high = likely_stars(level, (1,), RatingScale(0.5, 5.0, 0.5))
    assert (low[0], high[0]) == (2.0, 3.5)


def test_without_probabilities_nobody_can_say() -> None:
    for nothing in (None, np.zeros((2, 3, 0))):
        low, high = likely_stars(nothing, (2, 3), RatingScale())
        assert low.shape == high.shape == (2, 3)
        assert np.isnan([low, high]).all()
