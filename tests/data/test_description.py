"""What a data set turned out to be, in sentences."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recommender.data import Ratings, RatingScale
from recommender.data.description import describe, lone_value
from recommender.data.schema import Schema


def ratings_of(stars: list[float], *, timed: bool = True) -> Ratings:
    n = len(stars)
    interactions = pd.DataFrame(
        {"user_id": "u", "item_id": [f"i{k}" for k in range(n)], "rating": np.array(stars, float)}
    )
    if timed:
        interactions["timestamp"] = 880_000_000 + np.arange(n) * 86_400
    catalogue = pd.DataFrame({"item_id": interactions["item_id"], "title": interactions["item_id"]})
    scale = RatingScale(min(stars), max(stars), 0.5)
    return Ratings(
        "some", interactions, catalogue, pd.DataFrame({"user_id": ["u"]}), scale, Schema(has_timestamps=timed)
    )


def test_size_span_scale_and_spread_are_said() -> None:
    said = describe(ratings_of([1, 2, 2, 5])).facts
    assert said == (
        "4 ratings of 4 titles by 1 viewer, 1997-11-20 to 1997-11-23, on a scale of 1-5 in steps of 0.5.",
        "Ratings: 1: 25%, 2: 50%, 5: 25%.",
    )
    assert "no times" in describe(ratings_of([1, 5], timed=False)).facts[0]
    many = describe(ratings_of([k / 2 for k in range(1, 41)])).facts[1]
    assert many == "Ratings: 0.5 to 20, half of them from 5.375 to 15.125, in the middle 10.25."


def test_repeats_are_counted() -> None:
    once = ratings_of([1, 2, 5])
    twice = replace(once, interactions=pd.concat([once.interactions, once.interactions.head(2)], ignore_index=True))
    assert describe(twice).facts[-1] == "Rated again by the same viewer: 2 of them, and each counts."


def test_rows_without_ratings_are_described_without_stars() -> None:
    rated = ratings_of([0, 1, 1])
    taken = replace(rated, schema=Schema(has_ratings=False), how_read=("It was read.",))
    assert describe(taken).facts == (
        "3 rows of 3 titles by 1 viewer, 1997-11-20 to 1997-11-22, without ratings.",
        "A row says that a viewer took a title, not how it was liked: models can rank titles, not predict stars.",
        "It was read.",
    )


@pytest.mark.parametrize(
    ("titles", "coded"),
    [
        (["10", "22", "7"], "10"),
        (["tt0114709", "tt0113189", "tt0113277"], "tt0114709"),
        (["034545104X", "0155061224", "0446520802"], "034545104X"),
        (["Heat", "Se7en", "1984"], ""),
        (["12 Angry Men", "M", "Ran"], ""),
    ],
)
def test_titles_that_are_codes_are_noticed(titles: list[str], coded: str) -> None:
    rated = ratings_of([1, 2, 5])
    named = replace(rated, items=rated.items.assign(title=titles))
    assert describe(named).coded_titles == coded


@pytest.mark.parametrize(
    ("stars", "lone"),
    [
        ([0] * 62 + [5] * 5 + [7] * 10 + [8] * 15 + [10] * 8, 0.0),
        ([99] * 40 + [1] * 10 + [3] * 50, None),  # 40 beside 50: the neighbour is not rare
        ([99] * 40 + [1] * 30 + [2] * 25 + [5] * 5, 99.0),
        ([1] * 6 + [2] * 11 + [3] * 27 + [4] * 34 + [5] * 21, None),  # MovieLens
        ([5] * 60 + [4] * 25 + [1] * 15, None),  # many fives are no code
        ([0] * 60 + [1] * 40, None),  # a thumb up or down
        ([0] * 62 + [1] * 15 + [2] * 10 + [3] * 13, 0.0),  # nobody gives the lowest of all four times as often
        ([0] * 19 + [3] * 20 + [4] * 20 + [5] * 20 + [6] * 21, 0.0),  # fewer, but far from all others
        ([99] * 8 + [1] * 20 + [2] * 20 + [3] * 22 + [4] * 30, 99.0),
        ([1] * 19 + [3] * 20 + [4] * 20 + [5] * 41, None),  # a lowest star that is no nought
        ([0] * 10 + [1] * 20 + [2] * 30 + [3] * 40, None),  # a scale that begins at 0
        ([3.0], None),
    ],
)
def test_value_that_stands_apart_is_asked_about(stars: list[float], lone: float | None) -> None:
    assert lone_value(np.array(stars, float)) == lone
    described = describe(ratings_of([float(value) for value in stars]))
    asked = described.question
    assert described.code == lone
    assert bool(asked) == (lone is not None)
    if lone is not None:
        assert f"% of the ratings are {lone:g}, and hardly any lies next to it" in asked
