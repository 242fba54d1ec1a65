"""Lists with their dials turned, of a loaded bundle."""

import numpy as np
import pytest

from recommender.bundle.dials import Dials
from recommender.bundle.scorer import praise_at_rest
from recommender.bundle.signatures import AT_REST, History
from recommender.bundle.training_data import load_data_of
from recommender.serving.recommender import Recommender
from recommender.serving.scorer import bundle_scorer

MOMENT = 880_500_000


@pytest.fixture(scope="module")
def recommender(checkerboard_bundle, checkerboard_folder):
    loaded = Recommender.load(checkerboard_bundle)
    return loaded.with_ratings(load_data_of(loaded.manifest.data, str(checkerboard_folder)))


def listed(recommender, user, **dials):
    return recommender.with_dials(Dials(**dials)).retrieve(user, MOMENT, 24, include_seen=True)


def test_all_the_way_to_popularity_two_viewers_are_given_the_same_scores(recommender):
    scores = [recommender.with_dials(Dials(personal=-1)).scores(user, [MOMENT]) for user in ("1", "2")]
    head = [listed(recommender, user, personal=-1, praise=-1)["title"].tolist() for user in ("1", "2")]
    assert head[0] == head[1]
    assert not np.allclose(recommender.scores("1", [MOMENT]), recommender.scores("2", [MOMENT]))
    assert scores[0].shape == scores[1].shape


def test_towards_praise_the_first_titles_have_more_stars(recommender):
    for user in ("7", "9", "10"):  # whom a score alone gives titles that they would not praise
        stars = [listed(recommender, user, praise=at)["stars"].head(5).mean() for at in (-1.0, 0.0, 1.0)]
        assert stars[0] <= stars[1] + 1e-6
        assert stars[0] < stars[2]
    by_score = listed(recommender, "4", praise=-1.0)
    assert by_score["score"].is_monotonic_decreasing  # what they would pick, and nothing else


def test_a_varied_list_holds_the_same_titles_and_a_short_one_begins_it(recommender):
    plain, varied = listed(recommender, "3"), listed(recommender, "3", varied=1.0)
    assert set(plain["title"]) == set(varied["title"])
    turned = recommender.with_dials(Dials(varied=1.0))
    unseen = turned.retrieve("3", MOMENT, 24)["title"].tolist()
    assert turned.retrieve("3", MOMENT, 3)["title"].tolist() == unseen[:3]
    assert varied["title"][~varied["seen"].astype(bool)].tolist() == unseen  # what is seen keeps its place among them
    anybody, turned_for_anybody = (
        asked.retrieve(None, MOMENT, 24)["title"].tolist() for asked in (recommender, turned)
    )
    assert set(anybody) == set(turned_for_anybody)
    assert anybody != turned_for_anybody


def test_praise_of_a_newcomer_is_turned_from_a_newcomers_weight(recommender):
    history = History({recommender.titles[0]: 5.0})
    rate, n_titles = recommender.signatures["rate"], len(recommender.titles)
    of_newcomer = praise_at_rest(rate, recommender._describe(None, history), n_titles)
    of_viewer = praise_at_rest(rate, {**AT_REST, "viewer": np.int32(1)}, n_titles)
    assert of_newcomer > of_viewer > 0


def test_a_scorer_is_turned_as_the_lists_are(recommender):
    dials = Dials(personal=0.5, praise=0.5)
    scorer = bundle_scorer(recommender, recommender.ratings).with_dials(dials)
    row = recommender.ratings.users.index[recommender.ratings.users["user_id"] == "5"].to_numpy()
    scores = scorer.score(row, np.array([MOMENT]))[0]
    expected = recommender.with_dials(dials).scores("5", [MOMENT])[0]
    np.testing.assert_allclose(scores, expected, atol=5e-3)  # what praise counts for at rest is held to three digits


def test_dials_at_rest_change_nothing(recommender):
    assert listed(recommender, "2").equals(recommender.retrieve("2", MOMENT, 24, include_seen=True))
