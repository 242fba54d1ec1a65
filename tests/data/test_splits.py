from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recommender.data import (
    SPLITS,
    Ratings,
    RatingScale,
    Split,
    split_by_name,
    split_counts,
    split_per_user_last,
    split_random,
)
from recommender.data.schema import Schema
from recommender.data.splits import are_among, split_files, split_temporal, tied
from recommender.errors import ConfigurationError, DataError


def _ratings(users: list[int], times: list[int]) -> Ratings:
    """Row i is known by its item, i."""
    n = len(users)
    interactions = pd.DataFrame(
        {
            "user_id": [str(user) for user in users],
            "item_id": [str(row) for row in range(n)],
            "rating": np.arange(n) % 5 + 1.0,
            "timestamp": np.array(times, np.int64),
        }
    )
    items = pd.DataFrame({"item_id": [str(row) for row in range(n)], "title": [f"Film {row}" for row in range(n)]})
    everybody = pd.DataFrame({"user_id": [str(user) for user in sorted(set(users))]})
    return Ratings("invented", interactions, items, everybody, RatingScale(), Schema())


def _rows(part: Ratings) -> list[int]:
    return part.interactions["item_id"].astype(int).tolist()


@pytest.fixture
def many() -> Ratings:
    """200 interactions of 7 users, at times in no order and with ties."""
    rng = np.random.default_rng(5)
    return _ratings(rng.integers(0, 7, 200).tolist(), rng.integers(0, 60, 200).tolist())


def _split(name: str, ratings: Ratings, **options) -> Split:
    return split_by_name(name, ratings, **options)


@pytest.mark.parametrize("name", ["random", "per-user-last", "temporal"])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.3])
def test_every_interaction_is_in_exactly_one_part(name: str, share: float, many: Ratings) -> None:
    split = _split(name, many, validation_share=share)
    parts = _rows(split.train) + _rows(split.validation) + _rows(split.test)
    assert sorted(parts) == list(range(200))
    assert bool(split.validation) == (share > 0)


@pytest.mark.parametrize("name", ["random", "per-user-last", "temporal"])
def test_the_same_split_twice_is_the_same(name: str, many: Ratings) -> None:
    first, second = (_split(name, many, seed=3) for _ in range(2))
    for part in ("train", "validation", "test"):
        assert _rows(getattr(first, part)) == _rows(getattr(second, part))


@pytest.mark.parametrize("name", ["random", "per-user-last", "temporal"])
def test_validation_is_cut_from_train_and_never_from_test(name: str, many: Ratings) -> None:
    without, with_it = (_split(name, many, validation_share=share) for share in (0.0, 0.3))
    assert _rows(without.test) == _rows(with_it.test)
    assert sorted(_rows(without.train)) == sorted(_rows(with_it.train) + _rows(with_it.validation))


def test_random_is_the_published_permutation(many: Ratings) -> None:
    permutation = np.random.default_rng(42).permutation(200)
    split = split_random(many, 42)
    assert _rows(split.test) == permutation[160:].tolist()
    kept = [row for row in permutation[:160] if row not in set(_rows(split.validation))]
    assert _rows(split.train) == kept
    assert len(split.validation) == 8


def test_random_validation_is_no_stretch_of_the_permutation(many: Ratings) -> None:
    permutation = np.random.default_rng(42).permutation(200).tolist()
    places = sorted(permutation.index(row) for row in _rows(split_random(many, 42).validation))
    assert places[-1] - places[0] > 8


def test_another_seed_is_another_split(many: Ratings) -> None:
    assert _rows(split_random(many, 1).test) != _rows(split_random(many, 2).test)


def test_per_user_last_holds_out_each_viewers_last_fifth() -> None:
    #                    user 0: ten rows, backwards in time;  user 1: five rows;  user 2: one
    users = [0] * 10 + [1] * 5 + [2]
    times = [*range(100, 0, -10), 5, 1, 4, 2, 3, 50]
    split = split_per_user_last(_ratings(users, times), 1, validation_share=0.25)
    assert _rows(split.test) == [0, 1, 10]
    assert _rows(split.validation) == [2, 3, 12]
    assert _rows(split.train) == [4, 5, 6, 7, 8, 9, 11, 13, 14, 15]


def test_per_user_last_draws_between_ratings_of_one_second_and_counts_them() -> None:
    # Each of 20 viewers rates ten titles, in the order of the file all in one second.
    day = _ratings([user for user in range(20) for _ in range(10)], [7] * 200)
    split = split_per_user_last(day, 1, validation_share=0.25)
    for part, n in ((split.test, 2), (split.validation, 2), (split.train, 6)):
        assert np.bincount(part.user_rows, minlength=20).tolist() == [n] * 20
        places = np.array(_rows(part)) % 10
        assert abs(places.mean() - 4.5) < 1.5  # nothing of where the file had them
    assert split.n_ties == len(split.test) == 40
    assert _rows(split.test) != _rows(split_per_user_last(day, 2).test)
    assert _rows(split.test) == _rows(split_per_user_last(day, 1).test)


