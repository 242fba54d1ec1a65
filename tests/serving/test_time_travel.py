"""The logic of time travel, on models small enough to be worked out by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from recommender.bundle.signatures import History
from recommender.serving.time_travel import first_titles, mean_answers, most_moved, nearest_steps, to_the_minute
from recommender.serving.traveller import NO_TITLE, Traveller
from tests.dashboard.doubles import FIRST, USERS, DoubleRecommender

DAY = 86_400
GRID = np.arange(0, 10 * DAY + 1, DAY)


class Lines:
    """Three titles whose scores are straight lines in time: A leads first, then B, then C."""

    titles = ("A", "B", "C")
    user_ids = ("1",)
    crossings = (2 * DAY + 34_567, 7 * DAY + 61)  # A to B, B to C; neither lies on a whole minute

    def __init__(self) -> None:
        self.n_moments = 0

    def scores(self, user: str, moments: Any, *, history: History | None = None, kept: Any = None) -> np.ndarray:
        at = np.asarray(moments, float)
        self.n_moments += len(at)
        first, second = self.crossings
        scores = np.stack([np.zeros(len(at)), at - first, (at - first) + 3 * (at - second)], axis=1) / DAY
        if history is not None:
            scores[:, 0] += np.where(kept[:, 0], 100.0, 0.0)
        return scores.astype(np.float64)


def traveller(
    hidden: tuple[int, ...] = (), since: int = 0, rated: tuple[tuple[str, float], ...] | None = None
) -> Traveller:
    rows = np.array(hidden, np.int64)
    return Traveller(
        "1", rated, np.array([since] * len(rated or ()), np.int64), rows, np.full(len(rows), since, np.int64)
    )


def nearest_changes(model: Lines, asked: Traveller, at: int, grid: np.ndarray) -> list[tuple[int, int, int] | None]:
    """The minute of each change, and the titles first before and after it."""
    steps = nearest_steps(model, asked, at, int(first_titles(model, asked, [at])[0]), grid)
    return [None if step is None else (to_the_minute(model, asked, step), *step.turn) for step in steps]


def next_minute(seconds: int) -> int:
    return -(-seconds // 60) * 60


class TestNearestChanges:
    def test_both_are_found_to_the_minute(self) -> None:
        before, after = nearest_changes(Lines(), traveller(), 5 * DAY, GRID)
        first, second = Lines.crossings
        assert before == (first // 60 * 60, 0, 1)
        assert after == (next_minute(second), 1, 2)

    def test_nothing_changes_to_the_end_of_the_grid(self) -> None:
        before, after = nearest_changes(Lines(), traveller(), 60, GRID)
        assert before is None
        assert after == (next_minute(Lines.crossings[0]), 0, 1)
        assert nearest_changes(Lines(), traveller(), 9 * DAY, GRID)[1] is None

    def test_going_there_finds_the_one_after_it(self) -> None:
        change = nearest_changes(Lines(), traveller(), 60, GRID)[1]
        assert change is not None
        assert nearest_changes(Lines(), traveller(), change[0], GRID)[1] == (next_minute(Lines.crossings[1]), 1, 2)

    def test_going_back_does_not_stand_still(self) -> None:
        change = nearest_changes(Lines(), traveller(), 9 * DAY, GRID)[0]
        assert change is not None
        assert nearest_changes(Lines(), traveller(), change[0], GRID)[0] == (Lines.crossings[0] // 60 * 60, 0, 1)

    def test_title_that_is_hidden_from_a_moment_on_changes_it_then(self) -> None:
        before, after = nearest_changes(Lines(), traveller(hidden=(0,), since=DAY + 600), 60, GRID)
        assert before is None
        assert after == (DAY + 600, 0, 1)

    def test_history_that_is_read_from_a_moment_on_changes_it_then(self) -> None:
        of_a = (("A", 5.0),)
        after = nearest_changes(Lines(), traveller(since=5 * DAY + 120, rated=of_a), 4 * DAY, GRID)[1]
        assert after == (5 * DAY + 120, 1, 0)

    def test_few_moments_are_asked_about_if_the_changes_are_near(self) -> None:
        model = Lines()
        model.crossings = (5 * DAY - 7_200, 5 * DAY + 7_200)
        nearest_changes(model, traveller(), 5 * DAY, np.arange(0, 10 * DAY, 600))
        assert model.n_moments < 200

    def test_viewer_who_has_seen_all_has_no_first_title(self) -> None:
        everything = traveller(hidden=(0, 1, 2), since=4 * DAY)
        assert nearest_changes(Lines(), everything, 3 * DAY + 60, GRID)[1] == (4 * DAY, 1, NO_TITLE)


class TestMovers:
    def test_farthest_by_doublings_comes_first(self) -> None:
        # Title 0 goes from 1 to 4, title 3 from 4 to 1; titles 1 and 2 from 2 to 2 and 3 to 3.
        scores = np.array([[9, 8, 7, 6], [0, 8, 7, 9]], np.float32)
        found = most_moved(scores, 5)
        assert found.rows.tolist() == [0, 3]
        assert found.best.tolist() == [1, 1]
        assert found.worst.tolist() == [4, 4]
        assert found.best_at.tolist() == [0, 1]
        assert found.places.tolist() == [[1, 4], [4, 1]]

    def test_while_a_title_is_left_out_it_has_no_place(self) -> None:
        scores = np.array([[9, -np.inf, 7, 6], [1, 8, 7, 9], [1, 8, 7, -np.inf]], np.float32)
        found = most_moved(scores, 5)
        assert found.rows.tolist() == [0, 3, 1, 2]
        assert np.array_equal(found.places[:, 2], [np.nan, 2, 1], equal_nan=True)
        assert np.array_equal(found.places[:, 1], [3, 1, np.nan], equal_nan=True)
        assert (found.best[1], found.worst[1], found.worst_at[1]) == (1, 3, 0)

    def test_from_10_to_20_is_less_than_from_1_to_4(self) -> None:
        first = np.arange(40, 0, -1).astype(np.float32)
        second = first.copy()
        second[0], second[9] = first[3] - 0.5, first[19] - 0.5
        assert most_moved(np.stack([first, second]), 1).rows.tolist() == [0]

    def test_titles_that_do_not_move_are_none(self) -> None:
        assert len(most_moved(np.tile(np.arange(5, dtype=np.float32), (3, 1)), 5).rows) == 0


@pytest.mark.parametrize("tasks", [("retrieval", "rating"), ("retrieval",)])
def test_mean_over_viewers_is_the_mean_of_their_sweeps(tasks: tuple[str, ...]) -> None:
    model = DoubleRecommender(tasks=tasks)
    moments, titles = [FIRST, FIRST + 5 * DAY, FIRST + 50 * DAY], ["Alien (1979)", "Ran (1985)"]
    column = "stars" if "rating" in tasks else "score"
    alone = [model.sweep(user, moments, titles)[column].to_numpy().reshape(3, 2) for user in USERS]
    assert np.allclose(mean_answers(model, USERS, moments, titles), np.mean(alone, axis=0))
    if "rating" in tasks:
        assert model.calls.count("rate_pairs") == 1


def test_mean_of_one_call_is_a_plain_array() -> None:
    assert not isinstance(mean_answers(DoubleRecommender(), ["1"], [FIRST], ["Ran (1985)"]), pd.DataFrame)
