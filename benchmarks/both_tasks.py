"""What training both tasks together gives each of them: a model of both beside the same trained for either alone.

    python -m benchmarks.both_tasks [--models NAME ...] [--seeds 1 2 3] [--write]

On MovieLens 100K, each viewer's last fifth held out. As in `benchmarks.ablation`, the training part is split again in
the same way, and the figures are those of the part held out then: nothing was chosen on it, and the split's own test
part is left alone. `--write` keeps a model's figures for the pages, with the command and the day.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.ablation import Figures, Variant, examine, table
from recommender.dashboard.answers import both_tasks
from recommender.dashboard.answers.both_tasks import BOTH, FILE, RATING, RETRIEVAL, ByModel, Measured
from recommender.data import load_ratings, split_by_name
from recommender.errors import RecommenderError
from recommender.models.configuration import Task

_DATA, _NAME, _SPLIT = "ml-100k", "MovieLens 100K", "per-user-last"
_RATING_ALONE = Variant({"retrieval_weight": 0.0}, tasks=(Task.RATING,))
VARIANTS = {
    "multitask": {
        BOTH: Variant(),
        RETRIEVAL: Variant({"rating_weight": 0.0}, tasks=(Task.RETRIEVAL,)),
        RATING: _RATING_ALONE,
    },
    # Stars order the head of the flagship's list: where they were not learned, they are given no weight there.
    "flagship": {
        BOTH: Variant(),
        RETRIEVAL: Variant({"rating_weight": 0.0, "praise_weight": 0.0}, tasks=(Task.RETRIEVAL,)),
        RATING: _RATING_ALONE,
    },
}


def measure(model: str, seeds: Sequence[int]) -> Measured:
    """Trains every variant of a model with every seed."""
    ratings = load_ratings(_DATA)
    trained: Mapping[str, list[Figures]] = {name: [] for name in VARIANTS[model]}
    for seed in seeds:
        split = split_by_name(_SPLIT, split_by_name(_SPLIT, ratings, seed=seed).training_part, seed=seed)
        for name, figures in examine(split, seed, VARIANTS[model], model):
            trained[name].append(figures)
            print(f"seed {seed}, {model}, {name}: {figures}", file=sys.stderr, flush=True)
    said = f"python -m benchmarks.both_tasks --models {model} --seeds {' '.join(map(str, seeds))} --write"
    return Measured(command=said, day=datetime.now(UTC).date(), data=_NAME, trained=dict(trained))


def main() -> None:
    """Measures each model, prints its table, and keeps its figures where asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--models", nargs="+", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--write", action="store_true", help=f"keep the figures in {Path(*FILE.parts[-2:])}")
    arguments = parser.parse_args()
    for model in arguments.models:
        try:
            found = measure(model, arguments.seeds)
        except RecommenderError as error:
            sys.exit(str(error))
        print(f"\n{model}\n\n{table(found.trained)}", flush=True)
        if arguments.write:
            kept = both_tasks.read() if FILE.exists() else {}
            FILE.write_bytes(ByModel.dump_json({**kept, model: found}, indent=2) + b"\n")


if __name__ == "__main__":
    main()
