"""What a replay teaches: how good lists were over time, beside the references, and how fast a model ages."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from recommender.replay.steps import in_words

_DRAWS = 1_000
_BAND = (2.5, 97.5)  # percent


class Band(NamedTuple):
    """A mean over viewers, and where it lies in 95% of draws of as many viewers."""

    mean: float
    low: float
    high: float


def over_time(figures: pd.DataFrame, measure: str = "ndcg") -> pd.DataFrame:
    """How good each system's lists were when its snapshot was new.

    Args:
      figures: of a replay's `Tables`.
      measure: `ndcg`, `liked_ndcg` or `hits`.

    Returns:
      `start`, `system`, `n` (viewers), `mean`, `low`, `high`, in the order of time.
    """
    fresh = figures[figures["cut"] == figures["start"]].dropna(subset=[measure])
    rows = [
        {"start": start, "system": system, "n": group["user_id"].nunique(), **band(group, measure)._asdict()}
        for (start, system), group in fresh.groupby(["start", "system"], sort=True)
    ]
    return pd.DataFrame(rows, columns=["start", "system", "n", "mean", "low", "high"])


def of_known_viewers(figures: pd.DataFrame) -> pd.DataFrame:
    """The rows of viewers of whom something had been rated: of others no list can know more than what all watch."""
    return figures[figures["n_before"] > 0]


def all_in_all(figures: pd.DataFrame, measure: str = "ndcg") -> pd.DataFrame:
    """The same over all steps together: `system`, `n` (viewers asked, each once a step), `mean`, `low`, `high`."""
    fresh = figures[figures["cut"] == figures["start"]].dropna(subset=[measure])
    rows = [
        {"system": system, "n": len(group), **band(group, measure)._asdict()}
        for system, group in fresh.groupby("system", sort=False)
    ]
    return pd.DataFrame(rows, columns=["system", "n", "mean", "low", "high"])


def ageing(figures: pd.DataFrame, model: str, measure: str = "ndcg") -> pd.DataFrame:
    """What a model keeps of its worth as it gets older: an old snapshot beside a new one, asked the same questions.

    Args:
      figures: of a replay's `Tables`.
      model: the model.
      measure: as for `over_time`.

    Returns:
      `age` (steps since the snapshot was trained), `n` (questions), `mean` (of the old ones), `fresh` (of new ones
      asked the same), `kept` (the one by the other), `low`, `high` (of `kept`, over draws of viewers).
    """
    own = figures[figures["system"] == model].dropna(subset=[measure])
    starts = {start: place for place, start in enumerate(sorted(figures["start"].unique()))}
    own = own.assign(age=own["start"].map(starts) - own["cut"].map(starts))
    fresh = own[own["age"] == 0].set_index(["start", "user_id"])[measure].rename("fresh")
    both = own.join(fresh, on=["start", "user_id"], how="inner")
    rows = []
    for age in sorted(set(both["age"].tolist())):
        group = both[both["age"] == age]
        sums = group.groupby("user_id")[[measure, "fresh"]].sum().to_numpy(np.float64)
        drawn = _drawn(sums)
        kept = drawn[:, 0] / np.maximum(drawn[:, 1], 1e-12)
        low, high = np.percentile(kept, _BAND)
        mean, new = float(group[measure].mean()), float(group["fresh"].mean())
        rows.append(
            {
                "age": age,
                "n": len(group),
                "mean": mean,
                "fresh": new,
                "kept": mean / new if new else float("nan"),
                "low": float(low),
                "high": float(high),
            }
        )
    return pd.DataFrame(rows, columns=["age", "n", "mean", "fresh", "kept", "low", "high"])


def by_snapshot(figures: pd.DataFrame, model: str, measure: str = "ndcg") -> pd.DataFrame:
    """What each snapshot found at each step it was asked about: `cut`, `start`, `mean`, `n` (viewers)."""
    own = figures[figures["system"] == model].dropna(subset=[measure])
    cells = own.groupby(["cut", "start"], sort=True)[measure].agg(["mean", "size"]).reset_index()
    return cells.rename(columns={"size": "n"})


def stars_over_time(watched: pd.DataFrame) -> pd.DataFrame:
    """How far predicted stars were off.

    Args:
      watched: of a replay's `Tables`.

    Returns:
      `start`, `n` (ratings), `rmse`, `bias` (predicted less given), `unknown` (share of what was watched that had not
      been out when the snapshot was taken).
    """
    rows = []
    for start, group in watched.groupby("start", sort=True):
        known = group.dropna(subset=["predicted"])
        error = known["predicted"] - known["given"]
        rows.append(
            {
                "start": start,
                "n": len(known),
                "rmse": float(np.sqrt((error**2).mean())) if len(known) else float("nan"),
                "bias": float(error.mean()) if len(known) else float("nan"),
                "unknown": 1.0 - len(known) / len(group),
            }
        )
    return pd.DataFrame(rows, columns=["start", "n", "rmse", "bias", "unknown"])


def band(rows: pd.DataFrame, measure: str) -> Band:
    """A measure's mean over rows, and its band over draws of viewers, of whom each brings all of their rows."""
    groups = rows.groupby("user_id")[measure]
    drawn = _drawn(np.stack([groups.sum().to_numpy(np.float64), groups.size().to_numpy(np.float64)], axis=1))
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], _BAND)
    return Band(float(rows[measure].mean()), float(low), float(high))


def _drawn(of_viewers: np.ndarray) -> np.ndarray:
    """[n_draws, n_columns] sums over as many viewers as there are, drawn with repetition."""
    generator = np.random.default_rng(0)
    counts = generator.multinomial(len(of_viewers), np.full(len(of_viewers), 1 / len(of_viewers)), _DRAWS)
    sums: np.ndarray = counts @ of_viewers
    return sums


def worth_of_age(aged: pd.DataFrame, every: str) -> str:
    """In a sentence, how much less a model finds that has not been trained again."""
    parts = []
    for age, kept, low, high in aged[["age", "kept", "low", "high"]].to_numpy(np.float64).tolist():
        if age in (1, 2, 4, 8):
            parts.append(f"{in_words(every, int(age))} old {_change(kept, low, high)}")
    if not parts:
        return "There is one model alone, so nothing can be said of ageing."
    return f"Beside a model trained anew, an old one finds: {', '.join(parts)} (in brackets: where that lies with 95%)."


def _change(kept: float, low: float, high: float) -> str:
    """What is lost, with its range: 12% less (8% to 15%)."""
    if high < 1.0:
        return f"{1 - kept:.0%} less ({1 - high:.0%} to {1 - low:.0%})"
    if low > 1.0:
        return f"{kept - 1:.0%} more ({low - 1:.0%} to {high - 1:.0%})"
    return f"about as much ({kept - 1:+.0%}; {low - 1:+.0%} to {high - 1:+.0%})"
