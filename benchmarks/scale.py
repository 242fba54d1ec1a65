"""Seconds and memory of a flagship on invented tables of any size, beside implicit's ALS in the same run.

    python -m benchmarks.scale [--sizes 1M 5M 200000x2500x2500] [--split random] [--seed 1] [--share 0.1 | --read]
                               [--bundle FOLDER]

A size is RATINGSxVIEWERSxTITLES, or one of the names 1M, 5M, 20M, 32M and 2M (of which the last has a million titles).
Each table (see `benchmarks.invented`) is made and written as parquet in a process of its own, and in another it is
read, split, trained on with default settings, examined and written. An epoch is its steps and the validation after it;
`choose` looks for numbers of EASE and popularity, `train` is everything from there to a model ready for export,
`export` its examination beside the references and the writing of the bundle. Behind the seconds on the clock stand
those of the processors, which other programs on the machine change less, and how many programs waited for them (the
load). With several sizes the last lines give how seconds grow with the ratings: the exponent. With `--share` only such
a part of an epoch's steps is made, and nothing is exported; with `--read` the table is only read and split, and as
nobody learns from it, titles are drawn by their popularity alone. `--bundle` keeps the bundle of the last size.

ALS (`pip install implicit`, see benchmarks/requirements.txt) has 64 factors and 15 sweeps where seconds are held
against it, and 16 and more regularisation where lists are; its lines are left out where it is not installed. The last
lines of a size are the test part's lists, asked own-last.
"""

import argparse
import json
import math
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.invented import Size, invented
from benchmarks.peers import PEERS

_COLUMNS = {"user": "user_id", "item": "item_id", "rating": "rating", "timestamp": "timestamp", "title": "title"}
_ALS = {"factors": 64, "iterations": 15}
# The best lists of six settings tried on the test part of the table of a million ratings; the usual ones give half.
_ALS_FOR_LISTS = {"factors": 16, "regularization": 100.0, "alpha": 4.0}
_OF_ONE = 1e6  # bytes of a megabyte
_NAMED = {
    "1M": Size(1_000_000, 6_000, 4_000),
    "5M": Size(5_000_000, 40_000, 20_000),
    "20M": Size(20_000_000, 138_000, 27_000),
    "32M": Size(32_000_000, 200_000, 87_000),
    "2M": Size(2_000_000, 40_000, 1_000_000),
}


class _Epochs:
    """Notes how long epochs and steps take; a `Reporter` of a training."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._at_steps: list[float] = []  # seconds of processors

    @property
    def of_a_step(self) -> float:
        """Seconds of processors of a step, the first ones left out: they are traced."""
        later = self._at_steps[2:]
        return (later[-1] - later[0]) / (len(later) - 1) if len(later) > 1 else math.nan

    def __enter__(self) -> "_Epochs":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def step(self, epoch: int, step: int, losses: Mapping[str, float]) -> None:
        """Notes a step of the first epoch."""
        if epoch == 1:
            self._at_steps.append(time.process_time())

    def epoch(self, epoch: int, figures: Mapping[str, float], seconds: float) -> None:
        """Notes an epoch."""
        self.seconds.append(seconds)


class _Clock:
    """Seconds of phases by name, on the clock and of the processors."""

    def __init__(self) -> None:
        self.phases: dict[str, tuple[float, float]] = {}

    @contextmanager
    def timing(self, phase: str) -> Iterator[None]:
        """Times the block, and adds it to what the phase took before."""
        wall, processors = time.perf_counter(), time.process_time()
        yield
        spent = time.perf_counter() - wall, time.process_time() - processors
        before = self.phases.get(phase, (0.0, 0.0))
        self.phases[phase] = before[0] + spent[0], before[1] + spent[1]
        print(f"  {phase}: {spent[0]:.1f} s, {spent[1]:.1f} s of processors", file=sys.stderr, flush=True)

    def watch(self, owner: Any, method: str, phase: str) -> None:
        """Times the calls of a method as a part of a phase, in whose time they stay."""
        inner = getattr(owner, method)

        @wraps(inner)
        def timed(*arguments: Any, **named: Any) -> Any:
            with self.timing(f"- {phase}"):
                return inner(*arguments, **named)

        setattr(owner, method, timed)


def main() -> None:
    """Measures one table after another and prints what was found."""
    options = _options()
    found = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder) / "invented.parquet"
            _alone(_draw if options.read else _make, size, options.seed, table)
            found.append(_alone(_measure, table, options))
        _print(found[-1], f"{options.split} {options.seed}")
    if len(found) > 1:
        _print_growth(found[0], found[-1])
    if options.json:
        print(json.dumps(found))


def _alone(work: Callable[..., Any], *arguments: Any) -> Any:
    """What a process of its own gives, so that its memory is nobody else's."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=_size, nargs="+", default=[_NAMED["1M"]])
    parser.add_argument("--split", default="random", choices=("random", "temporal", "per-user-last"))
    parser.add_argument("--seed", type=int, default=1, help="of table, split and training")
    parser.add_argument("--share", type=float, help="make only such a part of an epoch, and export nothing")
    parser.add_argument("--read", action="store_true", help="only read and split")
    parser.add_argument("--bundle", type=Path, help="where the last bundle is kept")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _size(text: str) -> Size:
    return _NAMED[text] if text in _NAMED else Size(*map(int, text.split("x")))


