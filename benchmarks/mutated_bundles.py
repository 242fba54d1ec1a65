"""Bundles that are changed at random and sealed anew: each is served, or refused in a sentence.

    python -m benchmarks.mutated_bundles --bundles 200

A copy of a committed bundle is changed in one place: a field of its manifest, its names, a table beside the model, the
model's graph or its weights. It is sealed as somebody would who means harm, read, loaded, and asked what the pages ask.
What is neither an answer nor a `RecommenderError` is a failure: another exception, or a process that ends.
"""

import argparse
import copy
import json
import multiprocessing
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from recommender.bundle import MANIFEST, MODEL_STORE
from recommender.bundle.figures import remarks, verdict
from recommender.bundle.manifest import (
    CATALOGUE_MAP,
    GRAPH,
    IDENTIFIERS,
    LEARNING_CURVES,
    SAVED_MODEL,
    Manifest,
    sha256_of,
)
from recommender.bundle.reader import read_bundle
from recommender.bundle.seal import SEAL, with_seal
from recommender.dashboard.bundles import exams
from recommender.dashboard.choices.current import options_of
from recommender.dashboard.pages.models.all_models import all_models
from recommender.dashboard.pages.models.facts import facts_of, settings_table
from recommender.errors import RecommenderError

_ODD: tuple[Any, ...] = (None, True, -1, 0, 7, 10**30, 0.5, -1e308, 253402300799, "", "x", "1" * 5_000, [], [[]], {})
_WEIGHTS = f"{SAVED_MODEL}/variables/variables"
_AT_ONCE = 20
_HANG_SECONDS = 10.0
_START_SECONDS = 120.0  # of a process
HUNG = f"no answer within {_HANG_SECONDS:g} seconds"


def seal(bundle: Path, content: dict[str, Any]) -> None:
    """Writes a manifest that fits the files that are there."""
    content = {name: value for name, value in content.items() if name != SEAL}
    if isinstance(content.get("files"), dict):
        there = {name for name in content["files"] if (bundle / name).is_file()}
        content["files"] = {**content["files"], **{name: sha256_of(bundle / name) for name in there}}
        if isinstance(content.get("sizes"), dict) and "bytes" in content["sizes"]:
            content["sizes"]["bytes"] = sum((bundle / name).stat().st_size for name in there)
    (bundle / MANIFEST).write_text(with_seal(json.dumps(content)))


def mutate(bundle: Path, seed: int) -> str:
    """Changes a bundle in one place and seals it anew.

    Args:
      bundle: its folder.
      seed: decides where and how.

    Returns:
      What was changed.
    """
    generator = np.random.default_rng(seed)
    content: dict[str, Any] = json.loads((bundle / MANIFEST).read_text())
    name, change = _KINDS[int(generator.integers(len(_KINDS)))]
    if name == MANIFEST:
        content = json.loads(json.dumps(content))
        what = _change_field(content, generator)
    else:
        file = bundle / name
        file.write_bytes(change(file.read_bytes(), generator))
        what = ""
    seal(bundle, content)
    return f"{name} {what}".strip()


def _change_field(content: dict[str, Any], generator: np.random.Generator) -> str:
    where: list[str] = []
    inside: Any = content
    while True:
        keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        key = keys[int(generator.integers(len(keys)))]
        where.append(str(key))
        deeper = isinstance(inside[key], dict | list) and inside[key] and generator.random() < 0.9
        if not deeper:
            break
        inside = inside[key]
    value, how = inside[key], generator.random()
    if how < 0.15:
        del inside[key]
    elif how < 0.25 and isinstance(inside, dict):
        inside[f"{key}s"] = inside.pop(key)
    elif how < 0.5 and isinstance(value, int | float):
        inside[key] = value * 2 + 1 if generator.random() < 0.5 else -value
    else:
        inside[key] = copy.deepcopy(_ODD[int(generator.integers(len(_ODD)))])
    return ".".join(where)


def _change_names(data: bytes, generator: np.random.Generator) -> bytes:
    names = json.loads(data)
    kind = list(names)[int(generator.integers(len(names)))]
    changes: tuple[Callable[[list[Any]], list[Any]], ...] = (
        lambda found: found[:-7],
        lambda found: [],
        lambda found: [*found[:-1], found[0]],
        lambda found: [*found[:-1], "9" * 5_000],
        lambda found: [*found[:-1], ""],
        lambda found: [*found, "one more"],
        lambda found: found[::-1],
        lambda found: [7, *found[1:]],
    )
    names[kind] = changes[int(generator.integers(len(changes)))](names[kind])
    return json.dumps(names).encode()


