"""Seconds and memory of a flagship on invented tables of any size, beside implicit's ALS in the same run.

    python -m benchmarks.scale [--sizes 100000x1000x1700 200000x2500x2500] [--split random] [--seed 1] [--share 0.1]

A size is RATINGSxVIEWERSxTITLES. Each table (see `benchmarks.invented`) is made, written as parquet, read, split,
trained on with default settings, examined and written, in a process of its own. An epoch is its steps and the
validation after it; `train` is everything between the split and a model ready for export, `export` its examination
beside the references and the writing of the bundle. Behind the seconds on the clock stand those of the processors,
which other programs on the machine change less. With several sizes the last lines give how seconds grow with the
ratings: the exponent. With `--share` only such a part of the steps is made, in one epoch, and nothing is exported.

ALS (`pip install implicit`, see benchmarks/requirements.txt) has 64 factors and 15 sweeps; its line is left out where
it is not installed.
"""

import argparse
import json
import math
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.invented import Size, invented
from benchmarks.peers import PEERS

_COLUMNS = {"user": "user_id", "item": "item_id", "rating": "rating", "timestamp": "timestamp", "title": "title"}
_ALS = {"factors": 64, "iterations": 15}
_OF_ONE = 1e6  # bytes of a megabyte


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


class _Clock:
    """Seconds of phases by name, on the clock and of the processors."""

    def __init__(self) -> None:
        self.phases: dict[str, tuple[float, float]] = {}

    @contextmanager
    def timing(self, phase: str) -> Iterator[None]:
        """Times the block."""
        wall, processors = time.perf_counter(), time.process_time()
        yield
        self.phases[phase] = time.perf_counter() - wall, time.process_time() - processors


def main() -> None:
    """Measures one table after another and prints what was found."""
    options = _options()
    found = []
    for size in options.sizes:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found.append(pool.apply(_measure, (size, options.split, options.seed, options.share)))
        _print(found[-1], f"{options.split} {options.seed}")
    if len(found) > 1:
        _print_growth(found[0], found[-1])
    if options.json:
        print(json.dumps(found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=_size, nargs="+", default=[Size(1_000_000, 6_000, 4_000)])
    parser.add_argument("--split", default="random", choices=("random", "temporal", "per-user-last"))
    parser.add_argument("--seed", type=int, default=1, help="of table, split and training")
    parser.add_argument("--share", type=float, help="make only such a part of the steps, and export nothing")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _size(text: str) -> Size:
    ratings, viewers, titles = map(int, text.split("x"))
    return Size(ratings, viewers, titles)


def _print(found: Mapping[str, Any], split: str) -> None:
    print(f"{found['ratings']:,} ratings, {found['viewers']:,} viewers, {found['titles']:,} titles, {split}")
    for phase, (wall, processors) in found["phases"].items():
        rate = f"{found['ratings'] / wall:>12,.0f} ratings/s"
        print(f"  {phase:16}{wall:>9.1f} s{processors:>9.1f} s of processors{rate}")
    print(f"  {'epochs':16}{', '.join(f'{seconds:.1f} s' for seconds in found['epochs'])}")
    print(f"  {'peak':16}{found['peak_mb']:>9,.0f} MB")
    if "als" in found["phases"]:
        ratio = found["phases"]["train"][1] / found["phases"]["als"][1]
        print(f"  {'train to ALS':16}{ratio:>9.1f} times its seconds of processors")


def _print_growth(first: Mapping[str, Any], last: Mapping[str, Any]) -> None:
    more = math.log(last["ratings"] / first["ratings"])
    for phase in first["phases"]:
        exponent = math.log(last["phases"][phase][1] / first["phases"][phase][1]) / more
        print(f"{phase:18}grows as ratings to the power of {exponent:.2f}")


def _measure(size: Size, split_name: str, seed: int, share: float | None) -> dict[str, Any]:
    from recommender.data import ColumnMapping, load_ratings, split_by_name
    from recommender.export.export import export_bundle
    from recommender.models.zoo import find_model
    from recommender.training.trainer import train_model

    clock, epochs = _Clock(), _Epochs()
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "invented.parquet"
        made = invented(size, seed=seed)
        titles = made.items.set_index("item_id")["title"]
        made.interactions.assign(title=made.interactions["item_id"].map(titles)).to_parquet(table, index=False)
        del made
        with clock.timing("read and split"):
            ratings = load_ratings(str(table), columns=ColumnMapping.checked(**_COLUMNS))
            split = split_by_name(split_name, ratings, seed=seed)
        settings: dict[str, Any] = {}
        if share is not None:
            chosen = (
                find_model("flagship").configure({}).fitted_to(split.train).chosen_on(split.train, split.validation)
            )
            settings = {
                **chosen.model_dump(),
                "steps": max(round(share * chosen.model_dump()["steps"]), 1),
                "epochs": 1,
            }
        with clock.timing("train"):
            trained = train_model("flagship", split, seed=seed, settings=settings, make_reporter=lambda *_: epochs)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if share is None:
            with clock.timing("export"):
                export_bundle(Path(folder) / "bundle", trained, ratings, split, seed=seed)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if PEERS["als"].installed:
            with clock.timing("als"):
                PEERS["als"].fit(trained.training_part, seed, _ALS)
    return {
        "ratings": len(ratings),
        "viewers": len(ratings.users),
        "titles": len(ratings.items),
        "phases": clock.phases,
        "epochs": epochs.seconds,
        "peak_mb": peak * 1024 / _OF_ONE,
    }


if __name__ == "__main__":
    main()
