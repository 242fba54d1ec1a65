"""What stands beside a model's figures in its manifest: the same test part, examined by simpler means."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from recommender.data.catalogue_limits import MOST_TITLES_SQUARED
from recommender.data.ratings import Ratings
from recommender.data.splits import Split
from recommender.evaluation import Examiner, Popularity
from recommender.evaluation.references import fit_references
from recommender.evaluation.target_leak import evaluate_leaking, popularity_within
from recommender.features import STRANGER, TITLE_TEXT, FeatureSpace, Histories
from recommender.models.two_tower.model import TwoTower
from recommender.training.trainer import TrainedModel

Floats = npt.NDArray[np.float32]
TARGET_LEAK = "told the target"
_CHUNK = 256  # titles described at once


def measure_references(
    trained: TrainedModel, split: Split, examiner: Examiner, done: Callable[[], object] = lambda: None
) -> dict[str, dict[str, Any]]:
    """Figures on the test part of simpler rankings and predictors, and of queries that give the target away.

    Args:
      trained: the model; the references read what it has read.
      split: the split it was trained on; validation chooses the references' numbers.
      examiner: of the training part and the test part.
      done: called after each of `REFERENCES`.

    Returns:
      Name -> figures as in `Evaluation` and `chosen`, the numbers that validation chose; or, of a row that the data
      have nothing for, `left_out`, the reason. The rows are those of `fit_references`; for a model that reads
      descriptions of titles instead of ids, two more: itself, asked with the description of the title to be found as
      its tutorial does, and popularity among titles of that description.
    """
    training_part, test = trained.training_part, split.test
    found: dict[str, dict[str, Any]] = {}
    for name, row in fit_references(split):
        if row.scorer is None:
            found[name] = {"left_out": row.left_out}
        elif name != trained.entry.name:
            found[name] = {**examiner.evaluate(row.scorer).to_dict(), "chosen": dict(row.chosen)}
        done()
    model = trained.model
    if isinstance(model, TwoTower) and model.reads_descriptions and len(training_part.items) <= MOST_TITLES_SQUARED:
        scores, stars = _answers(model, training_part)
        found[f"{trained.entry.name}, {TARGET_LEAK}"] = evaluate_leaking(scores, stars, training_part, test)
        within = popularity_within(_descriptions(model.space), Popularity(training_part).counts)
        found[f"popularity, {TARGET_LEAK}"] = evaluate_leaking(within, None, training_part, test)
    return found


def _answers(model: TwoTower, training_part: Ratings) -> tuple[Floats, Floats | None]:
    """[n_titles, n_titles] scores and, from a model with a rating head, [n_titles] stars, for `evaluate_leaking`."""
    baked = model.bake(training_part)
    n_titles, now = model.space.n_titles, int(training_part.timestamps.max(initial=0))
    scores, stars = [], []
    for start in range(0, n_titles, _CHUNK):
        rows = tf.range(start, min(start + _CHUNK, n_titles))
        n = tf.size(rows)
        only = Histories(
            rows, tf.fill([n], np.float32(training_part.scale.high)), tf.zeros([n], tf.int64), tf.range(n), n
        )
        viewers = tf.gather(baked.viewers, tf.fill(tf.shape(rows), STRANGER))
        histories, at = model.pool(only), tf.fill(tf.shape(rows), tf.constant(now, tf.int64))
        scores.append(tf.matmul(model.query(viewers, histories, at), baked.candidates, transpose_b=True).numpy())
        if model.rates:
            stars.append(model.stars(viewers, histories, at, tf.gather(baked.titles, rows)[:, None, :]).numpy()[:, 0])
    return np.concatenate(scores), np.concatenate(stars) if stars else None


def _descriptions(space: FeatureSpace) -> npt.NDArray[np.int64]:
    """[n_titles] a number for each description: the same features, but for the words of the title."""
    described = [np.sort(feature.rows, axis=1) for feature in space.title_features if feature.name != TITLE_TEXT]
    return np.unique(np.concatenate(described, axis=1), axis=0, return_inverse=True)[1].ravel()
