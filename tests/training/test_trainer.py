from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import tf_keras as keras

from recommender.data import Split
from recommender.errors import TrainingError
from recommender.evaluation import choosing, evaluate_own_last
from recommender.evaluation.protocols import last_moments
from recommender.models.flagship.choosing import ChosenWeights
from recommender.models.flagship.model import Flagship
from recommender.models.served import ServedModel
from recommender.training import trainer
from recommender.training.curves import VALIDATION
from recommender.training.trainer import train_model
from tests.checkerboard import SIZE, checkerboard_split
from tests.conftest import SHORT

SMALL = {"batch_size": 64, "embedding_size": 4, "projection_size": 4, "rating_layers": (8,), "average_momentum": 0.9}
THREE = {**SMALL, "epochs": 3, "patience": 3}
ONE = {**SHORT, "epochs": 1}  # of the flagship


class Listener:
    """A reporter that remembers."""

    def __init__(self):
        self.steps, self.epochs = [], []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def step(self, epoch, step, losses):
        self.steps.append((epoch, step, dict(losses)))

    def epoch(self, epoch, figures, seconds):
        self.epochs.append((epoch, dict(figures), seconds))


@pytest.fixture(scope="module")
def listener():
    return Listener()


@pytest.fixture(scope="module")
def short(listener):
    """A training of three epochs for both tasks, that others are compared with."""
    return train_model(
        "multitask", checkerboard_split(), seed=5, settings=THREE, make_reporter=lambda epochs, steps: listener
    )


@pytest.fixture(scope="module")
def as_chosen():
    """What an examination on validation found when the weights had been chosen and nothing was sampled again yet."""
    return []


@pytest.fixture(scope="module")
def flagship(as_chosen):
    """A training that draws its own questions and samples, and has something to do at the end."""
    split, successor = checkerboard_split(), Flagship.successor

    def examined_first(model, training_part):
        scorer = ServedModel(model, split.train, rates=True).scorer
        as_chosen.append(evaluate_own_last(scorer, split.train, split.validation))
        return successor(model, training_part)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flagship, "successor", examined_first)
        return train_model("flagship", split, seed=5, settings=ONE)


def test_same_seed_gives_the_same_model_to_the_third_decimal_and_another_another(flagship):
    again, other = (train_model("flagship", checkerboard_split(), seed=seed, settings=ONE) for seed in (5, 6))
    pd.testing.assert_frame_equal(flagship.curves, again.curves, atol=5e-4, rtol=0)
    assert not np.allclose(flagship.curves["value"], other.curves["value"], atol=5e-4)


def test_what_is_chosen_at_the_end_is_examined_as_it_is_chosen(flagship, as_chosen):
    """Its figures are those of what it had read then: train alone."""
    assert flagship.configuration.praise_weight is not None
    assert flagship.validation.ndcg_at_10 == pytest.approx(as_chosen[0].ndcg_at_10)
    assert flagship.validation.rmse == pytest.approx(as_chosen[0].rmse)
    split = checkerboard_split()
    again = ServedModel(flagship.model, split.train, rates=True).scorer
    finished = evaluate_own_last(again, split.train, split.validation)
    assert finished.rmse != flagship.validation.rmse  # the samples have read validation since


def test_validation_of_newcomers_alone_has_figures_and_no_losses():
    split = checkerboard_split()
    of_two = np.isin(split.train.user_rows, [0, 1])
    newcomers = Split(
        split.name,
        split.seed,
        split.train.take(np.flatnonzero(~of_two)),
        split.train.take(np.flatnonzero(of_two)),
        split.test,
    )
    trained = train_model("flagship", newcomers, seed=5, settings=ONE)
    told = trained.curves[trained.curves["phase"] == VALIDATION]["metric"].tolist()
    assert {"rmse", "ndcg_at_10"} <= set(told)
    assert not any(metric.endswith("loss") for metric in told)
    assert trained.validation.ndcg_at_10 is not None


