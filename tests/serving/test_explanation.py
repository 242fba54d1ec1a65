import numpy as np
import pytest

from recommender.errors import UnknownTitleError
from recommender.serving.explanation import explain, ranks_without
from tests.dashboard.doubles import FIRST, LAST, TITLES, DoubleRecommender, small_ratings, timeless_ratings

LAST_OF_THREE = "Fargo (1996)"  # the title after the third that viewer 3 rated, which the third's stars speak for

EVERYTHING = np.ones(len(TITLES), np.bool_)


@pytest.fixture
def recommender() -> DoubleRecommender:
    return DoubleRecommender().with_ratings(small_ratings())


def test_only_the_title_that_moves_the_score_has_an_effect(recommender):
    found = explain(recommender, "3", LAST, LAST_OF_THREE)
    third = recommender.history_read("3").set_index("title")["stars"]["M*A*S*H (1970)"]
    assert found.titles["title"].tolist()[0] == "M*A*S*H (1970)"
    np.testing.assert_allclose(found.titles["score"], [third / 10, 0, 0], atol=1e-12)
    assert found.titles["given"].tolist()[0] == third
    np.testing.assert_allclose(found.history.score, third / 10)
    np.testing.assert_allclose(found.sum_of_titles.score, found.history.score)


def test_one_call_answers_all(recommender):
    recommender.calls.clear()
    explain(recommender, "10", LAST, "Alien (1979)")
    assert recommender.calls == ["sweep"]


def test_clock_is_the_moment_against_the_mean_over_the_span(recommender):
    title = "Alien (1979)"
    found = explain(recommender, "3", LAST, title)
    scores = recommender.sweep("3", np.linspace(FIRST, LAST, 64).astype(int).tolist(), [title])["score"]
    now = recommender.sweep("3", [LAST], [title])["score"][0]
    assert found.clock is not None
    assert abs(found.clock.score) > 0.1
    np.testing.assert_allclose(found.clock.score, now - scores.mean())


def test_effects_of_stars_are_those_of_the_predicted_rating(recommender):
    found = explain(recommender, "3", LAST, LAST_OF_THREE)
    assert found.asked.stars == pytest.approx(np.clip(1 + found.asked.score, 1, 5))
    assert found.titles["stars"].notna().all()


def test_model_that_reads_no_history_has_the_clock_alone():
    recommender = DoubleRecommender(inputs=("user_id", "timestamp")).with_ratings(small_ratings())
    found = explain(recommender, "3", LAST, LAST_OF_THREE)
    assert not found.reads_history
    assert found.titles.empty
    assert found.history.score == 0
    assert found.clock is not None


def test_model_that_reads_neither_has_nothing():
    recommender = DoubleRecommender(inputs=("user_id",), has_timestamps=False).with_ratings(timeless_ratings())
    found = explain(recommender, "3", 0, "Alien (1979)")
    assert found.titles.empty
    assert found.clock is None


def test_without_ratings_there_is_no_history():
    found = explain(DoubleRecommender(), "3", LAST, "Alien (1979)")
    assert found.titles.empty
    assert not found.reads_history


def test_rank_without_a_title_is_that_of_asking_again_without_it(recommender):
    read = recommender.history_read("3")
    left_out = read["title"].tolist()
    ranks = ranks_without(recommender, "3", LAST, LAST_OF_THREE, left_out, competing=EVERYTHING)
    base = recommender.scores("3", [LAST])[0]
    for title in left_out:
        expected = base.copy()
        for other, stars in zip(read["title"], read["stars"], strict=True):
            if other != title:
                expected[(TITLES.index(other) + 1) % len(TITLES)] += stars / 10
        own = expected[TITLES.index(LAST_OF_THREE)]
        assert ranks[title] == 1 + int((expected > own).sum())
    assert ranks_without(recommender, "3", LAST, LAST_OF_THREE, [], competing=EVERYTHING).empty


def test_unknown_title_is_refused(recommender):
    with pytest.raises(UnknownTitleError):
        explain(recommender, "3", LAST, "Nothing (1900)")