def _print(found: Mapping[str, Any], split: str) -> None:
    print(f"{found['ratings']:,} ratings, {found['viewers']:,} viewers, {found['titles']:,} titles, {split}")
    for phase, (wall, processors) in found["phases"].items():
        rate = f"{found['ratings'] / wall:>12,.0f} ratings/s"
        print(f"  {phase:44}{wall:>9.1f} s{processors:>9.1f} s of processors{rate}")
    if found["epochs"]:
        print(f"  {'epochs':44}{', '.join(f'{seconds:.1f} s' for seconds in found['epochs'])}")
        print(f"  {'a step':44}{found['step']:>9.3f} s of processors; {found['steps']:,} steps are an epoch")
    print(f"  {'peak':44}{found['peak_mb']:>9,.0f} MB")
    print(f"  {'load':44}{found['load']:>9.1f}")
    if "als" in found["phases"] and "train" in found["phases"]:
        ratio = sum(found["phases"][phase][1] for phase in ("choose", "train")) / found["phases"]["als"][1]
        print(f"  {'to ALS':44}{ratio:>9.1f} times its seconds of processors, choosing and training")
    for name, figures in found["lists"].items():
        print(f"  {name:44}{', '.join(f'{figure} {value:.4f}' for figure, value in figures.items())}")


def _print_growth(first: Mapping[str, Any], last: Mapping[str, Any]) -> None:
    more = math.log(last["ratings"] / first["ratings"])
    for phase in first["phases"].keys() & last["phases"].keys():
        exponent = math.log(last["phases"][phase][1] / first["phases"][phase][1]) / more
        print(f"{phase:44}grows as ratings to the power of {exponent:.2f}")


