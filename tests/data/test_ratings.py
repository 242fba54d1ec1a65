from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recommender.data import Kind, Ratings, RatingScale
from recommender.data.ratings import Rated
from recommender.errors import DataError


def test_rows_and_arrays_follow_the_interactions(tiny: Ratings) -> None:
    assert tiny.user_rows.tolist() == [2, 0, 0, 0, 1, 1, 3, 3, 2, 0]
    assert tiny.item_rows.tolist() == [2, 0, 2, 2, 5, 1, 4, 3, 0, 1]
    assert tiny.stars.tolist() == [4, 5, 3, 2, 1, 4, 3, 2, 5, 4]
    assert tiny.timestamps.tolist()[:2] == [880000500, 880000100]


def test_take_keeps_the_asked_order_and_the_catalogue(tiny: Ratings) -> None:
    part = tiny.take(np.array([3, 0]))
    assert part.interactions["user_id"].tolist() == ["1", "3"]
    assert part.user_rows.tolist() == [0, 2]
    assert part.items is tiny.items
    assert part.aliases == {"9": "3"}
    assert len(tiny.take(np.array([], int))) == 0


def test_rare_titles_are_left_out_with_their_ratings_and_with_viewers_who_rated_nothing_else(tiny: Ratings) -> None:
    twice = tiny.without_rare_titles(2)
    counts = tiny.interactions["item_id"].value_counts()
    assert set(twice.items["item_id"]) == set(counts.index[counts >= 2]) == {"1", "2", "3"}
    assert len(twice) == counts[counts >= 2].sum()
    assert set(twice.users["user_id"]) == set(twice.interactions["user_id"]) < set(tiny.users["user_id"]) | {"-"}
    assert twice.min_ratings == 2
    assert twice.without_rare_titles(2) is twice
    assert tiny.without_rare_titles(1) is tiny
    assert twice.checksum != tiny.checksum
    with pytest.raises(DataError, match="no title was rated 99 times"):
        tiny.without_rare_titles(99)


def test_leaving_titles_out_makes_no_table_of_ids(tiny: Ratings) -> None:
    by_rows = tiny.take(np.arange(len(tiny)))
    twice = by_rows.without_rare_titles(2)
    assert "interactions" not in {**vars(by_rows), **vars(twice)}
    assert twice.checksum == tiny.without_rare_titles(2).checksum
    assert twice.interactions["item_id"].value_counts().min() == 2


def test_it_prints_what_it_is(tiny: Ratings) -> None:
    assert repr(tiny) == "Ratings('ml-100k': 10 interactions, 4 users, 6 titles, 1-5 stars)"


def test_schema_says_what_each_feature_is(tiny: Ratings) -> None:
    kinds = {feature.name: feature.kind for feature in (*tiny.schema.item_features, *tiny.schema.user_features)}
    assert kinds["genres"] is Kind.MULTI_CATEGORY
    assert kinds["age"] is Kind.NUMBER


@pytest.mark.parametrize(
    ("table", "change", "expected"),
    [
        ("interactions", lambda frame: frame.drop(columns="timestamp"), "interactions lacks column 'timestamp'"),
        ("items", lambda frame: frame.drop(columns="year"), "items lacks column 'year'"),
        ("items", lambda frame: pd.concat([frame, frame.head(1)]), "items holds item_id '1' twice"),
        ("items", lambda frame: frame.assign(title="Same"), "items holds title 'Same' twice"),
        ("items", lambda frame: frame.iloc[1:], "item_id '1' is rated but not described; add it to the table of items"),
        ("users", lambda frame: frame.iloc[1:], "user_id '1' is rated but not described; add it to the table of users"),
        ("interactions", lambda frame: frame.assign(rating=6.0), "interaction 0: rating 6 is outside 1-5"),
        ("interactions", lambda frame: frame.assign(rating=np.nan), "interaction 0: rating nan is outside 1-5"),
    ],
)
def test_tables_that_do_not_fit_together_are_refused(table: str, change, expected: str, tiny: Ratings) -> None:
    with pytest.raises(DataError, match=expected):
        replace(tiny, **{table: change(getattr(tiny, table))})


