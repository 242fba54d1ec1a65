"""What parts are worth: variants are trained, or weighed anew where nothing has to be trained."""

import pytest

from benchmarks import ablation
from benchmarks.ablation import Variant, examine, table, variants
from recommender.models.configuration import HISTORY, TIMESTAMP, Task
from tests.checkerboard import checkerboard, checkerboard_split
from tests.models.flagship.test_flagship import CHOSEN
from tests.models.flagship.test_served_flagship import SMALL as SMALL_SIZES

SMALL = {**SMALL_SIZES, **CHOSEN, "steps": 2}
SOLVED = ("neighbour_weight", "content_weight", "implicit_weight")  # with one of them left lists may stay the same


@pytest.fixture(scope="module")
def examined():
    """What three variants come to, and how often the flagship was trained for them."""
    trainings = []

    def train_model(*arguments, settings, **options):
        trainings.append(settings)
        return train(*arguments, settings=settings, **options)

    train, monkeypatch = ablation.train_model, pytest.MonkeyPatch()
    monkeypatch.setattr(ablation, "train_model", train_model)
    chosen = {
        "all": Variant(SMALL),
        "trained alone": Variant(SMALL, weights=dict.fromkeys(SOLVED, 0.0)),
        "all again": Variant(SMALL),
        "no history": Variant({**SMALL, "query_inputs": [TIMESTAMP]}, tasks=(Task.RETRIEVAL,)),
    }
    found = dict(examine(checkerboard_split(), 1, chosen))
    monkeypatch.undo()
    return found, trainings


def test_what_is_weighed_after_training_is_not_trained_again(examined):
    _, trainings = examined
    assert len(trainings) == 2


def test_weights_come_back_after_a_variant(examined):
    found, _ = examined
    assert found["all again"] == found["all"]
    assert found["trained alone"] != found["all"]


def test_retrieval_alone_has_no_figures_of_stars(examined):
    found, _ = examined
    assert {"rmse", "nll"} <= set(found["all"])
    assert not {"rmse", "nll"} & set(found["no history"])


def test_variants_leave_out_the_inputs_they_are_named_after():
    found = variants(checkerboard())
    assert HISTORY not in found["no history"].settings["query_inputs"]
    assert TIMESTAMP not in found["no moment"].settings["query_inputs"]
    assert "genres" not in found["no side features"].settings["candidate_inputs"]
    assert not found["no praise"].settings


def test_table_shows_means_over_seeds_and_leaves_out_what_a_variant_has_not():
    written = table(
        {"all": [{"rmse": 0.9, "ndcg_at_10": 0.2}, {"rmse": 1.1, "ndcg_at_10": 0.4}], "half": [{"rmse": 1.0}]}
    )
    assert "| all | 1.0000 |  |  |  | 0.3000 |  |  |" in written
    assert "| half | 1.0000 |  |  |  |  |  |  |" in written
