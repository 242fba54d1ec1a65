"""A whole replay: a snapshot at every step, each asked about every step after it, and what was found kept in a folder.

A replay that was interrupted goes on where it stopped; see `recommender.replay.results` for what the folder holds.
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from recommender.bundle.manifest import sha256_of
from recommender.data.atomic import atomic_file, atomic_folder
from recommender.data.ranking import best_rows
from recommender.data.ratings import ITEM_ID, USER_ID, Ratings
from recommender.errors import ConfigurationError, DataError
from recommender.replay.results import (
    CHECKSUMS,
    ENDING,
    REQUEST,
    SNAPSHOTS,
    TABLES,
    Tables,
    day_of,
    read_replay,
    read_request,
)
from recommender.replay.snapshot import (
    HEAD,
    Answers,
    Snapshot,
    Watched,
    found_by,
    known_by,
    reference_rows,
    take_snapshot,
    too_little,
    watched_in,
)
from recommender.replay.steps import Step, steps_of

_MOST_VIEWERS = 300  # asked about each step, the same whatever the snapshot

# What is being done, and how many snapshots are done of those that were missing.
Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Request:
    """What is to be replayed.

    Attributes:
      model: a model of the zoo.
      every: the length of a step, as `steps_of` takes it.
      seed: of trainings, validation parts and of the draw of viewers.
      settings: of the model, to replace.
    """

    model: str
    every: str
    seed: int
    settings: Mapping[str, Any]


def replay(
    ratings: Ratings, request: Request, out: Path, report: Report = lambda *_: None, *, replace: bool = False
) -> Tables:
    """Takes every snapshot that is missing in the folder, and gives what all of them found.

    Args:
      ratings: a data set with times.
      request: what is to be replayed.
      out: the folder; one that holds another replay is refused.
      report: called as the replay goes on.
      replace: whether another replay in the folder gives way.

    Raises:
      ConfigurationError: if the data have no times, the steps make no sense, or the folder holds another replay.
      DataError: if no snapshot has enough to learn from.
    """
    if not ratings.schema.has_timestamps:
        raise ConfigurationError(f"{ratings.name} has no times, so nothing can be replayed; give data with times.")
    steps = steps_of(int(ratings.timestamps.min()), int(ratings.timestamps.max()), request.every)
    _claim(out, ratings, request, replace=replace)
    asked = {step: _sample(watched_in(ratings, step), request.seed) for step in steps}
    missing = [step for step in steps if not (out / SNAPSHOTS / day_of(step.start)).is_dir()]
    reasons = []
    for done, step in enumerate(missing):
        day, past = day_of(step.start), known_by(ratings, step.start)
        if reason := too_little(past):
            reasons.append(reason)
            report(f"{day}: {reason}", done + 1, len(missing))
            continue
        report(f"{day}: training on {len(past):,} ratings", done, len(missing))
        snapshot = take_snapshot(past, step.start, request.model, request.seed, request.settings)
        report(f"{day}: asking about what came after", done, len(missing))
        later = {other: asked[other] for other in steps[steps.index(step) :]}
        _write(out / SNAPSHOTS / day, examine(snapshot, ratings, later, request))
        report(f"{day}: done", done + 1, len(missing))
    if len(reasons) == len(steps):
        raise DataError(f"{ratings.name}: {reasons[-1]}; give a longer --every.")
    files = sorted((out / SNAPSHOTS).glob(f"*/*{ENDING}"))
    with atomic_file(out / CHECKSUMS) as file:
        file.write(json.dumps({path.relative_to(out).as_posix(): sha256_of(path) for path in files}).encode())
    return read_replay(out)


def examine(snapshot: Snapshot, ratings: Ratings, asked: Mapping[Step, Sequence[Watched]], request: Request) -> Tables:
    """Asks a snapshot, with what each viewer had rated by the start of a step, about what they watched within it.

    Args:
      snapshot: the model.
      ratings: the whole data set.
      asked: viewers by step; the first step is that of the snapshot, about which the references are asked too.
      request: what is replayed.
    """
    answers = Answers(snapshot)
    figures, lists, rated = [], [], []
    for step, viewers in asked.items():
        facts: dict[str, Any] = {"cut": snapshot.cut, "start": step.start}
        for watched in viewers:
            scores, rows = answers.scores(watched, step.start), answers.rows_of(watched.items)
            found = found_by(scores, watched, rows)
            asked_of = {"user_id": watched.user, "n_before": len(watched.before)}
            figures.append({**facts, "system": request.model, **asked_of, **found})
            if step.start == snapshot.cut:
                lists.append(_listed(answers, snapshot, watched, scores))
                rated.append(_rated(answers, snapshot, watched, rows))
    step, viewers = next(iter(asked.items()))
    if viewers:
        users = {user: row for row, user in enumerate(ratings.users[USER_ID])}
        at = np.full(len(viewers), step.start, np.int64)
        for name, scorer in reference_rows(ratings, snapshot.past, request.seed):
            scores = np.array(scorer.score(np.array([users[watched.user] for watched in viewers]), at), np.float32)
            for line, watched in zip(scores, viewers, strict=True):
                seen = answers.rows_of(watched.before[ITEM_ID].tolist())
                line[seen[seen >= 0]] = -np.inf
                found = found_by(line, watched, answers.rows_of(watched.items))
                asked_of = {"user_id": watched.user, "n_before": len(watched.before)}
                figures.append({"cut": snapshot.cut, "start": step.start, "system": name, **asked_of, **found})
    joined = [pd.concat(part, ignore_index=True) if part else pd.DataFrame() for part in (lists, rated)]
    return Tables(pd.DataFrame(figures), *joined)


def _listed(answers: Answers, snapshot: Snapshot, watched: Watched, scores: np.ndarray) -> pd.DataFrame:
    rows = best_rows(scores[None], HEAD)[0]
    rows = rows[np.isfinite(scores[rows])]
    stars = answers.stars(watched, snapshot.cut, rows)
    return pd.DataFrame(
        {
            "start": snapshot.cut,
            "user_id": watched.user,
            "place": np.arange(1, len(rows) + 1),
            "item_id": snapshot.past.items[ITEM_ID].to_numpy()[rows],
            "stars": stars.round(3),
        }
    )


def _rated(answers: Answers, snapshot: Snapshot, watched: Watched, rows: np.ndarray) -> pd.DataFrame:
    predicted = np.full(len(rows), np.nan)
    known = rows >= 0
    if known.any():
        predicted[known] = answers.stars(watched, snapshot.cut, rows[known])
    return pd.DataFrame(
        {
            "start": snapshot.cut,
            "user_id": watched.user,
            "item_id": list(watched.items),
            "given": watched.stars,
            "predicted": predicted.round(3),
        }
    )


def _claim(out: Path, ratings: Ratings, request: Request, *, replace: bool) -> None:
    """Notes what a folder is for, or finds that it is for the same; what is there for another is removed if it may."""
    wanted = {
        "model": request.model,
        "every": request.every,
        "seed": request.seed,
        "settings": dict(request.settings),
        "data": ratings.name,
        "checksum": ratings.checksum,
        "min_ratings": ratings.min_ratings,
    }
    if (out / REQUEST).is_file():
        held = read_request(out)
        differing = [name for name, value in wanted.items() if held.get(name) != value]
        if not differing:
            return
        if not replace:
            name = differing[0]
            raise ConfigurationError(
                f"{out}: holds another replay ({name} {held.get(name)!r}, not {wanted[name]!r}); name another --out, "
                "or let it go with --replace."
            )
        _remove(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with atomic_file(out / REQUEST) as file:
            file.write(json.dumps(wanted, indent=2).encode())
    except OSError as error:
        raise ConfigurationError(f"{out}: cannot be written ({error}); name another folder with --out.") from error


def _remove(out: Path) -> None:
    """Removes a replay."""
    try:
        for place in (out / CHECKSUMS, out / REQUEST):  # what says what is there goes first
            place.unlink(missing_ok=True)
        if (out / SNAPSHOTS).is_dir():
            shutil.rmtree(out / SNAPSHOTS)
    except OSError as error:
        raise ConfigurationError(f"{out}: cannot be removed ({error}); name another folder with --out.") from error


def _write(folder: Path, tables: Tables) -> None:
    try:
        with atomic_folder(folder) as draft:
            for name, table in zip(TABLES, tables, strict=True):
                table.to_csv(
                    draft / f"{name}{ENDING}",
                    index=False,
                    float_format="%.5g",
                    lineterminator="\n",
                    compression={"method": "gzip", "mtime": 1},
                )
    except OSError as error:
        raise ConfigurationError(f"{folder}: cannot be written ({error}); free some space.") from error


def _sample(viewers: Sequence[Watched], seed: int) -> list[Watched]:
    """At most so many of them, in the order of their ids; the same for every snapshot."""
    if len(viewers) <= _MOST_VIEWERS:
        return list(viewers)
    chosen = np.random.default_rng(seed).choice(len(viewers), _MOST_VIEWERS, replace=False)
    return [viewers[place] for place in np.sort(chosen)]