def _change_table(data: bytes, generator: np.random.Generator) -> bytes:
    lines = data.decode().split("\n")
    row, odd = int(generator.integers(1, len(lines))), ("", "x", "nan", "inf", "9" * 400, '"', "1,2,3,4,5")
    cells = lines[row].split(",")
    cells[int(generator.integers(len(cells)))] = odd[int(generator.integers(len(odd)))]
    changes: tuple[list[str], ...] = (
        [lines[0].replace(lines[0].split(",")[int(generator.integers(3))], "other"), *lines[1:]],
        [line.rpartition(",")[0] for line in lines],
        [*lines[:row], ",".join(cells), *lines[row + 1 :]],
        [*lines[:row], lines[row], *lines[row:]],
        lines[:1],
        lines[1:],
        [],
    )
    return "\n".join(changes[int(generator.integers(len(changes)))]).encode()


def _change_bytes(data: bytes, generator: np.random.Generator) -> bytes:
    changed, how = bytearray(data), generator.random()
    if how < 0.1:
        return bytes(changed[: int(generator.integers(len(changed)))])
    for place in generator.integers(len(changed), size=1 if how < 0.7 else 20):
        changed[int(place)] ^= 1 << int(generator.integers(8))
    return bytes(changed)


_Change = Callable[[bytes, np.random.Generator], bytes]
_KINDS: tuple[tuple[str, _Change], ...] = (
    *[(MANIFEST, _change_bytes)] * 8,
    *[(IDENTIFIERS, _change_names)] * 3,
    *[(LEARNING_CURVES, _change_table), (CATALOGUE_MAP, _change_table)] * 2,
    *[(GRAPH, _change_bytes)] * 4,
    (f"{_WEIGHTS}.index", _change_bytes),
    (f"{_WEIGHTS}.data-00000-of-00001", _change_bytes),
)


def outcome_of_reading(bundle: Path) -> str:
    """What becomes of a bundle that is read, and shown by what it says of itself: "answer", "sentence" or a failure."""
    return _outcome(lambda: _show(bundle.name, read_bundle(bundle).manifest))


def outcome(bundle: Path) -> str:
    """What becomes of a bundle that is also loaded and asked what the pages ask."""
    return _outcome(lambda: _ask(bundle))


def _outcome(do: Callable[[], None]) -> str:
    try:
        do()
    except RecommenderError:
        return "sentence"
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {Path(frame.filename).name}, {frame.name}: {str(error)[:100]}"
    return "answer"


def _show(name: str, manifest: Manifest) -> None:
    facts_of(manifest)
    settings_table({name: manifest})
    exams.table({name: manifest}, [name])
    all_models({name: manifest}, name, None)
    verdict(name, manifest.metrics["test"], manifest.references)
    remarks(manifest.metrics["test"], manifest.references)


def _ask(bundle: Path) -> None:
    from recommender.serving.recommender import Recommender

    recommender = Recommender.load(bundle)
    _show(bundle.name, recommender.manifest)
    options = options_of(recommender)
    viewers = [recommender.user_ids[0], recommender.user_ids[-1], None]
    for viewer in viewers:
        recommender.retrieve(viewer, recommender.last_moment, len(recommender.titles))
        recommender.scores(viewer, [recommender.first_moment, recommender.last_moment])
        recommender.sweep(viewer, [recommender.last_moment], recommender.titles)
    recommender.similar(recommender.titles[-1], len(recommender.titles))
    assert len(options.titles) == len(recommender.titles)


def _run_some(first: int, last: int, folder: Path, found: Connection) -> None:
    stores = ("matrix-factorization", "flagship-100k")
    for seed in range(first, last):
        bundle = Path(shutil.copytree(MODEL_STORE / stores[seed % 4 == 0], folder / str(seed)))
        what = mutate(bundle, seed)
        found.send((seed, what, None))
        found.send((seed, what, outcome(bundle)))
        shutil.rmtree(bundle)


def run(first: int, n: int, folder: Path) -> Iterator[tuple[int, str, str]]:
    """Changes and asks so many bundles, some at a time in a process of their own.

    Yields:
      Seed, what was changed, and what became of it.
    """
    last, forked = first + n, multiprocessing.get_context("spawn")
    while first < last:
        mine, theirs = forked.Pipe(duplex=False)
        process = forked.Process(target=_run_some, args=(first, min(last, first + _AT_ONCE), folder, theirs))
        process.start()
        theirs.close()
        what, patience = "", _START_SECONDS
        try:
            while first < last:
                if not mine.poll(patience):
                    process.kill()
                    yield first, what, HUNG
                    first += 1
                    break
                seed, what, became = mine.recv()
                if became is not None:
                    yield seed, what, became
                    first, patience = seed + 1, _HANG_SECONDS
        except EOFError:
            process.join()
            if process.exitcode:
                yield first, what, f"the process ended with {process.exitcode}"
                first += 1
        process.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundles", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="The seed of the first bundle.")
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for seed, what, became in run(asked.first, asked.bundles, Path(folder)):
            kind = became if became in ("answer", "sentence") else "failure"
            counts[kind] += 1
            if kind == "failure":
                failures.append(f"bundle {seed}, {what}: {became}")
    for kind, n in sorted(counts.items()):
        print(f"{kind:10} {n:7,}")
    print(*failures, sep="\n")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
