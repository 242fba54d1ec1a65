"""The anime archive by the tutorial's split: what descriptions give away, what preferences and histories give.

    python -m benchmarks.anime --data anime.zip [--systems cross flagship] [--seed 42] [--json FILE]

240,000 ratings to train, 55,000 to validate, 10,358 to test. Every model is stopped by validation and examined once on
test. "Told the target" asks with the genres, type and audience of the very title to be found, as the tutorial does.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from recommender.data import Split, load_ratings, split_counts

_N_TRAIN, _N_VALIDATION = 240_000, 55_000
_SYSTEMS = {
    "cross, tutorial": ("cross", "tutorial"),
    "cross": ("cross", "default"),
    "flagship": ("flagship", "default"),
    "multitask": ("multitask", "default"),
    "matrix-factorization": ("matrix-factorization", "default"),
    "ease": ("ease", "default"),
    "popularity": ("popularity", "default"),
}
_COLUMNS: dict[str, tuple[str, ...]] = {
    "RMSE": ("rmse",),
    "top-10 all": ("top_k_all", "10"),
    "top-100 all": ("top_k_all", "100"),
    "top-10 unseen": ("top_k_unseen", "10"),
    "top-100 unseen": ("top_k_unseen", "100"),
    "NDCG@10": ("ndcg_at_10",),
}


def main() -> None:
    """Trains, examines, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", required=True, help="the anime archive, a zip or its folder")
    parser.add_argument("--systems", nargs="+", choices=_SYSTEMS, default=list(_SYSTEMS))
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    arguments = parser.parse_args()
    ratings = load_ratings(arguments.data)
    split = split_counts(ratings, arguments.seed, n_train=_N_TRAIN, n_validation=_N_VALIDATION)
    found: dict[str, dict[str, Any]] = {}
    for system in arguments.systems:
        found |= _examine(system, split, arguments.seed)
        if arguments.json:
            arguments.json.write_text(json.dumps(found, indent=2))
    print(f"{split!r}\n\n| system | {' | '.join(_COLUMNS)} | seconds |")
    print("|---" * (len(_COLUMNS) + 2) + "|")
    for name, figures in found.items():
        cells = [_cell(figures, path) for path in _COLUMNS.values()]
        seconds = f"{figures['seconds']:.0f}" if "seconds" in figures else ""
        print(f"| {name} | {' | '.join(cells)} | {seconds} |")


def _examine(system: str, split: Split, seed: int) -> dict[str, dict[str, Any]]:
    """Figures on test of a system and, for one that reads descriptions, of queries that give the target away."""
    from recommender.evaluation import Examiner
    from recommender.export.reference_figures import TARGET_LEAK, measure_references
    from recommender.training.trainer import train_model

    name, preset = _SYSTEMS[system]
    trained = train_model(name, split, seed=seed, preset=preset)
    examiner = Examiner(trained.training_part, split.test)
    figures = examiner.evaluate(trained.scorer).to_dict()
    found = {system: {**figures, "seconds": trained.seconds, "best_epoch": trained.best_epoch}}
    if name == "cross":
        references = measure_references(trained, split, examiner)
        found[f"{system}, {TARGET_LEAK}"] = references[f"cross, {TARGET_LEAK}"]
        found[f"popularity, {TARGET_LEAK}"] = references[f"popularity, {TARGET_LEAK}"]
    return found


def _cell(figures: dict[str, Any], path: tuple[str, ...]) -> str:
    value: Any = figures
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return "" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
