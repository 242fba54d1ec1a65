"""Our models beside specialists of retrieval and of ratings: one protocol, one table.

    pip install -r requirements-dev.txt -r benchmarks/requirements.txt
    python -m benchmarks.quality [--systems flagship ease als ...] [--seeds 1 2 3 4 5] [--splits random] [--json OUT]
    python -m benchmarks.quality --tune --seeds 1 2

A system is a model of the zoo, trained as `train` trains it, or a peer in `benchmarks/peers.py`. Peers learn from train
and validation: they stop by nothing, and our models' histories read validation too. Each is then examined once on test.
Every system and seed has a process of its own; seconds are those of training, and peak MB is resident memory during
training above what was resident before it, with libraries and data loaded.

`--tune` prints the grid of each peer on validation (trained on train alone, means over the random splits of the seeds)
and leaves test alone. The best setting of a predictor of ratings has the lowest RMSE, that of a ranking the highest sum
of NDCG@10 and top-100 unseen.
"""

import argparse
import importlib
import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import PEERS
from recommender.data import Split, load_ratings, split_by_name
from recommender.errors import ConfigurationError, RecommenderError
from recommender.evaluation import Scorer, evaluate, evaluate_own_last

Row = dict[str, Any]
_OURS = ("flagship", "multitask", "two-tower", "deep-1", "deep-3", "deep-5", "matrix-factorization")
_REFERENCES = ("recent-popularity", "recency-ease", "signed-ease", "means")  # of the zoo; other references are peers
_CLEAR_REFS = Path("/proc/self/clear_refs")
_COLUMNS: dict[str, tuple[Callable[[Row], float | None], str]] = {
    "RMSE": (lambda row: row["test"]["rmse"], ".4f"),
    "NLL": (lambda row: row["test"]["nll"], ".4f"),
    "in 80%": (lambda row: row["test"]["interval_80_covers"], ".3f"),
    "top-100 unseen": (lambda row: row["test"]["top_k_unseen"].get("100"), ".4f"),
    "top-10 unseen": (lambda row: row["test"]["top_k_unseen"].get("10"), ".4f"),
    "top-100 all": (lambda row: row["test"]["top_k_all"].get("100"), ".4f"),
    "NDCG@10": (lambda row: row["test"]["ndcg_at_10"], ".4f"),
    "liked NDCG@10": (lambda row: row["test"]["liked_ndcg_at_10"], ".4f"),
    "below own mean": (lambda row: row["test"]["below_own_mean_at_10"], ".3f"),
    "top-100 unseen, told": (lambda row: row["test"]["held_out"]["top_k_unseen"].get("100"), ".4f"),
    "top-100 all, told": (lambda row: row["test"]["held_out"]["top_k_all"].get("100"), ".4f"),
    "seconds": (lambda row: row["seconds"], ".1f"),
    "peak MB": (lambda row: row["peak_mb"], ".0f"),
}


def main() -> None:
    """Examines every system on every split and seed, or tunes the peers."""
    try:
        _run(_arguments())
    except RecommenderError as error:
        sys.exit(str(error))


def _run(arguments: argparse.Namespace) -> None:
    if arguments.one:
        system, split, seed = arguments.one[0], arguments.one[1], int(arguments.one[2])
        print(json.dumps(_examine(system, _split(arguments.data, split, seed), seed)))
        return
    systems = _present(arguments.systems, skip_missing=arguments.skip_missing)
    if arguments.tune:
        for system in systems:
            _tune(system, [_split(arguments.data, "random", seed) for seed in arguments.seeds])
        return
    rows: list[Row] = []
    for split in arguments.splits:
        for system in systems:
            for seed in arguments.seeds:
                rows.append(_in_a_process(system, split, seed, arguments.data))
                if arguments.json:
                    arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    for split in arguments.splits:
        _print_tables(split, [row for row in rows if row["split"] == split])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--systems",
        nargs="+",
        default=[*_OURS, *_REFERENCES, *PEERS],
        metavar="NAME",
        help=f"models of the zoo, or peers: {', '.join(PEERS)}; by default ours, references and all peers",
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5])
    parser.add_argument("--splits", nargs="+", choices=("random", "per-user-last", "temporal"), default=["random"])
    parser.add_argument("--data", default="ml-100k", help="a data set by name, or a folder in its layout")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write every row there")
    parser.add_argument("--skip-missing", action="store_true", help="leave out peers that are not installed")
    parser.add_argument("--tune", action="store_true", help="print the grids of the peers on validation instead")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)  # system, split and seed of a process of its own
    return parser.parse_args()


def _split(data: str, name: str, seed: int) -> Split:
    return split_by_name(name, load_ratings(data), seed=seed)


