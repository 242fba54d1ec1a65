"""What a model reads of a viewer at many moments, and what is hidden from their list."""

from dataclasses import replace

import numpy as np
import pandas as pd

from recommender.bundle.signatures import History
from recommender.serving.traveller import NO_TITLE, Traveller, traveller_for
from tests.dashboard.doubles import FIRST, TITLES, DoubleRecommender, small_ratings

DAY = 86_400


def read_at(who: Traveller, moments: list[int]) -> list[dict[str, float]]:
    """What is read of the history at each moment."""
    read: list[dict[str, float]] = [{} for _ in moments]
    for places, history, kept in who.parts(moments):
        assert history is not None
        assert kept is not None
        for place, row in zip(places, kept, strict=True):
            read[place] = {
                title: stars for (title, stars), held in zip(history.stars.items(), row, strict=True) if held
            }
    return read


def test_history_is_cut_at_each_moment_with_nothing_later() -> None:
    model = DoubleRecommender().with_ratings(small_ratings())
    who = traveller_for(model, "4", hide_seen=True, as_of_then=True)
    moments = [FIRST, FIRST + 4 * 60, FIRST + DAY + 4 * 60, FIRST + 9 * DAY]
    assert [len(read) for read in read_at(who, moments)] == [0, 1, 2, 4]


def test_what_is_rated_later_was_not_seen_then() -> None:
    model = DoubleRecommender().with_ratings(small_ratings())
    who = traveller_for(model, "4", hide_seen=True, as_of_then=True)
    moments = [FIRST, FIRST + DAY + 600]
    left_out = np.isinf(who.hide(who.scores(model, moments), moments))
    assert np.flatnonzero(left_out[0]).tolist() == []
    assert np.flatnonzero(left_out[1]).tolist() == [0, 1]


def test_without_the_switch_all_is_read_and_hidden_always() -> None:
    model = DoubleRecommender().with_ratings(small_ratings())
    who = traveller_for(model, "4", hide_seen=True, as_of_then=False)
    assert [part[1:] for part in who.parts([FIRST])] == [(None, None)]
    assert np.flatnonzero(np.isinf(who.hide(who.scores(model, [FIRST]), [FIRST]))[0]).tolist() == [0, 1, 2, 3]


def test_title_rated_twice_is_read_with_the_stars_of_the_moment_and_hidden_from_the_first() -> None:
    ratings = small_ratings()
    rows = pd.DataFrame(
        [("4", "1", 1.0, FIRST + 5 * DAY), ("4", "1", 5.0, FIRST + 7 * DAY)],
        columns=["user_id", "item_id", "rating", "timestamp"],
    )
    rated = replace(ratings, interactions=pd.concat([ratings.interactions, rows], ignore_index=True))
    model = DoubleRecommender().with_ratings(rated)
    who = traveller_for(model, "4", hide_seen=True, as_of_then=True)
    moments = [FIRST + 8 * DAY, FIRST, FIRST + 7 * DAY, FIRST + DAY - 60, FIRST + 7 * DAY - 1, FIRST + 5 * DAY]
    read = read_at(who, moments)
    first = ratings.interactions.query("user_id == '4' and item_id == '1'")["rating"].item()
    assert [history.get(TITLES[0]) for history in read] == [5.0, None, 5.0, first, 1.0, 1.0]
    assert [len(history) for history in read] == [4, 0, 4, 1, 4, 4]
    scores = who.scores(model, moments)
    left_out = np.isinf(who.hide(scores, moments))
    assert left_out[:, 0].tolist() == [True, False, True, True, True, True]
    for at, history, answer in zip(moments, read, scores, strict=True):
        kept = np.ones((1, len(history)), bool)
        assert np.allclose(answer, model.scores("4", [at], history=History(history), kept=kept)[0])


def test_title_rated_twice_in_one_second_is_read_once() -> None:
    ratings = small_ratings()
    again = ratings.interactions.query("user_id == '4' and item_id == '1'").assign(rating=2.0)
    rated = replace(ratings, interactions=pd.concat([ratings.interactions, again], ignore_index=True))
    model = DoubleRecommender().with_ratings(rated)
    who = traveller_for(model, "4", hide_seen=False, as_of_then=True)
    whole = model.history_read("4").set_index("title")["stars"]
    assert read_at(who, [FIRST + DAY - 60]) == [{TITLES[0]: whole[TITLES[0]]}]


def test_no_moment_is_no_answer() -> None:
    model = DoubleRecommender().with_ratings(small_ratings())
    who = traveller_for(model, "4", hide_seen=False, as_of_then=True)
    assert [len(part.places) for part in who.parts([])] == [0]


def test_scores_with_a_cut_history_are_those_of_the_shorter_history() -> None:
    model = DoubleRecommender().with_ratings(small_ratings())
    at = FIRST + DAY + 600
    cut = traveller_for(model, "4", hide_seen=False, as_of_then=True).scores(model, [at])
    read = model.history_read("4").query("timestamp <= @at")
    assert len(read) == 2
    whole = model.scores("4", [at], history=History(dict(zip(read["title"], read["stars"], strict=True))))
    assert np.allclose(cut, whole)


def hiding(*rows: int) -> Traveller:
    """A viewer from whose lists some titles are always left out."""
    return Traveller("1", None, np.zeros(0, np.int64), np.array(rows, np.int64), np.zeros(len(rows), np.int64))


def test_list_is_ordered_as_a_stable_sort_does() -> None:
    scores = np.random.default_rng(0).integers(0, 6, (40, 30)).astype(np.float32)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :7]
    assert np.array_equal(hiding().lists(scores, [0] * 40, 7), expected)


def test_list_that_runs_out_says_so() -> None:
    assert hiding(1).lists(np.array([[1.0, 9.0, 3.0]], np.float32), [0], 5).tolist() == [[2, 0, NO_TITLE]]


def test_all_hidden_is_an_empty_list() -> None:
    assert hiding(0, 1, 2).lists(np.ones((2, 3), np.float32), [0, 0], 2).tolist() == [[NO_TITLE] * 2] * 2