def test_checksum_is_of_the_content_and_not_of_how_it_came(tiny: Ratings) -> None:
    copied = replace(
        tiny,
        name="another name",
        interactions=tiny.interactions.astype({"user_id": object, "item_id": "category", "timestamp": "int32"}),
        users=tiny.users.astype({"gender": object}),
    )
    assert copied.checksum == tiny.checksum
    assert tiny.take(np.arange(len(tiny))).checksum == tiny.checksum


@pytest.mark.parametrize(
    "change",
    [
        lambda r: {"interactions": r.interactions.iloc[::-1].reset_index(drop=True)},
        lambda r: {"interactions": r.interactions.assign(rating=r.interactions["rating"].clip(upper=4))},
        lambda r: {"interactions": r.interactions.assign(timestamp=r.interactions["timestamp"] + 1)},
        lambda r: {"interactions": r.interactions.assign(user_id="1")},
        lambda r: {"interactions": r.interactions.assign(item_id="1")},
        lambda r: {"items": r.items.assign(title=r.items["title"] + " ")},
        lambda r: {"items": r.items.assign(genres=[("Drama",)] * len(r.items))},
        lambda r: {"users": r.users.assign(age=30.0)},
        lambda r: {"scale": RatingScale(1, 5, 0.5)},
        lambda r: {"schema": replace(r.schema, has_timestamps=False)},
        lambda r: {"schema": replace(r.schema, user_features=r.schema.user_features[1:])},
    ],
)
def test_checksum_changes_with_any_content(change, tiny: Ratings) -> None:
    assert replace(tiny, **change(tiny)).checksum != tiny.checksum


def test_an_absent_id_is_refused(tiny: Ratings) -> None:
    absent = tiny.interactions.assign(user_id=[None, *tiny.interactions["user_id"][1:]])
    with pytest.raises(DataError, match="is rated but not described"):
        replace(tiny, interactions=absent)


class TestRated:
    ROWS = np.array([0, 1, 0, 2], np.int32)

    def packed(self, stars, times=None) -> Rated:
        return Rated.packed(self.ROWS, self.ROWS, np.array(stars), None if times is None else np.array(times))

    def test_stars_come_back_as_they_were_read(self) -> None:
        stars = [3.5, 0.1 + 0.2, 3.5, 7.3]
        rated = self.packed(stars)
        assert rated.codes is not None
        assert rated.stars(np.float64).tolist() == stars
        assert rated.stars(np.float32).dtype == np.float32
        assert rated.take(np.array([3, 0])).stars(np.float64).tolist() == [7.3, 3.5]

    def test_more_stars_than_a_byte_can_count_are_kept_one_by_one(self) -> None:
        rows = np.zeros(300, np.int32)
        stars = np.arange(300) / 7
        rated = Rated.packed(rows, rows, stars, None)
        assert rated.codes is None
        assert rated.stars(np.float64).tolist() == stars.tolist()
        assert rated.take(np.array([299])).stars(np.float64).tolist() == [299 / 7]

    @pytest.mark.parametrize(
        ("times", "n_bytes"), [([0, 5, 2**31 - 1, 9], 4), ([0, 5, 2**31, 9], 8), ([-1, 5, 7, 9], 8)]
    )
    def test_times_are_whole_in_as_few_bytes_as_they_need(self, times: list[int], n_bytes: int) -> None:
        rated = self.packed([1.0, 2, 3, 4], times)
        assert rated.seconds.tolist() == times
        assert rated.seconds.itemsize == n_bytes

    @pytest.mark.parametrize("others", [[1.0, 2.0, 2.0, 1.0], [9.0, 8.5, 8.5, 9.0]], ids=["same levels", "others"])
    def test_ratings_after_others_are_those_of_both(self, others: list[float]) -> None:
        first, then = self.packed([1.0, 2.0, 2.0, 1.0], [1, 2, 3, 4]), self.packed(others, [2**40, 6, 7, 8])
        both = first.and_then(then)
        assert both.stars(np.float64).tolist() == [1.0, 2.0, 2.0, 1.0, *others]
        assert both.seconds.tolist() == [1, 2, 3, 4, 2**40, 6, 7, 8]
        assert both.user_rows.tolist() == [*self.ROWS, *self.ROWS]

    def test_parts_of_the_same_ratings_stay_packed_together(self, tiny: Ratings) -> None:
        first, then = tiny.take(np.arange(4)), tiny.take(np.arange(4, len(tiny)))
        both = first.with_more(then)
        assert both.rated.codes is not None
        assert both.checksum == tiny.checksum
