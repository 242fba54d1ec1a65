from dataclasses import replace

from recommender.evaluation import Examiner
from recommender.export.reference_figures import measure_references
from recommender.training.trainer import train_model
from tests.checkerboard import checkerboard_split

SPLIT = checkerboard_split()
GIVEN = {"ease_l2": 2.0, "half_lives": (), "star_weight": 0.8, "content_weight": 0.1, "best_seller_days": 7.0}


def timeless(ratings):
    schema = replace(ratings.schema, has_timestamps=False)
    return replace(ratings, interactions=ratings.interactions.drop(columns="timestamp"), schema=schema)


def references(trained, split):
    return measure_references(trained, split, Examiner(trained.training_part, split.test))


def test_manifest_holds_every_reference_but_the_model_itself():
    found = references(train_model("signed-ease", SPLIT, seed=1, settings=GIVEN), SPLIT)
    assert set(found) == {"popularity", "recent-popularity", "ease", "recency-ease", "means"}
    assert found["means"]["rmse"] > 0
    assert found["ease"]["rmse"] is None
    assert found["recency-ease"]["chosen"]["ease_l2"] > 0
    assert found["ease"]["ndcg_at_10"] == 1.0


def test_manifest_says_why_a_reference_is_left_out():
    parts = [timeless(part) for part in (SPLIT.train, SPLIT.validation, SPLIT.test)]
    split = replace(SPLIT, train=parts[0], validation=parts[1], test=parts[2])
    found = references(train_model("popularity", split, seed=1), split)
    assert found["recency-ease"] == {"left_out": "checkerboard has no times."}
