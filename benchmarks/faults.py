"""Nothing breaks: killed commands, changed bundles, odd addresses, full disks, a server that lives long.

    python -m benchmarks.faults [--short] [--kills 200] [--bundles 500] [--addresses 300] [--reruns 2000]
        [--replacements 50] [--disks 20] [--seed 0]

Each fault ends in an answer, in a sentence, or, where a process was killed, in its end. Counted as failures are a
traceback, more than ten seconds without an answer, a bundle that is lost, what a killed process left and the next one
did not clear away, and a server that grows. Any of them makes the exit code 1. No network is needed. `--short` takes
about a minute.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import mutated_bundles, pressed_server
from benchmarks.broken_commands import fill_disks, kill_commands
from benchmarks.found import Found, table

# What is done -> how often, at length and in short.
_TIMES = {
    "kills": (200, 3),
    "disks": (20, 2),
    "bundles": (500, 8),
    "addresses": (300, 10),
    "reruns": (2_000, 20),
    "replacements": (50, 3),
}


def campaign(times: dict[str, int], seed: int) -> Iterator[Found]:
    """Does all of it; yields what was found of each kind once it is over.

    Args:
      times: a key of `_TIMES` -> how often; what is done no time at all is left out.
      seed: of all that is drawn.
    """
    with tempfile.TemporaryDirectory() as name:
        killed, full, changed, served = (Path(name) / part for part in ("killed", "full", "changed", "served"))
        for folder in (killed, full, changed, served):
            folder.mkdir()
        if times["kills"]:
            yield from kill_commands(times["kills"], seed, killed)
        if times["disks"]:
            yield fill_disks(times["disks"], seed, full)
        if times["bundles"]:
            yield _change_bundles(times["bundles"], seed, changed)
        if times["addresses"] or times["reruns"] or times["replacements"]:
            with pressed_server.running(served) as (server, bundle):
                if times["addresses"]:
                    yield asyncio.run(pressed_server.ask_odd_addresses(server, times["addresses"], seed))
                if times["reruns"]:
                    yield asyncio.run(pressed_server.rerun(server, times["reruns"], seed))
                if times["replacements"]:
                    yield asyncio.run(pressed_server.replace_bundles(server, bundle, times["replacements"]))


def _change_bundles(bundles: int, seed: int, folder: Path) -> Found:
    found = Found("changed bundles")
    for number, what, became in mutated_bundles.run(seed, bundles, folder):
        if became in ("answer", "sentence"):
            found.count(became)
        else:
            found.fail("hang" if became == mutated_bundles.HUNG else "traceback", f"{number}, {what}: {became}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="little of each; numbers that are given still count")
    for name, (many, few) in _TIMES.items():
        parser.add_argument(f"--{name}", type=int, help=f"{many:,}, or {few:,} with --short, if not given")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    given = {name: getattr(asked, name) for name in _TIMES}
    times = {name: _TIMES[name][asked.short] if number is None else number for name, number in given.items()}
    all_found, started = [], time.monotonic()
    for found in campaign(times, asked.seed):
        all_found.append(found)
        print(f"{found.what}: over after {time.monotonic() - started:.0f} s", *found.failures, sep="\n  ", flush=True)
    print(table(all_found))
    sys.exit(any(found.failures for found in all_found))


if __name__ == "__main__":
    main()
