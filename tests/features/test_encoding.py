import numpy as np
import pandas as pd
import pytest

from recommender.data.schema import Feature, Kind
from recommender.features.encoding import encode


def rows_of(kind, values):
    encoded = encode(Feature("x", kind), pd.Series(values))
    return encoded.rows.tolist(), encoded.size


def test_categories_are_numbered_in_alphabetical_order_from_one():
    assert rows_of(Kind.CATEGORY, ["b", "a", "b"]) == ([[2], [1], [2]], 3)


def test_empty_category_is_unknown():
    assert rows_of(Kind.CATEGORY, ["", "a"]) == ([[0], [1]], 2)


def test_multi_category_is_padded_with_unknown():
    assert rows_of(Kind.MULTI_CATEGORY, [("War", "Drama"), (), ("Drama",)]) == ([[2, 1], [0, 0], [1, 0]], 3)


def test_words_of_one_title_alone_are_left_out():
    rows, size = rows_of(Kind.TEXT, ["The Godfather", "the Rock", "Rock: the Movie"])
    assert size == 3  # rock, the
    assert rows == [[2, 0], [2, 1], [1, 2]]


def test_numbers_fall_into_quantile_buckets_and_nan_is_unknown():
    rows, size = rows_of(Kind.NUMBER, [float(n) for n in range(100)] + [float("nan")])
    buckets = np.array(rows)[:, 0]
    assert size == 11
    assert np.bincount(buckets).tolist() == [1] + [10] * 10
    assert (np.diff(buckets[:100]) >= 0).all()


def test_numbers_that_are_all_equal_share_one_bucket():
    rows, _ = rows_of(Kind.NUMBER, [7.0, 7.0])
    assert rows[0] == rows[1] != [0]


def test_time_is_not_a_property_of_users_or_items():
    with pytest.raises(ValueError, match="time"):
        encode(Feature("x", Kind.TIME), pd.Series([1]))


def test_stranger_comes_first_and_is_unknown():
    encoded = encode(Feature("x", Kind.CATEGORY), pd.Series(["a", "b"])).with_stranger()
    assert encoded.rows.tolist() == [[0], [1], [2]]
