"""How soon a list follows a change of what a viewer rated, and how long the search for the smallest change takes.

    python -m benchmarks.what_if [--bundle model_store/flagship] [--viewers 12] [--seed 0]

Viewers are drawn by chance and asked as of the middle of their ratings. A change is a rating taken back, turned, or
added. Timed is what the page asks for after it: the whole catalogue with its stars, and the reasons on ten cards. A
search is for the title behind the end of the list of ten.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from recommender.bundle import default_bundle
from recommender.bundle.training_data import load_data_of
from recommender.serving.changes import NO_CHANGES, Changes, Rating
from recommender.serving.reasons import reasons
from recommender.serving.recommender import Recommender
from recommender.serving.smallest_change import Question, smallest_change
from recommender.serving.viewer_histories import history_of

_LISTED = 10


def ask(recommender: Recommender, user: str, at: int, changes: Changes) -> list[str]:
    """What the page asks for after a change: the titles, best first, and the reasons of the first ten."""
    asked = recommender.as_if(user, changes, at).as_of(at)
    found = asked.retrieve(user, at, len(recommender.titles), include_seen=True, include_future=True)
    titles = found["title"][~found["seen"] & ~found["future"]].tolist()
    competing = competing_with(recommender, titles)
    history = history_of(asked.history_read(user))
    reasons(asked, user, at, titles[:_LISTED], history=history, competing=competing)
    return titles


def competing_with(recommender: Recommender, titles: list[str]) -> npt.NDArray[np.bool_]:
    """[n_titles] which titles of the catalogue are among these."""
    competing = np.zeros(len(recommender.titles), np.bool_)
    competing[recommender.rows.rows_of_titles(titles)] = True
    return competing


def time_changes(recommender: Recommender, user: str, at: int) -> list[tuple[float, float]]:
    """Milliseconds from each of three changes to all that the page asks for: by the clock, and of the processor."""
    given = recommender.as_of(at).history_read(user)["title"]
    unseen = ask(recommender, user, at, NO_CHANGES)[0]
    found = []
    for change in ((given.iloc[0], None), (given.iloc[-1], recommender.scale.low), (unseen, recommender.scale.high)):
        start, used = time.perf_counter(), time.process_time()
        ask(recommender, user, at, Changes((change,)))
        found.append((1000 * (time.perf_counter() - start), 1000 * (time.process_time() - used)))
    return found


def time_search(recommender: Recommender, user: str, at: int) -> tuple[float, bool]:
    """Seconds that a search takes, and whether it finds something."""
    titles = ask(recommender, user, at, NO_CHANGES)
    title = titles[_LISTED]
    question = Question(user, at, title, _LISTED, competing_with(recommender, titles))

    def place_of(ratings: tuple[Rating, ...]) -> int | None:
        asked = recommender.as_if(user, Changes(ratings), at).as_of(at)
        found = asked.retrieve(user, at, len(recommender.titles))["title"].tolist()
        return found.index(title) + 1 if title in found else None

    start = time.perf_counter()
    found = smallest_change(recommender.as_of(at), question, place_of)
    return time.perf_counter() - start, found is not None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, default=default_bundle())
    parser.add_argument("--viewers", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    plain = Recommender.load(options.bundle)
    recommender = plain.with_ratings(load_data_of(plain.manifest.data))
    changed, searches, read = [], [], []
    for user in np.random.default_rng(options.seed).choice(recommender.user_ids, options.viewers, replace=False):
        rated = recommender.rated(str(user))
        at = int(rated["timestamp"].iloc[len(rated) // 2])
        read.append(len(recommender.as_of(at).history_read(str(user))))
        changed += time_changes(recommender, str(user), at)
        searches.append(time_search(recommender, str(user), at))
    seconds, found = zip(*searches, strict=True)
    print(f"{options.bundle}: {options.viewers} viewers, {np.median(read):g} ratings read of each (median)")
    clock, processor = np.array(changed).T
    for name, found_in in (("by the clock", clock), ("of the processor", processor)):
        print(f"a change:  median {np.median(found_in):.0f} ms {name}, 95% within {np.quantile(found_in, 0.95):.0f} ms")
    print(f"a search:  median {np.median(seconds):.1f} s, longest {max(seconds):.1f} s; {sum(found)} found a change")


if __name__ == "__main__":
    main()
