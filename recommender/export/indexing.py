"""Builds the index of a bundle, and measures it against the exact one."""

import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from recommender.bundle.indexes import EXACT, KINDS, RECALL_DEPTH, exact_best_rows, recall
from recommender.bundle.manifest import IndexFacts
from recommender.bundle.signatures import AT_REST
from recommender.evaluation.protocols import last_moments
from recommender.models.served import CatalogueIndex
from recommender.training.trainer import TrainedModel

_MAX_QUERIES = 1_000
_SEED = 1


def write_index(kind: str, trained: TrainedModel, folder: Path) -> tuple[IndexFacts, list[Path]]:
    """Builds an index over a model's candidates, saves it, and measures what was saved.

    Args:
      kind: "exact", or a key of `recommender.bundle.indexes.KINDS`.
      trained: the model.
      folder: where the index is saved.

    Returns:
      What is to be said of it, and its files; none for the exact index, which the SavedModel holds.

    Raises:
      ConfigurationError: if the library of the index is not installed.
    """
    candidates = trained.served.candidates
    n_titles, size = candidates.shape
    started = time.perf_counter()
    if kind == EXACT:
        CatalogueIndex().index(tf.constant(candidates))
        seconds = time.perf_counter() - started
        return IndexFacts(build_seconds=seconds, bytes=candidates.nbytes, candidate_size=size), []
    queries = _queries(trained)
    started = time.perf_counter()
    built = KINDS[kind].build(candidates, queries[::2])
    seconds = time.perf_counter() - started
    file = folder / KINDS[kind].file
    built.save(file)
    k = min(RECALL_DEPTH, n_titles)
    queries = queries[1::2] if len(queries) > 1 else queries  # not those it was built for
    found, _ = KINDS[kind].load(file, size).search(queries, k)
    facts = IndexFacts.model_validate(
        {
            "kind": kind,
            "recall_at_100": recall(found, exact_best_rows(candidates, queries, k)),
            "n_queries": len(queries),
            "build_seconds": seconds,
            "bytes": file.stat().st_size,
            "parameters": built.parameters,
            "candidate_size": size,
        }
    )
    return facts, [file]


def _queries(trained: TrainedModel) -> npt.NDArray[np.float32]:
    """[n, size] what viewers ask at their last moment: all of them, or a sample that is always the same."""
    users = np.unique(trained.training_part.user_rows)
    if len(users) > _MAX_QUERIES:
        users = np.sort(np.random.default_rng(_SEED).choice(users, _MAX_QUERIES, replace=False))
    answer = trained.served.query(
        tf.constant(trained.model.space.viewer_of_user[users]),
        tf.constant(last_moments(trained.training_part)[users]),
        **AT_REST,
    )
    queries: npt.NDArray[np.float32] = answer["queries"].numpy()
    return queries
