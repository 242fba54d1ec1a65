"""Time and memory of training the flagship, as a ratio to three epochs of the tutorial's pipeline in the same run.

    python -m benchmarks.training [--data FOLDER] [--seed 42]

Each side runs in a process of its own, one after the other, on the same 80,000 interactions. The tutorial's time is
that of `fit` alone; the flagship's is that of everything between the data and a model ready for export: vocabularies,
all epochs, validation after each.
"""

import argparse
import json
import resource
import subprocess
import sys
import time

from recommender.data import Split, load_ratings, split_by_name

_TUTORIAL_EPOCHS = 3


def main() -> None:
    """Runs both sides and prints a table."""
    arguments = _arguments()
    if arguments.side:
        print(json.dumps(_SIDES[arguments.side](_split(arguments), arguments.seed)))
        return
    found = {}
    for side in _SIDES:
        command = [sys.executable, "-m", "benchmarks.training", "--side", side, "--seed", str(arguments.seed)]
        command += ["--data", arguments.data]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        found[side] = json.loads(output.splitlines()[-1])
    print(f"{'':28}{'seconds':>9}{'peak MB':>9}")
    for figures in found.values():
        print(f"{figures['what']:28}{figures['seconds']:>9.1f}{figures['peak_mb']:>9.0f}")
    ratio = found["flagship"]["seconds"] / found["tutorial"]["seconds"]
    print(f"flagship / tutorial: {ratio:.2f} (at most 1)")
    print("validation of the flagship: " + json.dumps(found["flagship"]["validation"]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", default="ml-100k", help="a data set by name, or a folder in its layout")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--side", choices=("tutorial", "flagship"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _split(arguments: argparse.Namespace) -> Split:
    return split_by_name("random", load_ratings(arguments.data), seed=arguments.seed)


def _train_flagship(split: Split, seed: int) -> dict[str, object]:
    from recommender.training.trainer import train_model

    trained = train_model("flagship", split, seed=seed)
    return {
        "what": f"flagship, {trained.epochs_run} epochs",
        "seconds": trained.seconds,
        "peak_mb": _peak_mb(),
        "validation": trained.validation.to_dict(),
    }


def _train_tutorial(split: Split, seed: int) -> dict[str, object]:
    """The "context features" tutorial of TensorFlow Recommenders, as published but for the batch size."""
    import numpy as np
    import tensorflow as tf
    import tensorflow_recommenders as tfrs
    import tf_keras as keras

    keras.utils.set_random_seed(seed)
    training_part = split.training_part
    table = training_part.interactions.merge(training_part.items[["item_id", "title"]], on="item_id")
    times = table["timestamp"].to_numpy(np.int64)
    users = np.unique(table["user_id"].astype(str).to_numpy(object))
    titles = training_part.items["title"].astype(str).to_numpy(object)

    class UserModel(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.user = keras.Sequential(
                [keras.layers.StringLookup(vocabulary=users), keras.layers.Embedding(len(users) + 1, 32)]
            )
            buckets = np.linspace(times.min(), times.max(), num=1000)
            self.time = keras.Sequential(
                [keras.layers.Discretization(buckets.tolist()), keras.layers.Embedding(len(buckets) + 1, 32)]
            )
            self.normalised = keras.layers.Normalization(axis=None)
            self.normalised.adapt(times)
            self.dense = keras.layers.Dense(32)

        def call(self, inputs: dict[str, tf.Tensor]) -> tf.Tensor:
            at = inputs["timestamp"]
            parts = [self.user(inputs["user_id"]), self.time(at), tf.reshape(self.normalised(at), (-1, 1))]
            return self.dense(tf.concat(parts, axis=1))

    class MovieModel(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.title = keras.Sequential(
                [keras.layers.StringLookup(vocabulary=titles), keras.layers.Embedding(len(titles) + 1, 32)]
            )
            words = keras.layers.TextVectorization(max_tokens=10_000)
            words.adapt(titles)
            self.text = keras.Sequential(
                [words, keras.layers.Embedding(10_000, 32, mask_zero=True), keras.layers.GlobalAveragePooling1D()]
            )
            self.dense = keras.layers.Dense(32)

        def call(self, title: tf.Tensor) -> tf.Tensor:
            return self.dense(tf.concat([self.title(title), self.text(title)], axis=1))

    class Tutorial(tfrs.Model):
        def __init__(self) -> None:
            super().__init__()
            self.query_model, self.candidate_model = UserModel(), MovieModel()
            candidates = tf.data.Dataset.from_tensor_slices(titles).batch(128).map(self.candidate_model)
            self.task = tfrs.tasks.Retrieval(metrics=tfrs.metrics.FactorizedTopK(candidates=candidates))

        def compute_loss(self, features: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
            return self.task(self.query_model(features), self.candidate_model(features["title"]))

    columns = {"user_id": table["user_id"].astype(str).to_numpy(object), "timestamp": times}
    columns["title"] = table["title"].astype(str).to_numpy(object)
    rows = tf.data.Dataset.from_tensor_slices(columns)
    batches = rows.shuffle(len(table), seed=seed).batch(2048).cache()
    model = Tutorial()
    model.compile(optimizer=keras.optimizers.Adagrad(0.1))
    started = time.perf_counter()
    model.fit(batches, epochs=_TUTORIAL_EPOCHS, verbose=0)
    return {
        "what": f"tutorial, {_TUTORIAL_EPOCHS} epochs",
        "seconds": time.perf_counter() - started,
        "peak_mb": _peak_mb(),
    }


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)  # bytes there, kilobytes here


_SIDES = {"tutorial": _train_tutorial, "flagship": _train_flagship}

if __name__ == "__main__":
    main()
