"""What finds the best titles of a query, how fast, and how many of them: exact and approximate indexes side by side.

    python -m benchmarks.indexes [--bundle FOLDER] [--titles 10000 100000]

For the candidates of a bundle, asked what its viewers ask at the end of the data, and for random vectors of 64 numbers:
seconds to build, median time of one query for 100 titles, recall@100 against the exact answer, size. Random vectors are
drawn twice: around a thousand centres, and from nowhere in particular, where no index has anything to go by. An index
whose library is not installed is left out, with a word.
"""

import argparse
import functools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tensorflow as tf

from recommender.bundle import MODEL_STORE
from recommender.bundle.indexes import (
    KINDS,
    RECALL_DEPTH,
    ApproximateIndex,
    MissingExtraError,
    Rows,
    Vectors,
    exact_best_rows,
    recall,
)
from recommender.bundle.program import load_program
from recommender.bundle.reader import read_bundle
from recommender.bundle.signatures import AT_REST
from recommender.models.served import CatalogueIndex

_SIZE, _N_QUERIES, _N_CENTRES = 64, 200, 1_000


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--bundle", type=Path, default=MODEL_STORE / "flagship-100k")
    parser.add_argument("--titles", type=int, nargs="*", default=[10_000, 100_000])
    arguments = parser.parse_args()
    rng = np.random.default_rng(1)
    _compare(f"{arguments.bundle.name}, its candidates", *_of_bundle(arguments.bundle))
    for n in arguments.titles:
        centres = rng.standard_normal((_N_CENTRES, _SIZE), np.float32)
        near = [centres[rng.integers(_N_CENTRES, size=m)] for m in (n, _N_QUERIES)]
        vectors, queries = (part + 0.5 * rng.standard_normal(part.shape, np.float32) for part in near)
        _compare(f"{n:,} random titles around {_N_CENTRES:,} centres", vectors, queries)
        vectors, queries = (rng.standard_normal((m, _SIZE), np.float32) for m in (n, _N_QUERIES))
        _compare(f"{n:,} random titles from nowhere in particular", vectors, queries)


def _of_bundle(path: Path) -> tuple[Vectors, Vectors]:
    """Candidates of a bundle, and what its first viewers ask at the end of the data."""
    bundle = read_bundle(path)
    model = load_program(bundle)
    viewers = tf.range(1, min(_N_QUERIES, len(bundle.identifiers.users)) + 1)
    moments = tf.fill([len(viewers)], tf.constant(bundle.manifest.training.last_moment, tf.int64))
    baked = {name: tf.constant(nothing) for name, nothing in AT_REST.items()}
    asked = model.signatures["query"](viewer=viewers, at=moments, **baked)
    return model._index._candidates.numpy(), asked["queries"].numpy()


def _compare(what: str, vectors: Vectors, queries: Vectors) -> None:
    print(f"\n{what}: {vectors.shape[1]} numbers each, {len(queries)} queries")
    print(f"{'index':36}{'build, s':>10}{'query, ms':>11}{'recall@100':>12}{'MB':>8}")
    best = exact_best_rows(vectors, queries, RECALL_DEPTH)
    half = len(queries) // 2  # the index is tuned on one half and measured on the other

    def row(name: str, seconds: float, search: Callable[[Vectors], Rows], size: int) -> None:
        times, found = [], []
        for query in queries[half:]:
            started = time.perf_counter()
            found.append(search(query[None])[0])
            times.append(time.perf_counter() - started)
        share = recall(np.stack(found), best[half:])
        print(f"{name:36}{seconds:10.3f}{1e3 * np.median(times):11.3f}{share:12.3f}{size / 1e6:8.2f}")

    def by_numpy(query: Vectors) -> Rows:
        scores = (vectors @ query[0])[None]
        head = np.argpartition(-scores, RECALL_DEPTH)[:, :RECALL_DEPTH]
        order = np.argsort(-np.take_along_axis(scores, head, 1))
        return np.take_along_axis(head, order, 1)

    row("exact, NumPy", 0.0, by_numpy, vectors.nbytes)
    started = time.perf_counter()
    index = CatalogueIndex(k=RECALL_DEPTH)
    index.index(tf.constant(vectors))
    seconds = time.perf_counter() - started
    ask = tf.function(lambda query: index(query)[1], autograph=False)
    ask(tf.constant(queries[:1]))
    row(
        "exact, TFRS BruteForce",
        seconds,
        lambda query: ask(tf.constant(query)).numpy().astype(np.int64),
        vectors.nbytes,
    )
    for name, kind in KINDS.items():
        try:
            started = time.perf_counter()
            built = kind.build(vectors, queries[:half])
        except MissingExtraError as error:
            print(f"{name}: left out: {error}")
            continue
        seconds = time.perf_counter() - started
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / kind.file
            built.save(file)
            label = f"{name} ({', '.join(f'{key} {value}' for key, value in built.parameters.items())})"
            row(label, seconds, functools.partial(_rows_by, built), file.stat().st_size)


def _rows_by(index: ApproximateIndex, query: Vectors) -> Rows:
    return index.search(query, RECALL_DEPTH)[0]


if __name__ == "__main__":
    main()
