"""Seconds and memory of a flagship on invented tables of any size, and its lists beside those of the references.

    python -m benchmarks.scale [--ratings 1000000 --viewers 6000 --titles 4000] [--split random] [--seed 1] [--figures]

Each table (see `benchmarks.invented`) is made, split and trained on in a process of its own, with default settings. An
epoch is its steps and the validation after it; `training` is everything between the split and a model ready for export.
With `--figures` the test part is examined once, for the flagship and for every reference row.
"""

import argparse
import json
import multiprocessing
import resource
import time
from collections.abc import Mapping
from typing import Any

from benchmarks.invented import Size, invented

_FIGURES = {"rmse": "RMSE", "ndcg_at_10": "NDCG@10", "liked_ndcg_at_10": "liked NDCG@10"}


class _Epochs:
    """Notes how long epochs take; a `Reporter` of a training."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __enter__(self) -> "_Epochs":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def step(self, epoch: int, step: int, losses: Mapping[str, float]) -> None:
        """Nothing is noted of a step."""

    def epoch(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None:
        """Notes an epoch."""
        self.seconds.append(seconds)


def main() -> None:
    """Measures one table in a process of its own and prints what was found."""
    options = _options()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found = pool.apply(_measure, (options,))
    print(
        f"{found['ratings']:,} ratings, {found['viewers']:,} viewers, {found['titles']:,} titles, {options.split} "
        f"{options.seed}"
    )
    for name in ("split", "training"):
        print(f"{name:12}{found[name]:>9.1f} s")
    print(f"{'epochs':12}{', '.join(f'{seconds:.1f} s' for seconds in found['epochs'])}")
    print(f"{'peak':12}{found['peak_mb']:>9,.0f} MB")
    for name, figures in found["figures"].items():
        said = (f"{label} {figures[key]:.4f}" for key, label in _FIGURES.items() if figures.get(key) is not None)
        print(f"{name:20}{', '.join(said)}")
    if options.json:
        print(json.dumps(found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--ratings", type=int, default=1_000_000)
    parser.add_argument("--viewers", type=int, default=6_000)
    parser.add_argument("--titles", type=int, default=4_000)
    parser.add_argument("--split", default="random", choices=("random", "temporal", "per-user-last"))
    parser.add_argument("--seed", type=int, default=1, help="of table, split and training")
    parser.add_argument("--figures", action="store_true", help="examine the flagship and the references on test")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    from recommender.data import split_by_name
    from recommender.evaluation import evaluate
    from recommender.export.reference_figures import measure_references
    from recommender.training.trainer import train_model

    ratings = invented(Size(options.ratings, options.viewers, options.titles), seed=options.seed)
    started = time.perf_counter()
    split = split_by_name(options.split, ratings, seed=options.seed)
    cut = time.perf_counter()
    epochs = _Epochs()
    trained = train_model("flagship", split, seed=options.seed, make_reporter=lambda *_: epochs)
    found: dict[str, Any] = {
        "ratings": len(ratings),
        "viewers": len(ratings.users),
        "titles": len(ratings.items),
        "split": cut - started,
        "training": trained.seconds,
        "epochs": epochs.seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "figures": {},
    }
    if options.figures:
        found["figures"]["flagship"] = evaluate(trained.scorer, trained.training_part, split.test).to_dict()
        found["figures"] |= measure_references(trained, split)
    return found


if __name__ == "__main__":
    main()
