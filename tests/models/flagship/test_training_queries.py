from dataclasses import replace
from itertools import islice

import numpy as np
import pandas as pd
import pytest

from recommender.data.schema import Schema
from recommender.features import ViewerLists
from recommender.models.flagship.training_queries import (
    SIGNATURE,
    QuestionShares,
    TrainingQueries,
    validation_queries,
)
from tests.checkerboard import SIZE, checkerboard
from tests.features.fitted import fitted_space

HOUR = 3_600
N_EACH = 20
HOURS = np.repeat([0, 24, 48, 72], 5) + np.tile(np.arange(5), 4)  # four sittings of five ratings


def ratings_of(rows, hours, titles=None):
    """Ratings of some viewers at some hours, each of the next title unless said otherwise."""
    board = checkerboard()
    titles = np.arange(len(rows)) % SIZE if titles is None else titles
    table = pd.DataFrame(
        {
            "user_id": [f"u{row}" for row in rows],
            "item_id": [f"t{title}" for title in titles],
            "rating": np.resize([1.0, 3.0, 5.0], len(rows)),
            "timestamp": HOUR * np.asarray(hours, np.int64) + 1_000,
        }
    )
    return replace(board, interactions=table)


@pytest.fixture(scope="module")
def lists():
    """Three viewers who rated twenty titles each, in four sittings."""
    ratings = ratings_of(np.repeat([0, 1, 2], N_EACH), np.tile(HOURS, 3), np.tile(np.arange(N_EACH), 3))
    return ViewerLists(ratings, fitted_space(ratings))


def questions(lists, shares, n=8, **settings):
    """Questions of some batches, each taken apart: name -> what belongs to it."""
    settings = {"history_dropout": 0.0, "cold_share": 0.0, "n_targets": 4, "seed": 0, **settings}
    queries = TrainingQueries(lists, QuestionShares(*shares), batch_size=16, **settings)
    return [question for batch in islice(queries(), n) for question in taken_apart(batch)]


def taken_apart(batch):
    assert set(batch) == set(SIGNATURE)
    assert all(batch[name].dtype == spec.dtype.as_numpy_dtype for name, spec in SIGNATURE.items())
    owners = {"items": "rows", "stars": "rows", "times": "rows", "target_items": "target_rows"}
    owners |= {"target_stars": "target_rows", "seen_items": "seen_rows"}
    return [
        {"viewer": viewer, "at": at, **{name: batch[name][batch[rows] == row] for name, rows in owners.items()}}
        for row, (viewer, at) in enumerate(zip(batch["viewer"], batch["at"], strict=True))
    ]


def rated(lists, viewer):
    part = slice(lists.starts[viewer], lists.starts[viewer + 1])
    return lists.items[part].tolist(), lists.stars[part], lists.times[part]


def test_next_reads_only_what_came_before_and_asks_for_what_came_right_after(lists):
    lengths = set()
    for question in questions(lists, (0, 1, 0)):
        items, stars, times = rated(lists, question["viewer"])
        cut = items.index(question["target_items"][0])
        n_targets = 4 * (5 if cut <= 5 else 1)  # a newcomer is asked for more
        assert question["target_items"].tolist() == items[cut : cut + n_targets]
        np.testing.assert_array_equal(question["target_stars"], stars[cut : cut + n_targets])
        n_read = len(question["items"])
        assert question["items"].tolist() == items[cut - n_read : cut]
        assert n_read == cut or n_read <= 5  # all, or in some questions the last few
        assert question["at"] == times[max(cut - 1, 0)]
        assert question["seen_items"].tolist() == items[:cut]
        lengths.add(n_read)
    assert len(lengths) > 10


def test_later_begins_a_new_sitting(lists):
    cuts = set()
    for question in questions(lists, (0, 0, 1)):
        items, _, times = rated(lists, question["viewer"])
        cut = items.index(question["target_items"][0])
        assert times[cut] - question["at"] > 6 * HOUR
        cuts.add(cut)
    assert cuts == {5, 10, 15}


