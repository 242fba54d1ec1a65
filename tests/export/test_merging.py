"""A program whose alike steps were merged is shorter, and answers as before to the last bit."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from recommender.bundle.program import functions_of
from recommender.export.merging import merge_alike
from recommender.export.saving import save_program

N_DRAWN = 100


class Repeating(tf.Module):
    """Does the same several times over."""

    def __init__(self) -> None:
        super().__init__()
        self.counter = tf.Variable(0.0)

    @tf.function(input_signature=[tf.TensorSpec([None, 3])], autograph=False)
    def serve(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        before = tf.identity(self.counter.read_value())
        self.counter.assign_sub(-1.0)
        after = tf.identity(self.counter.read_value())
        drawn = tf.stack([tf.random.uniform([N_DRAWN]), tf.random.uniform([N_DRAWN])])
        return {
            "twice": tf.exp(x[:, 0]) / 3.0 + tf.exp(x[:, 0]) / 3.0,
            "again": tf.exp(x[:, 0]) / 3.0,
            "other": tf.exp(x[:, 1]) / 3.0,
            "drawn": drawn,
            "before": before,
            "after": after,
        }


def function_of(file: Path) -> Any:
    """What `Repeating.serve` has become."""
    (graph,) = saved_model_pb2.SavedModel.FromString(file.read_bytes()).meta_graphs
    return next(f for f in functions_of(graph) if f.signature.name.startswith("__inference_serve"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    module = Repeating()
    tf.saved_model.save(module, str(folder), signatures={"serve": module.serve})
    return folder


@pytest.fixture(scope="module")
def merged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("merged")
    module = Repeating()
    save_program(module, {"serve": module.serve}, folder)
    return folder


def test_step_that_is_written_down_often_is_left_once(plain, merged):
    before, after = (Counter(n.op for n in function_of(f / "saved_model.pb").node_def) for f in (plain, merged))
    assert (before["Exp"], after["Exp"]) == (4, 2)
    assert (before["RealDiv"], after["RealDiv"]) == (4, 2)
    assert after["Const"] < before["Const"] / 2


def test_merged_program_answers_to_the_last_bit(plain, merged):
    x = tf.constant(np.random.default_rng(1).normal(size=(50, 3)), tf.float32)
    answers = [tf.saved_model.load(str(folder)).signatures["serve"](x=x) for folder in (plain, merged)]
    for name in ("twice", "again", "other"):
        assert answers[0][name].numpy().tobytes() == answers[1][name].numpy().tobytes()
    assert not np.array_equal(answers[1]["again"], answers[1]["other"])


def test_what_differs_from_call_to_call_is_not_merged(merged):
    answer = tf.saved_model.load(str(merged)).signatures["serve"](x=tf.zeros([1, 3]))
    assert not np.array_equal(*answer["drawn"].numpy())
    assert (answer["before"].numpy(), answer["after"].numpy()) == (0.0, 1.0)


def test_program_that_was_merged_stays_as_it_is(merged):
    file = merged / "saved_model.pb"
    before = file.read_bytes()
    merge_alike(file)
    assert file.read_bytes() == before


def test_no_fingerprint_is_left_of_the_program_that_was(plain, merged):
    assert (plain / "fingerprint.pb").exists()
    assert not (merged / "fingerprint.pb").exists()
