"""Invented ratings: what a recommender can learn from, and nothing that could not be."""

import numpy as np
import pytest

from benchmarks.invented import Size, invented
from recommender.data import Ratings, split_by_name
from recommender.evaluation import evaluate
from recommender.evaluation.references import fit_references


@pytest.fixture(scope="module")
def ratings() -> Ratings:
    return invented(Size(20_000, 600, 1_500), seed=1)


def test_table_has_about_the_size_asked_for_and_no_pair_twice(ratings: Ratings) -> None:
    assert len(ratings) == pytest.approx(20_000, rel=0.15)
    assert (len(ratings.users), len(ratings.items)) == (600, 1_500)
    assert not ratings.interactions.duplicated(["user_id", "item_id"]).any()


def test_same_seed_gives_the_same_table_and_another_another(ratings: Ratings) -> None:
    assert invented(Size(20_000, 600, 1_500), seed=1).checksum == ratings.checksum
    assert invented(Size(20_000, 600, 1_500), seed=2).checksum != ratings.checksum


def test_popularity_has_a_long_tail_and_nobody_watches_what_is_not_out(ratings: Ratings) -> None:
    counts = np.sort(np.bincount(ratings.item_rows, minlength=1_500))[::-1]
    assert counts[:150].sum() > 3 * counts[-750:].sum()
    first = ratings.interactions.groupby("item_id")["timestamp"].min()
    years = ratings.items.set_index("item_id")["year"].reindex(first.index)
    begun = (years - 1970) * 365.25 * 86_400
    assert (first.to_numpy() >= begun.to_numpy() - 2 * 365 * 86_400).all()


def test_tastes_can_be_learned(ratings: Ratings) -> None:
    split = split_by_name("random", ratings, seed=1)
    found = {
        name: evaluate(row.scorer, split.training_part, split.test).ndcg_at_10
        for name, row in fit_references(split)
        if name in ("popularity", "ease") and row.scorer is not None
    }
    assert found["ease"] > 1.1 * found["popularity"]