def test_among_reads_no_target_and_is_asked_at_the_viewers_last_moment(lists):
    lengths = set()
    for question in questions(lists, (1, 0, 0)):
        items, _, times = rated(lists, question["viewer"])
        assert len(question["target_items"]) == 4
        assert not set(question["items"]) & set(question["target_items"])
        places = [items.index(item) for item in question["items"]]
        assert places == sorted(places)
        assert question["at"] == times[-1]
        lengths.add(len(places))
    assert N_EACH - 4 in lengths
    assert len(lengths) > 5  # some read a part of the rest


@pytest.mark.parametrize("shares", [(1, 0, 0), (0, 1, 0), (0, 0, 1)], ids=["among", "next", "later"])
def test_targets_are_never_seen_even_if_rated_before(shares):
    """One title rated twice on the way: where it is a target, the earlier rating hides it no more."""
    ratings = ratings_of(np.zeros(10, int), np.arange(10) * 12, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    lists = ViewerLists(ratings, fitted_space(ratings))
    lists.items[:] = [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]
    asked = questions(lists, shares)
    assert all(not set(question["seen_items"]) & set(question["target_items"]) for question in asked)
    assert any(len(question["seen_items"]) for question in asked)


def test_kinds_come_in_their_shares(lists):
    asked = questions(lists, (0.75, 0, 0.25), n=30)
    are_among = [question["at"] == rated(lists, question["viewer"])[2][-1] for question in asked]
    assert np.mean(are_among) == pytest.approx(0.75, abs=0.08)


def test_cold_questions_read_at_most_three_ratings(lists):
    lengths = [len(question["items"]) for question in questions(lists, (0, 1, 0), cold_share=1.0)]
    assert set(lengths) == {0, 1, 2, 3}


def test_dropout_leaves_a_share_out_of_what_is_read_and_keeps_what_is_seen(lists):
    asked = questions(lists, (1, 0, 0), history_dropout=0.5, n=20)
    share = sum(len(question["items"]) for question in asked) / sum(len(question["seen_items"]) for question in asked)
    assert share == pytest.approx(0.5, abs=0.05)


def test_seed_fixes_the_stream(lists):
    def first(seed):
        return str(questions(lists, (0.4, 0.3, 0.3), n=2, seed=seed))

    assert first(1) == first(1) != first(2)


def test_shares_count_what_lies_among_next_and_later():
    train = ratings_of([0, 0, 1, 1], [0, 10, 0, 10])
    held_out = ratings_of([0, 0, 0, 1, 2], [5, 12, 17, 40, 50], [7, 8, 9, 10, 11])
    assert QuestionShares.counted(train, held_out) == QuestionShares(0.25, 0.25, 0.5)  # viewer 2 is a stranger


def test_without_times_or_known_viewers_all_questions_are_among():
    train, stranger = ratings_of([0, 0], [0, 10]), ratings_of([3], [50])
    assert QuestionShares.counted(train, stranger) == QuestionShares(1, 0, 0)
    bare = [
        replace(part, interactions=part.interactions.drop(columns="timestamp"), schema=Schema(has_timestamps=False))
        for part in (train, ratings_of([0], [50], [9]))
    ]
    assert QuestionShares.counted(*bare) == QuestionShares(1, 0, 0)


def test_validation_asks_each_viewer_once_with_all_that_they_rated(lists):
    held_out = ratings_of([1, 0, 1], [80, 80, 90], [21, 22, 3])  # title 3 had been rated before
    moments = np.array([0, 10, 11, 12])
    batches = list(validation_queries(lists, np.array([2, 1, 2]), held_out, moments, batch_size=1))
    first, second = (taken_apart(batch)[0] for batch in batches)
    for question, viewer, targets in ((first, 1, [22]), (second, 2, [21, 3])):
        items, stars, _ = rated(lists, viewer)
        assert (question["viewer"], question["at"]) == (viewer, moments[viewer])
        assert question["items"].tolist() == items
        np.testing.assert_array_equal(question["stars"], stars)
        assert sorted(question["target_items"]) == sorted(targets)
        assert sorted(question["seen_items"]) == sorted(set(items) - set(targets))