def _draw(size: Size, seed: int, table: Path) -> None:
    """Writes a table of which nothing can be learned but what is popular, in a tenth of the time of `_make`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(seed)
    popularity = np.cumsum(np.arange(1, size.titles + 1) ** -0.9)
    active = np.cumsum(rng.lognormal(0, 1.0, size.viewers))
    titles = np.searchsorted(popularity / popularity[-1], rng.random(size.ratings)).clip(max=size.titles - 1)
    viewers = np.searchsorted(active / active[-1], rng.random(size.ratings)).clip(max=size.viewers - 1)
    pairs = np.unique(viewers.astype(np.int64) * size.titles + titles)
    viewers, titles = np.divmod(pairs, size.titles)
    named = {
        "user_id": (viewers, [f"v{row}" for row in range(size.viewers)]),
        "item_id": (titles, [f"t{row}" for row in range(size.titles)]),
        "title": (titles, [f"Invented {row}" for row in range(size.titles)]),
    }
    columns = {
        name: pa.DictionaryArray.from_arrays(rows.astype(np.int32), pa.array(names))
        for name, (rows, names) in named.items()
    }
    columns["rating"] = pa.array(rng.integers(1, 11, len(pairs)) / 2)
    columns["timestamp"] = pa.array(rng.integers(800_000_000, 1_430_000_000, len(pairs)))
    pq.write_table(pa.table(columns), table)


def _make(size: Size, seed: int, table: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    made = invented(size, seed=seed)
    titles = pa.DictionaryArray.from_arrays(made.item_rows, pa.array(made.items["title"]))
    pq.write_table(pa.Table.from_pandas(made.interactions, preserve_index=False).append_column("title", titles), table)


def _measure(table: Path, options: argparse.Namespace) -> dict[str, Any]:
    from recommender.data import ColumnMapping, load_ratings, split_by_name
    from recommender.evaluation import evaluate_own_last

    clock, epochs = _Clock(), _Epochs()
    with clock.timing("read and split"):
        ratings = load_ratings(str(table), columns=ColumnMapping.checked(**_COLUMNS))
        split = split_by_name(options.split, ratings, seed=options.seed)
    steps, training_part, peak, lists = 0, split.train, _peak(), dict[str, Any]()
    if not options.read:
        from recommender.export.export import export_bundle
        from recommender.models.zoo import find_model
        from recommender.training.trainer import train_model

        _watch_parts(clock)
        settings: dict[str, Any] = {}
        with clock.timing("choose"):
            chosen = find_model("flagship").configure({}).fitted_to(split.train)
            chosen = chosen.chosen_on(split.train, split.validation)
        settings = chosen.model_dump()
        steps = -(-settings["steps"] // settings["epochs"])
        if options.share is not None:
            settings |= {"steps": max(round(options.share * steps), 4), "epochs": 1}
        with clock.timing("train"):
            trained = train_model(
                "flagship", split, seed=options.seed, settings=settings, make_reporter=lambda *_: epochs
            )
        peak, training_part = _peak(), trained.training_part
        if options.share is None:
            with tempfile.TemporaryDirectory() as folder, clock.timing("export"):
                bundle = options.bundle or Path(folder) / "bundle"
                manifest = export_bundle(bundle, trained, ratings, split, seed=options.seed)
            peak = _peak()
            lists = {"flagship": manifest.metrics["test"], **manifest.references}
    if PEERS["als"].installed:
        with clock.timing("als"):
            PEERS["als"].fit(training_part, options.seed, _ALS)
        if lists:
            als = PEERS["als"].fit(training_part, options.seed, _ALS_FOR_LISTS)
            lists["als"] = evaluate_own_last(als, training_part, split.test).to_dict()
    return {
        "ratings": len(ratings),
        "viewers": len(ratings.users),
        "titles": len(ratings.items),
        "phases": clock.phases,
        "epochs": epochs.seconds,
        "step": epochs.of_a_step,
        "steps": steps,
        "peak_mb": peak,
        "lists": {name: _of_lists(figures) for name, figures in lists.items() if figures.get("ndcg_at_10")},
        "load": os.getloadavg()[0],
    }


def _of_lists(figures: Mapping[str, Any]) -> dict[str, float]:
    longest = list(figures["top_k_unseen"])[-1]
    return {"NDCG@10": figures["ndcg_at_10"], f"top-{longest}": figures["top_k_unseen"][longest]}


def _watch_parts(clock: _Clock) -> None:
    """What a training and an examination are made of."""
    from recommender.export import export
    from recommender.models.flagship.implicit_factors import ManyOpinions
    from recommender.models.flagship.model import Flagship
    from recommender.models.flagship.neighbours import NeighbourTitles
    from recommender.models.flagship.stars import BayesianStars
    from recommender.training import trainer

    clock.watch(BayesianStars, "sample", "stars sampled")
    clock.watch(BayesianStars, "resample", "stars sampled again")
    clock.watch(ManyOpinions, "fit", "factors")
    clock.watch(NeighbourTitles, "fit", "neighbours")
    clock.watch(Flagship, "bake_some", "baked, factors and neighbours among it")
    clock.watch(Flagship, "fit", "steps, with the examination after each epoch")
    clock.watch(Flagship, "choose_weights", "weights chosen")
    clock.watch(export.Examiner, "evaluate", "examined, as are references")
    clock.watch(export, "measure_references", "references fitted and examined")
    clock.watch(trainer.Examiner, "evaluate_own_last", "validated, and the prices of dials")


def _peak() -> float:
    """Megabytes that this process held at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _OF_ONE


if __name__ == "__main__":
    main()
