"""What a training leaves in its folder of checkpoints."""

import numpy as np
import pytest

from recommender.errors import TrainingError
from recommender.models.served import ServedModel
from recommender.models.zoo import find_model
from recommender.training.callbacks import CHECKPOINT
from recommender.training.trainer import restore_model, train_model
from tests.checkerboard import checkerboard_split
from tests.conftest import SHORT

SETTINGS = {
    "flagship": {**SHORT, "steps": 2, "epochs": 1},
    "cross": {"batch_size": 64, "epochs": 2, "embedding_size": 4, "projection_size": 4, "query_layers": (8,)},
    "matrix-factorization": {"batch_size": 64, "epochs": 2, "n_factors": 4, "average_momentum": 0.5},
}
SPLIT = checkerboard_split()


@pytest.fixture(scope="module", params=list(SETTINGS))
def trained(request, tmp_path_factory):
    """A training with checkpoints; `cross` keeps statistics, and the flagship samples, that are no trained weights."""
    folder = tmp_path_factory.mktemp(request.param)
    return train_model(request.param, SPLIT, seed=3, settings=SETTINGS[request.param], checkpoints=folder), folder


def test_restored_model_scores_and_rates_like_the_trained_one(trained):
    trained, folder = trained
    name = trained.entry.name
    restored = restore_model(name, SPLIT, trained.configuration, folder)
    scorer = ServedModel(restored, trained.training_part, rates=True).scorer
    users, items = np.arange(24, dtype=np.int32), np.arange(24, dtype=np.int32)[::-1].copy()
    moments = np.linspace(880_000_000, 881_000_000, 24).astype(np.int64)
    np.testing.assert_array_equal(scorer.score(users, moments), trained.scorer.score(users, moments))
    np.testing.assert_array_equal(scorer.rate(users, items, moments), trained.scorer.rate(users, items, moments))


def test_weights_of_other_settings_are_refused(trained):
    trained, folder = trained
    larger = {"flagship": {"head_size": 5}, "cross": {"projection_size": 5}, "matrix-factorization": {"n_factors": 5}}[
        trained.entry.name
    ]
    other = trained.configuration.model_copy(update=larger)
    with pytest.raises(TrainingError, match=r"holds no weights of .* with these settings .*name the folder"):
        restore_model(trained.entry.name, SPLIT, other, folder)


def test_weights_of_another_model_are_refused(trained):
    trained, folder = trained
    entry = find_model("two-tower")
    with pytest.raises(TrainingError, match="holds no weights of two-tower"):
        restore_model("two-tower", SPLIT, entry.configure({}).fitted_to(SPLIT.train), folder)


def test_empty_folder_is_refused(trained, tmp_path):
    trained, _ = trained
    with pytest.raises(TrainingError, match=f"{tmp_path.name}: holds no weights of {trained.entry.name}"):
        restore_model(trained.entry.name, SPLIT, trained.configuration, tmp_path)


def test_model_in_closed_form_has_no_weights_to_restore(tmp_path):
    configuration = find_model("ease").configure({})
    with pytest.raises(TrainingError, match="closed form"):
        restore_model("ease", SPLIT, configuration, tmp_path)


def test_only_the_best_epoch_is_kept(trained):
    _, folder = trained
    assert {file.name.split(".")[0] for file in folder.iterdir()} == {CHECKPOINT, "checkpoint"}
