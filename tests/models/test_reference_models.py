from dataclasses import replace

import numpy as np
import pytest

from recommender.bundle.signatures import AT_REST
from recommender.data.schema import Feature, Kind, Schema
from recommender.errors import ConfigurationError
from recommender.evaluation import Ease, Means, RecentPopularity
from recommender.evaluation.choosing import SIGNED_GRIDS
from recommender.models.zoo import find_model
from recommender.training.trainer import train_model
from tests.checkerboard import SIZE, checkerboard, checkerboard_split

SPLIT = checkerboard_split()
MOMENTS = np.linspace(879_000_000, 884_000_000, SIZE).astype(np.int64)


def timeless(ratings):
    schema = replace(ratings.schema, has_timestamps=False)
    return replace(ratings, interactions=ratings.interactions.drop(columns="timestamp"), schema=schema)


@pytest.fixture(scope="module")
def signed():
    return train_model("signed-ease", SPLIT, seed=1, settings={"ease_l2": 2.0, "half_lives": (3.0, 9.0)})


def test_served_ease_scores_like_that_of_the_protocol(signed):
    settings = signed.model._settings
    scorer = Ease(SPLIT.training_part, settings)
    assert settings.content_weight in SIGNED_GRIDS.content_weight
    users = np.arange(SIZE)
    np.testing.assert_allclose(signed.scorer.score(users, MOMENTS), scorer.score(users, MOMENTS), atol=1e-5)


def test_served_recent_popularity_scores_like_that_of_the_protocol():
    trained = train_model("recent-popularity", SPLIT, seed=1, settings={"best_seller_days": 3})
    scorer = RecentPopularity(SPLIT.training_part, 3.0)
    users = np.arange(SIZE)
    expected = scorer.score(users, MOMENTS)
    assert expected[0].max() == 0 < expected[5].max()  # the first moments lie before the data
    np.testing.assert_allclose(trained.scorer.score(users, MOMENTS), expected, rtol=1e-5)


def test_served_means_rate_like_those_of_the_protocol():
    trained = train_model("means", SPLIT, seed=1, settings={"user_shrinkage": 2, "item_shrinkage": 4})
    scorer, held = Means(SPLIT.training_part, 2.0, 4.0), SPLIT.test
    asked = held.user_rows, held.item_rows, held.timestamps
    np.testing.assert_allclose(trained.scorer.rate(*asked), scorer.rate(*asked), atol=1e-5)
    users = np.arange(SIZE)
    np.testing.assert_allclose(trained.scorer.score(users, MOMENTS), scorer.score(users, MOMENTS), atol=1e-5)


def test_what_validation_chose_stands_in_the_configuration_beside_what_was_given(signed):
    configuration = signed.configuration
    assert (configuration.ease_l2, configuration.half_lives) == (2.0, (3.0, 9.0))
    assert configuration.star_weight in SIGNED_GRIDS.star_weight
    assert None not in configuration.model_dump().values()
    assert configuration.candidate_inputs == ("title_id", "genres")


def test_model_whose_numbers_nobody_chose_is_not_built():
    entry = find_model("means")
    with pytest.raises(ValueError, match="chosen_on"):
        entry.build(entry.configure({"user_shrinkage": 2}), SPLIT.train)


@pytest.mark.parametrize(("model", "instead"), [("recent-popularity", "popularity"), ("recency-ease", "ease")])
def test_model_that_goes_by_time_is_refused_for_data_without(model, instead):
    with pytest.raises(ConfigurationError, match=f"no times; choose {instead}"):
        find_model(model).configure({}).fitted_to(timeless(checkerboard()))


def test_signed_ease_reads_no_order_where_there_is_none():
    entry = find_model("signed-ease")
    with pytest.raises(ConfigurationError, match="half_lives"):
        entry.configure({"half_lives": [20]}).fitted_to(timeless(checkerboard()))
    train, validation = timeless(SPLIT.train), timeless(SPLIT.validation)
    chosen = entry.configure({}).fitted_to(train).chosen_on(train, validation)
    assert chosen.half_lives == ()


def test_signed_ease_reads_labels_and_no_other_features():
    board = checkerboard()
    items = board.items.assign(year=1990.0, kind="film")
    features = (*board.schema.item_features, Feature("year", Kind.NUMBER), Feature("kind", Kind.CATEGORY))
    described = replace(board, items=items, schema=Schema(item_features=features))
    fitted = find_model("signed-ease").configure({}).fitted_to(described)
    assert fitted.candidate_inputs == ("title_id", "genres")


def test_low_stars_of_a_visitor_speak_against_what_is_like_the_title(signed):
    def scores_after(stars):
        asked = {
            **AT_REST,
            "viewer": np.zeros(1, np.int32),
            "at": MOMENTS[:1],
            "history_items": np.array([4], np.int32),
            "history_stars": np.array([stars], np.float32),
            "history_times": np.zeros(1, np.int64),
            "history_kept": np.ones((1, 1), bool),
        }
        return signed.served.score(**asked)["scores"].numpy()[0]

    even = np.arange(0, SIZE, 2) != 4
    liked, hated = scores_after(5.0)[::2][even], scores_after(1.0)[::2][even]
    assert (liked > 0.01).all()
    assert (hated < -0.001).all()
