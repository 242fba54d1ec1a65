"""What a replay found, in its folder: read by the command line and by the page, which train nothing.

The folder holds `replay.json` (what was asked), and in `snapshots` a folder for each cut with three tables:
`figures.csv.gz` (what each viewer's list found), `lists.csv.gz` (the ten titles listed, with predicted stars) and
`watched.csv.gz` (what they went on to watch, with the stars given and predicted). `checksums.json` is written last.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from recommender.bundle.manifest import sha256_of
from recommender.bundle.plain_file import read_json
from recommender.data.ratings import ITEM_ID, USER_ID
from recommender.errors import DataError

REQUEST, CHECKSUMS, SNAPSHOTS = "replay.json", "checksums.json", "snapshots"
TABLES = ("figures", "lists", "watched")
ENDING = ".csv.gz"
_MOST_BYTES = 4_000_000  # of a file of json
_FOLDER = ".replays"  # beside the bundles


class Tables(NamedTuple):
    """What was found.

    Attributes:
      figures: `cut`, `start` (UTC seconds: of the snapshot, and of the step it was asked about), `system` (the model or
        a reference), `user_id`, `n_before` (ratings they had given by the step's start), `hits` (of ten), `ndcg`,
        `liked_ndcg` (NaN if nothing was liked).
      lists: of snapshots asked about their own step: `start`, `user_id`, `place`, `item_id`, `stars` (predicted).
      watched: the same: `start`, `user_id`, `item_id`, `given`, `predicted` (NaN for a title that came out later, and
        from a model that predicts none).
    """

    figures: pd.DataFrame
    lists: pd.DataFrame
    watched: pd.DataFrame


def folder_for(bundle: Path) -> Path:
    """Where the replay of a bundle lies: beside it, under its name."""
    return bundle.parent / _FOLDER / bundle.name


def read_request(out: Path) -> dict[str, Any]:
    """What a replay was asked for; empty if there is none in the folder, or it cannot be read."""
    try:
        found = read_json(out / REQUEST, _MOST_BYTES)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def read_replay(out: Path) -> Tables:
    """What a replay found; of one that is not over, what it has found so far.

    Raises:
      DataError: if a table is missing or not as it was written.
    """
    try:
        checksums = read_json(out / CHECKSUMS, _MOST_BYTES) if (out / CHECKSUMS).is_file() else {}
    except (OSError, ValueError) as error:
        raise DataError(f"{out / CHECKSUMS}: cannot be read ({error}); remove it and replay again.") from error
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    for folder in sorted((out / SNAPSHOTS).glob("[!.]*")):
        for name in TABLES:
            path = folder / f"{name}{ENDING}"
            known = checksums.get(path.relative_to(out).as_posix())
            if not path.is_file() or (checksums and sha256_of(path) != known):
                raise DataError(f"{path}: is missing or not as it was written; remove its folder and replay again.")
            try:
                parts[name].append(pd.read_csv(path, dtype={USER_ID: str, ITEM_ID: str}))
            except pd.errors.EmptyDataError:  # nobody watched anything new within the step
                continue
            except (OSError, ValueError, EOFError) as error:
                raise DataError(f"{path}: cannot be read ({error}); remove its folder and replay again.") from error
    return Tables(*(pd.concat(parts[name], ignore_index=True) if parts[name] else pd.DataFrame() for name in TABLES))


def day_of(seconds: int) -> str:
    """UTC seconds as a day, 2003-01-01."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
