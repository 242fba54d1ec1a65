"""A small replay, worked out by hand, to lie beside a bundle."""

import json
from pathlib import Path

import pandas as pd

from recommender.replay.results import folder_for
from tests.dashboard.doubles import FIRST

MONTH = 30 * 86_400
CUTS = [FIRST + MONTH * number for number in (1, 2, 3)]


def figures() -> pd.DataFrame:
    """Two viewers asked three times: the flagship finds half of what it found at each age, best-sellers a tenth."""
    rows = []
    for place, cut in enumerate(CUTS):
        for later, start in enumerate(CUTS[place:]):
            for user in ("3", "4"):
                worth = 0.4 * 0.5**later
                rows.append((cut, start, "flagship", user, int(user == "4"), 2.0, worth, worth / 2))
        rows += [(cut, cut, "popularity", user, int(user == "4"), 0.0, 0.04, 0.02) for user in ("3", "4")]
    return pd.DataFrame(rows, columns=["cut", "start", "system", "user_id", "n_before", "hits", "ndcg", "liked_ndcg"])


def write_replay(bundle: Path, checksum: str) -> Path:
    """Puts the replay beside a bundle of a flagship whose data have this checksum; gives its folder."""
    out = folder_for(bundle)
    request = {"model": "flagship", "every": "1m", "seed": 1, "data": "ml-100k", "checksum": checksum}
    lists = pd.DataFrame(
        [(CUTS[0], "4", 1, "3", 3.5), *((CUTS[2], "4", place, str(place), 4.0 - place / 10) for place in range(1, 11))],
        columns=["start", "user_id", "place", "item_id", "stars"],
    )
    watched = pd.DataFrame(
        [(CUTS[2], "4", "2", 5.0, 3.8), (CUTS[2], "4", "11", 2.0, 3.0), (CUTS[2], "4", "12", 4.0, None)],
        columns=["start", "user_id", "item_id", "given", "predicted"],
    )
    for cut in CUTS:
        snapshot = out / "snapshots" / str(cut)
        snapshot.mkdir(parents=True)
        own = figures().query("cut == @cut")
        parts = {"figures": own, "lists": lists[lists["start"] == cut], "watched": watched[watched["start"] == cut]}
        for name, part in parts.items():
            part.to_csv(snapshot / f"{name}.csv.gz", index=False)
    (out / "replay.json").write_text(json.dumps(request))
    return out
