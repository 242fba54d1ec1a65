"""What each part of the flagship is worth: variants without it, side by side.

    python -m benchmarks.ablation [--data FOLDER] [--split random] [--seeds 1 2] [--only NAME ...]
        [--json FILE] [--test]

Figures are means over the seeds, on the validation part (a fifth of train, so that the figures are steadier than those
of the default twentieth). With --test they are of the test part, and train is cut as for a bundle.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from recommender.data import Ratings, Split, load_ratings, split_by_name
from recommender.data.splits import VALIDATION_SHARE
from recommender.evaluation import evaluate_own_last
from recommender.models.configuration import HISTORY, RATERS
from recommender.models.zoo import find_model
from recommender.training.trainer import train_model

_VALIDATION_SHARE = 0.2
_COLUMNS = {
    "rmse": "RMSE",
    "top_100_unseen": "top-100",
    "top_10_unseen": "top-10",
    "ndcg_at_10": "NDCG@10",
    "top_100_all": "all-100",
}


def variants(ratings: Ratings) -> dict[str, dict[str, Any]]:
    """The settings of each variant, by name."""
    whole = find_model("flagship").configure({}).fitted_to(ratings)
    queries, candidates = whole.query_inputs, whole.candidate_inputs
    return {
        "all": {},
        "no history": {
            "query_inputs": [name for name in queries if name != HISTORY],
            "candidate_inputs": [name for name in candidates if name != RATERS],
        },
        "no time": {"query_inputs": [name for name in queries if name != "timestamp"]},
        "no side features": {
            "query_inputs": [name for name in queries if name not in whole.viewer_features],
            "candidate_inputs": [name for name in candidates if name not in whole.title_features],
        },
        "no neighbours": {"neighbour_size": 0},
        "sampled negatives": {"negatives": "sampled"},
        "sampled, not corrected": {"negatives": "sampled", "sampling_correction": False},
        "retrieval only": {"rating_weight": 0.0},
        "rating only": {"retrieval_weight": 0.0},
    }


def main() -> None:
    """Trains every variant on every seed and prints a table."""
    arguments = _arguments()
    ratings = load_ratings(arguments.data)
    rows: dict[str, dict[str, float]] = {}
    print(f"{'':24}" + "".join(f"{title:>9}" for title in _COLUMNS.values()))
    for name, settings in variants(ratings).items():
        if arguments.only and name not in arguments.only:
            continue
        found = []
        for seed in arguments.seeds:
            share = VALIDATION_SHARE if arguments.test else _VALIDATION_SHARE
            split = split_by_name(arguments.split, ratings, seed=seed, validation_share=share)
            found.append(_figures(split, seed, settings, test=arguments.test))
        rows[name] = {figure: float(np.mean([one[figure] for one in found])) for figure in found[0]}
        cells = [f"{rows[name][figure]:.4f}" if figure in rows[name] else "" for figure in _COLUMNS]
        print(f"{name:24}" + "".join(f"{cell:>9}" for cell in cells), flush=True)
    if arguments.json:
        part = "test" if arguments.test else "validation"
        report = {"part": part, "split": arguments.split, "seeds": arguments.seeds, "variants": rows}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


def _figures(split: Split, seed: int, settings: dict[str, Any], *, test: bool) -> dict[str, float]:
    trained = train_model("flagship", split, seed=seed, settings=settings)
    found = evaluate_own_last(trained.scorer, trained.training_part, split.test) if test else trained.validation
    top = list(found.top_k_unseen)[-1]
    figures = {
        "top_100_unseen": found.top_k_unseen[top],
        "top_10_unseen": found.top_k_unseen.get("10"),
        "ndcg_at_10": found.ndcg_at_10,
        "top_100_all": found.top_k_all[top],
    }
    if settings.get("retrieval_weight") == 0:  # an untrained ranking says nothing
        figures = {}
    if settings.get("rating_weight") != 0:
        figures["rmse"] = found.rmse
    return {name: value for name, value in figures.items() if value is not None}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", default="ml-100k", help="a data set by name, or a folder in its layout")
    parser.add_argument("--split", default="random", choices=("random", "per-user-last", "temporal"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--only", nargs="+", help="variants to train, by name; all if not given")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    parser.add_argument("--test", action="store_true", help="look at the test part instead of validation")
    return parser.parse_args()


if __name__ == "__main__":
    main()
