"""Latency of the served model: medians and 95th percentiles, and what turning the clock costs.

    python -m benchmarks.latency [--bundle FOLDER]

A sweep of 200 moments x 20 titles in one call is set beside one single rating (at most 10 times its time) and beside
the same sweep the tutorial's way, a model call for each title and moment.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from recommender.bundle import MODEL_STORE
from recommender.serving.recommender import Recommender

_MOMENTS, _TITLES = 200, 20


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--bundle", type=Path, default=MODEL_STORE / "flagship-100k")
    recommender = Recommender.load(parser.parse_args().bundle)
    user, titles = recommender.user_ids[41], recommender.titles[:_TITLES]
    moments = np.linspace(recommender.first_moment, recommender.last_moment, _MOMENTS).astype(int).tolist()

    def tutorial_sweep() -> None:
        for moment in moments:
            for title in titles:
                recommender.rate(user, moment, [title])

    single = _measure("rate, one title at one moment", lambda: recommender.rate(user, moments[0], titles[:1]), 300)
    _measure("retrieve, k = 10", lambda: recommender.retrieve(user, moments[0], 10), 300)
    _measure("retrieve, the whole catalogue", lambda: recommender.retrieve(user, moments[0], 10**6), 300)
    sweep = _measure("sweep, 200 moments x 20 titles", lambda: recommender.sweep(user, moments, titles), 100)
    tutorial = _measure("the same, a call each", tutorial_sweep, 3)
    print(f"sweep / one single rate: {sweep / single:.1f} (at most 10)")
    print(f"a call each / sweep: {tutorial / sweep:.0f}")


def _measure(what: str, call: Callable[[], object], repeats: int) -> float:
    """Prints median and 95th percentile in milliseconds; gives the median in seconds."""
    seconds = []
    for repeat in range(repeats + repeats // 10 + 1):
        started = time.perf_counter()
        call()
        if repeat > repeats // 10:  # the first calls warm
            seconds.append(time.perf_counter() - started)
    median, slow = np.percentile(seconds, [50, 95])
    print(f"{what:34} median {1e3 * median:9.2f} ms   p95 {1e3 * slow:9.2f} ms")
    return float(median)


if __name__ == "__main__":
    main()