def _present(systems: Iterable[str], *, skip_missing: bool) -> list[str]:
    """The systems that can run here.

    Raises:
      ConfigurationError: for a name that is neither a peer nor a model of the zoo, or a peer that is not installed.
    """
    present = []
    for system in systems:
        if system not in PEERS:
            from recommender.models.zoo import find_model

            find_model(system)
        elif not PEERS[system].installed:
            lack = f"{system} needs the module {PEERS[system].module}, which is not installed"
            if not skip_missing:
                raise ConfigurationError(
                    f"{lack}; `pip install -r benchmarks/requirements.txt`, or leave it out with --skip-missing."
                )
            print(f"!!! LEFT OUT: {lack}.", file=sys.stderr)
            continue
        present.append(system)
    return present


def _in_a_process(system: str, split: str, seed: int, data: str) -> Row:
    command = [sys.executable, "-m", "benchmarks.quality", "--data", data, "--one", system, split, str(seed)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{system} on {split} with seed {seed} failed; its own message stands above.")
    row: Row = {"system": system, "split": split, "seed": seed, **json.loads(done.stdout.splitlines()[-1])}
    print(f"{system}, {split}, seed {seed}: {row['seconds']:.1f} s", file=sys.stderr)
    return row


def _examine(system: str, split: Split, seed: int) -> Row:
    """Trains one system and examines it once on test."""
    training_part = split.training_part
    if system in PEERS:
        peer = PEERS[system]
        if peer.module is not None:
            importlib.import_module(peer.module)

        def train() -> Scorer:
            return peer.fit(training_part, seed, peer.chosen)

    else:
        from recommender.training.trainer import train_model

        def train() -> Scorer:
            return train_model(system, split, seed=seed).scorer

    if _CLEAR_REFS.exists():
        _CLEAR_REFS.write_text("5", encoding="utf-8")  # the kernel forgets the peak so far, that of loading the data
    before = _peak_mb()
    started = time.perf_counter()
    scorer = train()
    seconds, peak_mb = time.perf_counter() - started, _peak_mb() - before
    return {"seconds": seconds, "peak_mb": peak_mb, "test": evaluate(scorer, training_part, split.test).to_dict()}


def _peak_mb() -> float:
    """The most memory that was resident, since the peak was last forgotten where that can be done (Linux)."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="utf-8"))
        if found:
            return int(found[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)  # bytes there, kilobytes here


def _tune(system: str, splits: list[Split]) -> None:
    """Prints validation figures of each point of a peer's grid, means over the splits, and the best point."""
    if system not in PEERS or not PEERS[system].grid:
        print(f"{system}: nothing to tune here.")
        return
    found: list[tuple[float, dict[str, Any]]] = []
    for settings in PEERS[system].points():
        started = time.perf_counter()
        evaluations = [
            evaluate_own_last(PEERS[system].fit(split.train, split.seed or 0, settings), split.train, split.validation)
            for split in splits
        ]
        seconds = (time.perf_counter() - started) / len(splits)
        figures = {
            "RMSE": [one.rmse for one in evaluations if one.rmse is not None],
            "top-100 unseen": [one.top_k_unseen.get("100") or 0.0 for one in evaluations],
            "NDCG@10": [one.ndcg_at_10 or 0.0 for one in evaluations],
        }
        means = {name: float(np.mean(values)) for name, values in figures.items() if values}
        # A predictor of ratings is chosen by its ratings, a ranking by the head and the body of its list.
        score = -means["RMSE"] if "RMSE" in means else means["top-100 unseen"] + means["NDCG@10"]
        found.append((score, settings))
        listed = "  ".join(f"{name} {value:.4f}" for name, value in means.items())
        print(f"{system} {settings}: {listed}  ({seconds:.1f} s)", flush=True)
    print(f"{system}: best {max(found, key=lambda pair: pair[0])[1]}\n", flush=True)


def _print_tables(split: str, rows: list[Row]) -> None:
    systems = list(dict.fromkeys(row["system"] for row in rows))
    print(f"\n{split}: mean ± standard deviation over seeds {sorted({row['seed'] for row in rows})}\n")
    _print_table([(name, [row for row in rows if row["system"] == name]) for name in systems])
    print(f"\n{split}: each seed\n")
    _print_table([(f"{row['system']}, seed {row['seed']}", [row]) for row in rows])


def _print_table(groups: list[tuple[str, list[Row]]]) -> None:
    print("| system | " + " | ".join(_COLUMNS) + " |")
    print("|---" * (len(_COLUMNS) + 1) + "|")
    for name, rows in groups:
        cells = [_cell([read(row) for row in rows], form) for read, form in _COLUMNS.values()]
        print(f"| {name} | " + " | ".join(cells) + " |")


def _cell(values: list[float | None], form: str) -> str:
    numbers = [value for value in values if value is not None]
    if not numbers:
        return ""
    mean = format(np.mean(numbers), form)
    return mean if len(numbers) == 1 else f"{mean} ± {format(np.std(numbers, ddof=1), form)}"


if __name__ == "__main__":
    main()
