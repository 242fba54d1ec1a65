import math

import pytest

from recommender.bundle.dials import Dials
from recommender.bundle.signatures import POPULARITY, PRAISE, TASTE
from recommender.errors import ConfigurationError


def test_dials_at_rest_leave_every_input_alone():
    assert Dials().at_rest
    assert all(math.isnan(value) for value in Dials().inputs(0.4))
    assert not Dials(varied=0.1).at_rest


def test_towards_popularity_the_taste_goes_and_towards_taste_the_popularity():
    popular, personal = Dials(personal=-0.5).inputs(0.4), Dials(personal=0.5).inputs(0.4)
    assert popular[TASTE] == -0.5
    assert math.isnan(popular[POPULARITY])
    assert personal[POPULARITY] == 0.5
    assert math.isnan(personal[TASTE])


def test_praise_is_turned_from_what_it_counts_for_at_rest():
    weights = [Dials(praise=at).inputs(0.4)[PRAISE] for at in (-1.0, -0.5, 0.01, 1.0)]
    assert weights == sorted(weights)
    assert weights[0] == 0
    assert weights[1] == pytest.approx(0.2)
    assert weights[2] > 0.4


@pytest.mark.parametrize("wrong", [{"personal": 1.1}, {"praise": -2.0}, {"varied": -0.1}, {"varied": float("nan")}])
def test_dial_beyond_its_end_is_refused(wrong):
    with pytest.raises(ConfigurationError, match=f"the dial '{next(iter(wrong))}' goes from"):
        Dials(**wrong)
