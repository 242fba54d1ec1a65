from dataclasses import replace

import numpy as np
import pytest

from recommender.data.schema import Schema
from recommender.data.splits import Split
from recommender.evaluation import Ease, EaseSettings, Means, evaluate, references
from recommender.evaluation.choosing import RECENCY_GRIDS, SIGNED_GRIDS, Chooser
from recommender.evaluation.references import fit_references
from tests.checkerboard import checkerboard_split

NAMES = ["popularity", "recent-popularity", "ease", "recency-ease", "signed-ease", "means"]


@pytest.fixture
def split():
    return checkerboard_split()


def test_every_row_has_read_train_and_validation(split):
    rows = dict(fit_references(split))
    assert list(rows) == NAMES
    training_part = split.training_part
    users, at = np.arange(5), np.full(5, training_part.timestamps.max())
    np.testing.assert_array_equal(rows["ease"].scorer.score(users, at), Ease(training_part).score(users, at))
    recent = rows["recent-popularity"]
    assert recent.scorer.moments[-1] == training_part.timestamps.max()
    assert set(recent.chosen) == {"best_seller_days"}
    means = rows["means"]
    np.testing.assert_array_equal(means.scorer.item_offsets, Means(training_part, **means.chosen).item_offsets)


def test_what_rows_share_is_chosen_as_each_would_choose_it_alone(split):
    rows = dict(fit_references(split))
    chooser = Chooser(split.train, split.validation)
    assert EaseSettings(**rows["recency-ease"].chosen) == chooser.ease(RECENCY_GRIDS)
    assert EaseSettings(**rows["signed-ease"].chosen) == chooser.ease(SIGNED_GRIDS, ("genres",))


def test_test_part_chooses_nothing(split):
    other = replace(split, test=split.validation)
    rows, others = ({name: row.chosen for name, row in fit_references(parts)} for parts in (split, other))
    assert rows == others


def test_data_without_times_leave_out_what_goes_by_them(split):
    def timeless(part):
        schema = Schema(item_features=part.schema.item_features, has_timestamps=False)
        return replace(part, interactions=part.interactions.drop(columns="timestamp"), schema=schema)

    bare = Split(split.name, split.seed, *(timeless(part) for part in (split.train, split.validation, split.test)))
    rows = dict(fit_references(bare))
    assert list(rows) == NAMES
    reasons = {name: row.left_out for name, row in rows.items() if row.scorer is None}
    assert reasons == {name: "checkerboard has no times." for name in ("recent-popularity", "recency-ease")}
    assert evaluate(rows["signed-ease"].scorer, bare.training_part, bare.test).ndcg_at_10 > 0


def test_long_catalogues_leave_out_ease_and_say_why(split, monkeypatch):
    monkeypatch.setattr(references, "MOST_TITLES_SQUARED", 23)
    rows = dict(fit_references(split))
    assert [name for name, row in rows.items() if row.scorer is None] == ["ease", "recency-ease", "signed-ease"]
    assert "up to 23, and checkerboard has 24" in rows["signed-ease"].left_out