def test_reporter_hears_every_step_with_losses_and_every_epoch_with_validation(short, listener):
    n = len(checkerboard_split().train)
    steps = -(-n // THREE["batch_size"])
    assert [(epoch, step) for epoch, step, _ in listener.steps] == [
        (epoch, step) for epoch in (1, 2, 3) for step in range(1, steps + 1)
    ]
    assert all({"retrieval_loss", "rating_loss"} <= set(losses) for *_, losses in listener.steps)
    assert [epoch for epoch, *_ in listener.epochs] == [1, 2, 3]
    assert all({"val_rmse", "val_ndcg_at_10", "val_score"} <= set(figures) for _, figures, _ in listener.epochs)
    assert short.epochs_run == 3


def test_learning_curves_hold_both_phases_of_each_epoch(short):
    assert set(short.curves["phase"]) == {"train", "validation"}
    for epoch in (1, 2, 3):
        metrics = set(short.curves[short.curves["epoch"] == epoch]["metric"])
        assert {"retrieval_loss", "rating_loss", "rmse", "ndcg_at_10", "score"} <= metrics


def test_finished_model_knows_the_validation_part_too(flagship):
    split = checkerboard_split()
    scores = flagship.scorer.score(np.arange(3), np.full(3, 880_500_000))
    flagship.served.refresh(split.train)
    assert not np.allclose(scores, flagship.scorer.score(np.arange(3), np.full(3, 880_500_000)))
    assert len(flagship.training_part) == len(split.train) + len(split.validation)
    flagship.served.refresh(flagship.training_part)


def test_viewer_who_rated_nothing_before_validation_is_known_to_the_finished_model(flagship):
    """Of a split by time these are many of those that are asked about."""
    whole = checkerboard_split()
    late = whole.train.user_rows == 3
    split = replace(
        whole,
        train=whole.train.take(np.flatnonzero(~late)),
        validation=whole.validation.with_more(whole.train.take(np.flatnonzero(late))),
    )
    given = {name: getattr(flagship.configuration, name) for name in ChosenWeights._fields}
    trained = train_model("flagship", split, seed=5, settings={**ONE, **given})
    assert trained.user_ids == tuple(f"u{viewer}" for viewer in range(SIZE))
    baked, row = trained.model.bake(trained.training_part), trained.model.space.viewer_of_user[3]
    assert trained.model.n_read(baked.histories[row : row + 1]) == [(trained.training_part.user_rows == 3).sum()]


def test_finished_flagship_is_trained_on_for_a_third_of_its_steps(monkeypatch):
    """From where the best epoch left it; there is nothing left to tell."""
    fits = []
    fit = keras.Model.fit
    monkeypatch.setattr(
        keras.Model, "fit", lambda model, *given, **named: fits.append((model, named)) or fit(model, *given, **named)
    )
    settings = {**SHORT, "steps": 6, "learning_rate": 1e-9, "average_momentum": 0.0}
    trained = train_model("flagship", checkerboard_split(), seed=5, settings=settings)
    (first, _), (last, named) = fits
    assert trained.model is last is not first
    assert named["steps_per_epoch"] == 2
    np.testing.assert_allclose(first._history_tower.get_weights()[0], last._history_tower.get_weights()[0], atol=1e-6)
    heads = [model.stars_model._head.get_weights() for model in (first, last)]
    for ours, theirs in zip(*heads, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not np.array_equal(first._history_tower.get_weights()[0], last._history_tower.get_weights()[0])


def test_training_stops_after_patience_and_leaves_the_best_epochs_model():
    # So high a learning rate soon makes things worse.
    settings = {**SMALL, "epochs": 40, "patience": 2, "learning_rate": 0.5, "average_momentum": 0.0}
    split = checkerboard_split()
    trained = train_model("multitask", split, seed=5, settings=settings)
    scores = trained.curves.query("metric == 'score'").set_index("epoch")["value"]
    assert trained.best_epoch == scores.idxmax()
    assert trained.epochs_run == trained.best_epoch + 2 < 40

    trained.served.refresh(split.train)  # as it was examined
    users, titles = split.validation.user_rows, split.validation.item_rows
    stars = trained.scorer.rate(users, titles, last_moments(split.train)[users])
    rmse = float(np.sqrt(np.mean((stars - split.validation.stars) ** 2)))
    best = trained.curves.query("phase == 'validation' and metric == 'rmse'").set_index("epoch")["value"]
    assert rmse == pytest.approx(best[trained.best_epoch], abs=1e-5)
    assert trained.validation.rmse == best[trained.best_epoch]


def test_test_part_is_not_looked_at(short):
    """The same training with the held-out stars turned over gives the same model."""
    split = checkerboard_split()
    turned = split.test.interactions.assign(rating=6 - split.test.interactions["rating"])
    object.__setattr__(split.test, "interactions", turned)
    other = train_model("multitask", split, seed=5, settings=THREE)
    pd.testing.assert_frame_equal(short.curves, other.curves, atol=5e-4, rtol=0)


def test_loss_that_is_not_a_number_ends_in_a_clear_error():
    with pytest.raises(TrainingError, match="not a number"):
        train_model("multitask", checkerboard_split(), seed=5, settings={**THREE, "rating_weight": float("inf")})


def test_tensorboard_logs_are_written_on_request(tmp_path):
    train_model(
        "multitask", checkerboard_split(), seed=5, settings={**SMALL, "epochs": 1}, tensorboard=tmp_path / "logs"
    )
    assert list((tmp_path / "logs").rglob("events.out.tfevents.*"))


def test_learning_rate_is_halved_after_each_plateau():
    # So low a learning rate changes nothing, so that every epoch after the first is a plateau of one epoch.
    settings = {"batch_size": 64, "epochs": 4, "patience": 4, "n_factors": 4, "average_momentum": 0.0}
    settings |= {"learning_rate": 1e-9, "decay": False, "plateau_patience": 1}
    trained = train_model("matrix-factorization", checkerboard_split(), seed=5, settings=settings)
    rate = float(trained.model.optimizer.learning_rate.numpy())
    assert rate == pytest.approx(1e-9 * 0.5 ** (trained.epochs_run - 1))
    assert trained.epochs_run > 1


def test_cross_network_of_the_tutorial_trains_with_checkpoints_and_logs(tmp_path):
    settings = {"batch_size": 64, "epochs": 2, "embedding_size": 4, "query_layers": (8, 4), "projection_size": 4}
    trained = train_model(
        "cross",
        checkerboard_split(),
        seed=5,
        preset="tutorial",
        settings=settings,
        tensorboard=tmp_path / "logs",
        checkpoints=tmp_path / "weights",
    )
    assert trained.curves["value"].notna().all()
    assert list((tmp_path / "logs").rglob("events.out.tfevents.*"))
    assert list((tmp_path / "weights").glob("best.*"))


def test_of_very_many_viewers_validation_examines_some_and_of_few_all(monkeypatch):
    split = checkerboard_split()
    assert train_model("popularity", split, seed=1).validation.n_test == len(split.validation)
    assert trainer.read_when_examined(split) is split.train
    monkeypatch.setattr(choosing, "MOST_VIEWERS", 6)
    examined = train_model("popularity", split, seed=1).validation.n_test
    assert 0 < examined < len(split.validation) / 2
    asked = choosing.some_viewers_of(split.validation)
    assert len(asked) == examined
    read = trainer.read_when_examined(split)
    assert set(read.user_rows) == set(asked.user_rows) & set(split.train.user_rows)
    assert len(read) == np.isin(split.train.user_rows, asked.user_rows).sum()
