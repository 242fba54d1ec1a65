from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recommender.dashboard.pages.movies.reception import reception
from recommender.data.schema import RatingScale
from tests.dashboard.doubles import FIRST, small_ratings, timeless_ratings


def test_reception_is_that_of_all_viewers():
    ratings = small_ratings()
    found = reception(ratings, "3")
    stars = ratings.interactions.query("item_id == '3'")["rating"]
    assert found.n_ratings == len(stars)
    assert found.mean == pytest.approx(stars.mean())
    assert found.spread == pytest.approx(stars.std())
    assert found.stars["count"].sum() == len(stars)
    assert found.stars["stars"].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert found.parts is not None
    assert found.parts["count"].sum() == len(stars)
    holds = found.parts[found.parts["count"] > 0].iloc[0]
    when = pd.Timestamp(FIRST + 2 * 86_400, unit="s", tz="UTC")
    assert holds["from"] <= when + pd.Timedelta(hours=1)
    assert holds["next"] >= when


def test_reception_without_times_has_no_parts():
    assert reception(timeless_ratings(), "3").parts is None


def test_title_nobody_rated_has_no_mean():
    found = reception(small_ratings(), "12")
    assert found.n_ratings == 0
    assert np.isnan(found.mean)


def test_scale_of_a_million_steps_is_shown_in_fifty_bars_that_hold_every_rating():
    ratings = small_ratings()
    fine = RatingScale(1.0, 5.0, 1e-6)
    stars = np.linspace(1.0, 5.0, len(ratings))
    odd = replace(ratings, interactions=ratings.interactions.assign(rating=stars, item_id="1"), scale=fine)
    found = reception(odd, "1").stars
    assert len(found) <= 51
    assert found["count"].sum() == len(ratings)
    assert found["stars"].between(1, 5).all()
