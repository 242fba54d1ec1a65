"""The command `replay`: was it right, and how fast does a model age?"""

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import typer
from rich.table import Table

from recommender.bundle import MANIFEST, MODEL_STORE
from recommender.bundle.figures import NAMES
from recommender.bundle.reader import read_manifest
from recommender.bundle.training_data import load_data_of
from recommender.cli.terminal import JsonOption, errors, import_tensorflow, print_found, read_settings
from recommender.data import Ratings, load_ratings
from recommender.data.fetching.progress import terminal_progress
from recommender.replay.results import Tables, day_of, folder_for
from recommender.replay.summary import ageing, all_in_all, of_known_viewers, over_time, stars_over_time, worth_of_age
from recommender.runs.progress_log import DONE, ProgressLog, open_progress_log

if TYPE_CHECKING:
    from recommender.replay.run import Request


def replay(
    data: Annotated[str, typer.Argument(help="A bundle's folder, or a data set as `train --data` takes it.")],
    every: Annotated[str, typer.Option(help="Length of a step: a number and d, w, m or y, as 30d or 1y.")],
    model: Annotated[
        str | None, typer.Option(help="A model of the zoo; that of the bundle, or else the flagship, if not given.")
    ] = None,
    min_ratings: Annotated[
        int, typer.Option(help="Of a data set: leave out titles that were rated fewer times.", min=1)
    ] = 1,
    seed: Annotated[int, typer.Option(help="Of trainings and of the draw of viewers.", min=0, max=2**32 - 1)] = 42,
    replaced: Annotated[
        list[str] | None, typer.Option("--set", help="SETTING=VALUE, the value as json; repeat for each setting.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder for what is found; .replays beside the bundle if not given.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove what another replay has left in the folder.")
    ] = False,
    progress_file: Annotated[
        Path | None,
        typer.Option("--progress", help="A file to note progress in, as lines of json, for others to read."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Train a snapshot at each step on what was known by then, and ask it about what came next.

    What has been found is kept: a replay that was interrupted goes on where it stopped.
    """
    with open_progress_log(progress_file) as log:
        settings = read_settings(replaced or ())
        log.phase("reading")
        ratings, usual = _data_and_model(data, min_ratings)
        log.phase("starting")
        import_tensorflow()
        from recommender.models.zoo import find_model
        from recommender.replay.run import Request
        from recommender.replay.run import replay as run_replay

        model = model or usual
        find_model(model).configure(settings)
        bundle = Path(data).expanduser()
        place = out or folder_for(bundle if _is_bundle(bundle) else MODEL_STORE / f"{ratings.name}-{model}-{every}")
        asked, report = Request(model, every, seed, settings), _Report(log)
        found = run_replay(ratings, asked, place, report.note, replace=replace)
        log.end(DONE)
    _print_found(found, asked, ratings, place, as_json=as_json)


class _Report:
    """Says how far a replay is, in the terminal and in a log, in which a snapshot is an epoch of one step."""

    def __init__(self, log: ProgressLog) -> None:
        self._log, self._done, self._began = log, -1, time.monotonic()

    def note(self, what: str, done: int, of: int) -> None:
        """See `replay.run.Report`."""
        errors.print(f"{done} of {of}  {what}")
        if self._done < 0:
            self._log.phase("training")
            self._log.plan(of, 1)
            self._done = 0
        if done > self._done:
            now = time.monotonic()
            self._log.epoch(done, {}, now - self._began)
            self._done, self._began = done, now


def _print_found(found: Tables, asked: "Request", ratings: Ratings, place: Path, *, as_json: bool) -> None:
    model, every = asked.model, asked.every
    systems = [model, *(name for name in found.figures["system"].unique() if name != model)]
    curve, whole, aged = over_time(found.figures), all_in_all(found.figures), ageing(found.figures, model)
    stars = stars_over_time(found.watched)
    off_by = dict(zip(stars["start"].tolist(), stars["rmse"].tolist(), strict=True))
    table = Table(
        "step from", "viewers", *systems, "stars off by", title=f"{NAMES['ndcg_at_10']} at the start of each step"
    )
    for start in sorted(set(curve["start"].tolist())):
        rows = {row["system"]: row for row in curve[curve["start"] == start].to_dict("records")}
        cells = [f"{rows[name]['mean']:.3f}" if name in rows else "" for name in systems]
        table.add_row(day_of(start), f"{max(row['n'] for row in rows.values()):,}", *cells, _off_by(off_by.get(start)))
    table.add_section()
    rows = {row["system"]: row for row in whole.to_dict("records")}
    cells = [f"{rows[name]['mean']:.3f} ({rows[name]['low']:.3f}-{rows[name]['high']:.3f})" for name in systems]
    table.add_row("all", f"{max(row['n'] for row in rows.values()):,}", *cells, "")
    known = {row["system"]: row for row in all_in_all(of_known_viewers(found.figures)).to_dict("records")}
    if model in known:
        cells = [f"{known[name]['mean']:.3f}" if name in known else "" for name in systems]
        table.add_row("who had rated", f"{known[model]['n']:,}", *cells, "")
    old = Table("age, steps", "questions", str(NAMES["ndcg_at_10"]), "of a new one", "kept", title="How fast it ages")
    for row in aged.to_dict("records"):
        old.add_row(
            f"{row['age']}",
            f"{row['n']:,}",
            f"{row['mean']:.3f}",
            f"{row['fresh']:.3f}",
            "" if math.isnan(row["kept"]) else f"{row['kept']:.0%}",
        )
    facts: dict[str, Any] = {
        "replay": str(place),
        "model": model,
        "over_time": _records(curve),
        "all": _records(whole),
        "ageing": _records(aged),
        "stars": _records(stars),
    }
    print_found(facts, as_json, table, old, worth_of_age(aged, every), f"{model} on {ratings.name}, in {place}")


def _data_and_model(data: str, min_ratings: int) -> tuple[Ratings, str]:
    """The ratings, and the name of the model that is replayed unless another is asked for."""
    with terminal_progress(errors) as progress:
        if _is_bundle(Path(data).expanduser()):
            manifest = read_manifest(Path(data).expanduser())
            return load_data_of(manifest.data, progress=progress), manifest.model
        return load_ratings(data, min_ratings=min_ratings, progress=progress), "flagship"


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows for json, which has no word for what is not a number."""
    return [
        {str(name): None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _off_by(stars: float | None) -> str:
    """An error in stars; nothing of a model that predicts none."""
    return "" if stars is None or math.isnan(stars) else f"{stars:.3f}"


def _is_bundle(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()
