import numpy as np
import pytest

from recommender.errors import ConfigurationError
from tests.checkerboard import SIZE, checkerboard
from tests.features.fitted import fitted_space


def test_users_without_a_training_rating_are_strangers():
    ratings = checkerboard()
    training_part = ratings.take(np.flatnonzero(ratings.user_rows != 3))
    space = fitted_space(training_part)
    assert space.viewer_of_user[3] == 0
    assert sorted(space.viewer_of_user)[1:] == list(range(1, SIZE))
    assert list(space.users_of_viewers(training_part)) == [f"u{user}" for user in range(SIZE) if user != 3]


def test_means_are_pulled_towards_the_overall_mean():
    ratings = checkerboard()
    space = fitted_space(ratings)
    stars = ratings.stars[ratings.item_rows == 0]
    expected = (stars - ratings.stars.mean()).sum() / (len(stars) + 5) + ratings.stars.mean()
    assert space.title_stars[0] == pytest.approx(expected, abs=1e-5)


def test_feature_that_the_data_lack_is_refused_by_name():
    with pytest.raises(ConfigurationError, match=r"'director'.*genres"):
        fitted_space(checkerboard(), title_features=("director",))