def test_per_user_last_draws_nothing_but_between_ratings_of_one_second() -> None:
    # Viewer 0 is cut between the seconds 3 and 4, viewer 1 inside the second 3, viewer 2 between 0 and 4.
    users = [0] * 5 + [1] * 5 + [2] * 5
    times = [0, 1, 2, 3, 4, 0, 1, 2, 3, 3, 0, 0, 0, 0, 4]
    ties = []
    drawn = set()
    for seed in range(20):
        split = split_per_user_last(_ratings(users, times), seed)
        first, second, third = _rows(split.test)
        assert (first, third) == (4, 14)
        drawn.add(second)
        ties.append(split.n_ties)
    assert drawn == {8, 9}
    assert set(ties) == {1}


def test_ties_are_those_of_the_same_viewer_and_of_data_with_times() -> None:
    split = split_temporal(_ratings([0, 1, 0, 1, 0], [1, 2, 3, 4, 5]))
    assert split.n_ties == 0
    ratings = _ratings([0, 1, 0, 1], [7, 7, 7, 8])
    tied_rows = tied(ratings.take(np.array([0, 1])), ratings.take(np.array([2, 3])))
    assert tied_rows.tolist() == [True, False]
    timeless = replace(
        ratings, interactions=ratings.interactions.drop(columns="timestamp"), schema=Schema(has_timestamps=False)
    )
    assert not tied(timeless.take(np.array([0, 1])), timeless.take(np.array([2, 3]))).any()


def test_per_user_last_rounds_to_the_nearest_and_leaves_everybody_something() -> None:
    for n, held_out in {1: 0, 2: 0, 3: 1, 7: 1, 8: 2, 12: 2, 13: 3}.items():
        users = [0] * n + [1] * 5
        split = split_per_user_last(_ratings(users, list(range(n + 5))), 1, validation_share=0.9)
        mine = (split.test.interactions["user_id"] == "0").sum()
        assert mine == held_out
        assert (split.train.interactions["user_id"] == "0").sum() >= 1


def test_temporal_cuts_at_one_moment_for_all() -> None:
    times = [90, 10, 80, 20, 70, 30, 60, 40, 50, 100]
    split = split_temporal(_ratings([0, 1] * 5, times), validation_share=0.25)
    assert _rows(split.test) == [0, 9]
    assert _rows(split.validation) == [2, 4]
    assert _rows(split.train) == [1, 3, 5, 6, 7, 8]


def test_temporal_keeps_interactions_of_one_second_together() -> None:
    times = [1, 2, 3, 4, 4, 5, 9, 9, 9, 10]
    split = split_temporal(_ratings([0] * 10, times), validation_share=0.25)
    assert _rows(split.test) == [6, 7, 8, 9]
    assert _rows(split.validation) == [3, 4, 5]  # two would cut the second 4 in halves
    assert _rows(split.train) == [0, 1, 2]


@pytest.mark.parametrize("name", ["per-user-last", "temporal"])
def test_splits_by_time_need_times(name: str, many: Ratings) -> None:
    timeless = replace(
        many, interactions=many.interactions.drop(columns="timestamp"), schema=Schema(has_timestamps=False)
    )
    with pytest.raises(ConfigurationError, match=f"the split '{name}' goes by time, .* choose 'random'"):
        _split(name, timeless)
    assert len(_split("random", timeless).test) == 40


@pytest.mark.parametrize("name", ["random", "per-user-last", "temporal"])
@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_a_validation_share_that_is_none_is_refused(name: str, share: float, many: Ratings) -> None:
    with pytest.raises(ConfigurationError, match="validation share"):
        _split(name, many, validation_share=share)


def test_data_of_one_moment_cannot_be_cut_by_time() -> None:
    with pytest.raises(DataError, match="'temporal' leaves nothing for train"):
        split_temporal(_ratings([0] * 10, [7] * 10))


@pytest.mark.parametrize("name", ["random", "per-user-last", "temporal"])
@pytest.mark.parametrize("n", [0, 1])
def test_too_few_interactions_are_refused(name: str, n: int) -> None:
    with pytest.raises(DataError, match="leaves nothing for"):
        _split(name, _ratings([0] * n, list(range(n))))


