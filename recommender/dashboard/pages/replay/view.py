"""What the page Replay shows, worked out from what a replay found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from recommender.bundle.figures import digits_apart, more_or_less, reference_name, references_said
from recommender.charts import NOW, QUIET, TITLE_COLOURS
from recommender.dashboard.drawing.words import day
from recommender.dashboard.pages.replay.findings import Replayed, summaries
from recommender.data.titles import spoken_name
from recommender.replay.results import Tables
from recommender.replay.summary import worth_of_age

if TYPE_CHECKING:
    from recommender.dashboard.choices.current import Choices
    from recommender.serving.recommender import Recommender

# Measure -> what it is called, and what it is.
MEASURES = {
    "hits": ("Hits of ten", "how many of the ten titles listed the viewer went on to watch"),
    "ndcg": (
        "Hits, the first count most",
        "the same, but the higher in the list the more it counts: 1 if all that they watched leads the list (NDCG@10)",
    ),
    "liked_ndcg": ("Liked, the first count most", "the same of what they gave at least their own mean (liked NDCG@10)"),
}
# What is said of stars -> its column, and its colour.
STARS_OFF = {
    "off by": ("rmse", NOW),
    "too high by": ("bias", TITLE_COLOURS[0]),
}
COLOURS_OFF = {figure: colour for figure, (_, colour) in STARS_OFF.items()}
_COLOURS = (TITLE_COLOURS[0], QUIET, TITLE_COLOURS[3], TITLE_COLOURS[1])


@dataclass(frozen=True)
class OneStep:
    """What was listed for one viewer at one step, and what they went on to watch.

    Attributes:
      start: UTC seconds of the step.
      listed: `place`, `name`, `predicted`, `gave` (missing for a title they did not go on to watch).
      others: what they watched that was not listed: `name`, `gave`, `predicted` (missing for what came out later).
      has_stars: whether what they gave are stars; of data without ratings it says only that they watched.
    """

    start: int
    listed: pd.DataFrame
    others: pd.DataFrame
    has_stars: bool = True

    @property
    def n_hits(self) -> int:
        """How many of the titles listed they went on to watch."""
        return int(self.listed["gave"].notna().sum())


@dataclass(frozen=True, eq=False)
class ReplayView:
    """All that the page shows.

    Attributes:
      replayed: the replay.
      chosen: what is chosen in the bar.
      measure: a key of `MEASURES`.
      curve: for `charts.found_over_time`.
      colours: system, as it is called -> colour.
      about_references: what the references among them do, in a line.
      whole: over all steps: `system`, `n`, `mean`, `low`, `high`.
      aged: for `charts.kept_by_age`.
      cells: for `charts.snapshots_by_step`.
      labels: of its axes.
      stars: by step: `from` (text), `n`, `rmse`, `bias`, `unknown`.
      stars_off: for `charts.stars_off`; empty from a model that predicts none.
      strip: what was listed for the viewer, the newest step first; empty for one who was not asked about.
      at_clock: which of them is the last that had begun at the moment of the clock; the first of all before it.
      verdict: what it all says, a sentence for each finding.
    """

    replayed: Replayed
    chosen: "Choices"
    measure: str
    curve: pd.DataFrame
    colours: Mapping[str, str]
    about_references: str
    whole: pd.DataFrame
    aged: pd.DataFrame
    cells: pd.DataFrame
    labels: tuple[str, ...]
    stars: pd.DataFrame
    stars_off: pd.DataFrame
    strip: tuple[OneStep, ...]
    at_clock: int
    verdict: tuple[str, ...]

    @property
    def heading(self) -> str:
        """What is counted, for an axis."""
        return MEASURES[self.measure][0].lower()


def replay_view(replayed: Replayed, recommender: "Recommender", chosen: "Choices", measure: str) -> ReplayView:
    """Works the page out.

    Args:
      replayed: the replay of the model shown.
      recommender: the model shown, by which titles have their names.
      chosen: the viewer.
      measure: a key of `MEASURES`.
    """
    request = replayed.request
    key = f"{request.get('checksum')} {request.get('every')} {len(replayed.tables.figures)}"
    found = summaries(key, replayed, measure)
    systems = list(dict.fromkeys([request["model"], *found["whole"]["system"]]))
    called = {system: _called(system, request["model"]) for system in systems}
    colours = {called[system]: NOW if not place else _COLOURS[place] for place, system in enumerate(systems[:4])}
    curve, whole = (part.assign(system=part["system"].map(called)) for part in (found["curve"], found["whole"]))
    cells = found["cells"]
    labels = tuple(day(start) for start in sorted({*cells["cut"], *cells["start"]}))
    stars = found["stars"]
    strip = _strip(replayed.tables, recommender, chosen.user)
    return ReplayView(
        replayed=replayed,
        chosen=chosen,
        measure=measure,
        curve=curve.assign(moment=pd.to_datetime(curve["start"], unit="s", utc=True)).drop(columns="start"),
        colours=colours,
        about_references=references_said(system for system in systems[:4] if system != request["model"]),
        whole=whole,
        aged=found["aged"],
        cells=cells.assign(cut=[day(at) for at in cells["cut"]], start=[day(at) for at in cells["start"]]),
        labels=labels,
        stars=stars.assign(**{"from": [day(at) for at in stars["start"]]}),
        stars_off=_stars_off(stars),
        strip=strip,
        at_clock=next((place for place, step in enumerate(strip) if step.start <= chosen.at), len(strip) - 1),
        verdict=tuple(
            filter(
                None,
                [
                    _who_found_more(whole, called[request["model"]], measure),
                    _of_known(
                        found["known"].assign(system=found["known"]["system"].map(called)),
                        called[request["model"]],
                        measure,
                    ),
                    worth_of_age(found["aged"], request["every"]),
                ],
            )
        ),
    )


def _stars_off(stars: pd.DataFrame) -> pd.DataFrame:
    """`moment`, `figure`, `stars`, `n`: the errors by step, one after the other."""
    known = stars.dropna(subset=["rmse"])
    moments = pd.to_datetime(known["start"], unit="s", utc=True)
    parts = [
        pd.DataFrame({"moment": moments, "figure": figure, "stars": known[column], "n": known["n"]})
        for figure, (column, _) in STARS_OFF.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _called(system: str, model: str) -> str:
    return system if system == model else reference_name(system)


def _who_found_more(whole: pd.DataFrame, model: str, measure: str) -> str:
    """The model beside the best of the references, in a sentence."""
    n, own, best = _beside_the_best(whole, model, measure)
    best = f", {best}" if best else ""
    return f"{n:,} lists of ten, each asked what a viewer would watch next: {model} was right with {own}{best}."


def _of_known(whole: pd.DataFrame, model: str, measure: str) -> str:
    """The same of viewers of whom something was known, in a sentence."""
    if model not in set(whole["system"]):
        return ""
    n, own, best = _beside_the_best(whole, model, measure)
    if not best:
        return ""
    return (
        f"In the {n:,} lists for viewers who had rated something by then it was right with {own}, {best}. Of "
        "newcomers, who had rated nothing, no model knows more than what everybody watches."
    )


def _beside_the_best(whole: pd.DataFrame, model: str, measure: str) -> tuple[int, str, str]:
    """How many lists there are, the figure of the model, and how far it is from the best of the references; or ""."""
    rows = {row["system"]: row for row in whole.to_dict("records")}
    own = rows.pop(model)
    best = max(rows.values(), key=lambda row: row["mean"], default=None)
    fewest, of_what = (1, "ten") if measure == "hits" else (3, "1")
    digits = digits_apart(own["mean"], [best["mean"]] if best and best["mean"] else [], fewest=fewest)
    worth = f"{own['mean']:.{digits}f} of {of_what}"
    if best is None or not best["mean"]:
        return own["n"], worth, ""
    apart = f"{more_or_less(own['mean'], best['mean'])} the best of the others ({best['system']}, "
    apart += f"{best['mean']:.{digits}f} of {of_what})"
    overlap = own["low"] <= best["high"] and best["low"] <= own["high"]
    return own["n"], worth, apart + "; among so few viewers that may be chance" * overlap


def _strip(tables: Tables, recommender: "Recommender", user: str) -> tuple[OneStep, ...]:
    names = {
        item: spoken_name(title).name for item, title in zip(recommender.item_ids, recommender.titles, strict=True)
    }
    lists = tables.lists[tables.lists["user_id"] == user] if len(tables.lists) else tables.lists
    watched = tables.watched[tables.watched["user_id"] == user] if len(tables.watched) else tables.watched
    found = []
    for start in sorted(set(lists["start"].tolist()) if len(lists) else set(), reverse=True):
        listed = lists[lists["start"] == start]
        theirs = watched[watched["start"] == start]
        gave = theirs.set_index("item_id")["given"]
        rows = pd.DataFrame(
            {
                "place": listed["place"].to_numpy(),
                "name": [names.get(item, item) for item in listed["item_id"]],
                "predicted": listed["stars"].to_numpy(float),
                "gave": gave.reindex(listed["item_id"]).to_numpy(float),
            }
        )
        others = theirs[~theirs["item_id"].isin(set(listed["item_id"]))]
        rest = pd.DataFrame(
            {
                "name": [names.get(item, item) for item in others["item_id"]],
                "gave": others["given"].to_numpy(float),
                "predicted": others["predicted"].to_numpy(np.float64),
            }
        )
        rest = rest.sort_values("gave", ascending=False, kind="stable")
        found.append(OneStep(int(start), rows, rest, recommender.manifest.data.has_ratings))
    return tuple(found)