def test_files_takes_the_published_parts_and_draws_validation_from_train(tiny: Ratings, tmp_path: Path) -> None:
    rows = [f"{user}\t{item}\t3\t{880000000 + 10 * user + item}" for user in (1, 2, 3) for item in (1, 2, 4, 9)]
    (tmp_path / "u1.base").write_text("\n".join(rows[:10]))
    (tmp_path / "u1.test").write_text("\n".join(rows[10:]))
    paths = {"train_path": tmp_path / "u1.base", "test_path": tmp_path / "u1.test"}
    split = split_files(tiny, **paths, seed=42, validation_share=0.2)
    assert split.test.interactions["item_id"].tolist() == ["4", "3"]
    assert (len(split.train), len(split.validation)) == (8, 2)
    times = split.train.timestamps.tolist() + split.validation.timestamps.tolist()
    assert sorted(times) == [880000000 + 10 * user + item for user in (1, 2, 3) for item in (1, 2, 4, 9)][:10]
    drawn = {
        tuple(split_by_name("files", tiny, seed=seed, validation_share=0.2, **paths).validation.timestamps)
        for seed in range(8)
    }
    assert len(drawn) > 1


def test_counts_are_stretches_of_the_published_permutation(many: Ratings) -> None:
    permutation = np.random.default_rng(42).permutation(200).tolist()
    split = split_by_name("counts", many, seed=42, n_train=150, n_validation=30)
    assert _rows(split.train) == permutation[:150]
    assert _rows(split.validation) == permutation[150:180]
    assert _rows(split.test) == permutation[180:]
    assert (split.name, split.seed) == ("counts", 42)
    assert len(split_counts(many, 42, n_train=199, n_validation=0).validation) == 0


@pytest.mark.parametrize(
    ("n_train", "n_validation", "expected"),
    [
        (0, 10, "give at least 1 for train and 0 for validation"),
        (10, -1, "give at least 1 for train and 0 for validation"),
        (150, 50, "150 interactions for train and 50 for validation leave nothing for test of the 200 of 'invented'"),
        (240_000, 55_000, "240,000 interactions for train and 55,000 for validation leave nothing"),
    ],
)
def test_impossible_counts_are_refused(n_train: int, n_validation: int, expected: str, many: Ratings) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        split_counts(many, 42, n_train=n_train, n_validation=n_validation)


def test_by_name_wants_counts_for_counts_and_for_nothing_else(many: Ratings) -> None:
    for numbers in ({}, {"n_train": 10}, {"n_validation": 10}):
        with pytest.raises(ConfigurationError, match="needs numbers for train and for validation; give both"):
            split_by_name("counts", many, **numbers)
    for name in ("random", "files"):
        with pytest.raises(ConfigurationError, match=f"the split '{name}' decides itself .* choose 'counts'"):
            split_by_name(name, many, n_train=10, n_validation=0)


def test_by_name_knows_all_splits_and_names_them() -> None:
    assert SPLITS == ("random", "per-user-last", "temporal", "files", "counts")
    with pytest.raises(
        ConfigurationError, match="'by-hand'; choose one of random, per-user-last, temporal, files, counts"
    ):
        split_by_name("by-hand", _ratings([0], [0]))


def test_by_name_wants_files_for_files_and_for_nothing_else(tiny: Ratings, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="needs a train file and a test file"):
        split_by_name("files", tiny, train_path=tmp_path / "u1.base")
    with pytest.raises(ConfigurationError, match="choose 'files'"):
        split_by_name("random", tiny, test_path=tmp_path / "u1.test")
    (tmp_path / "u1.base").write_text("1\t1\t3\t880000000\n")
    (tmp_path / "u1.test").write_text("2\t1\t3\t880000000\n")
    split = split_by_name("files", tiny, train_path=tmp_path / "u1.base", test_path=tmp_path / "u1.test")
    assert split.test.interactions["user_id"].tolist() == ["2"]


def test_a_split_prints_what_it_is(many: Ratings) -> None:
    assert repr(split_random(many, 42)) == (
        "Split('random', seed 42: train 152, validation 8, test 40 interactions of 'invented')"
    )
    assert repr(split_temporal(many)).startswith("Split('temporal': train ")


def test_parts_keep_the_catalogue_and_the_schema(many: Ratings) -> None:
    split = split_random(many, 42)
    assert split.test.items is many.items
    assert split.test.schema is many.schema


def test_numbers_are_found_among_others_whatever_their_order() -> None:
    theirs = np.array([9, 3, 3, 7])
    assert are_among(np.array([3, 4, 9, 10, 2, 7]), theirs).tolist() == [True, False, True, False, False, True]
    assert are_among(np.array([3]), np.array([], np.int64)).tolist() == [False]
