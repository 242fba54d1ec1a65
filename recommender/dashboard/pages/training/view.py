"""What the page Training shows of a model, worked out from its bundle, its ratings and the chosen moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from recommender.dashboard.bundles import exams
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import day, reference_name, sentence_case, setting_text

if TYPE_CHECKING:
    from recommender.bundle.manifest import Manifest
    from recommender.serving.recommender import Recommender

_TOTAL = "total_loss"
# metric of the learning curves -> heading and d3 format; others are left to the csv
CURVES = {
    _TOTAL: ("Loss", ".2f"),
    "retrieval_loss": ("Retrieval loss", ".2f"),
    "rating_loss": ("Rating loss", ".2f"),
    "rmse": ("RMSE, stars", ".3f"),
    "top_100_unseen": ("Found in the first 100 unseen", ".1%"),
    "top_10_unseen": ("Found in the first 10 unseen", ".1%"),
    "ndcg_at_10": ("NDCG@10", ".3f"),
}
# row of the table of figures -> where a manifest holds it, and how it is written
_FIGURES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "RMSE, stars": (("rmse",), ".3f"),
    "MAE, stars": (("mae",), ".3f"),
    "NDCG@10": (("ndcg_at_10",), ".3f"),
    "Recall@10": (("recall_at_10",), ".3f"),
    "Found in the first 10 unseen": (("top_k_unseen", "10"), ".1%"),
    "Found in the first 100 unseen": (("top_k_unseen", "100"), ".1%"),
    "Found in the first 100 of all": (("top_k_all", "100"), ".1%"),
    "Coverage@10": (("coverage_at_10",), ".1%"),
    "Novelty@10, bits": (("novelty_at_10",), ".1f"),
}
# bar of the picture beside a reference -> where a manifest holds it
_SHARES = {
    **{f"In the first {k}": ("top_k_unseen", str(k)) for k in (1, 5, 10, 50, 100)},
    "NDCG@10": ("ndcg_at_10",),
    "Coverage@10": ("coverage_at_10",),
}
_WEEK_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True)
class Curve:
    """A learning curve.

    Attributes:
      metric: its name in the bundle.
      heading: what it is called on the page.
      number_format: of its values, for d3.
      frame: `epoch`, `phase`, `metric`, `value`.
    """

    metric: str
    heading: str
    number_format: str
    frame: pd.DataFrame


@dataclass(frozen=True)
class BesideReference:
    """The model's shares of the test part beside those of a reference: `metric`, `model`, `reference`; may be empty."""

    reference: str
    shares: pd.DataFrame


@dataclass(frozen=True)
class RatingsByWeek:
    """The ratings over the span of the data.

    Attributes:
      weeks: `week` (UTC) and `ratings`.
      n_by_then: how many were given by the chosen moment.
      n: how many there are.
    """

    weeks: pd.DataFrame
    n_by_then: int
    n: int


@dataclass(frozen=True)
class LearnedView:
    """What the page shows of a model; sentences and facts are Markdown.

    Attributes:
      manifest: the model's.
      chosen: what is chosen in the bar.
      verdict: what it reached on the test part, in a sentence.
      curves: how it learned.
      figures: the table of final figures, as text: `Figure`, then a column for each part and each reference.
      figures_note: what the columns are measured on.
      beside_reference: its shares beside those of the first reference; None without a reference or a test part.
      data: what it was trained on, in sentences.
      ratings: when they were given; None without ratings or times.
      provenance: what was trained, when, how and with which versions.
      settings: its settings, as plain text.
    """

    manifest: "Manifest"
    chosen: Choices
    verdict: str
    curves: tuple[Curve, ...]
    figures: pd.DataFrame
    figures_note: str
    beside_reference: BesideReference | None
    data: str
    ratings: RatingsByWeek | None
    provenance: Mapping[str, str]
    settings: Mapping[str, str]


def learned_view(recommender: "Recommender", chosen: Choices) -> LearnedView:
    """Works out what the page shows of a model."""
    manifest = recommender.manifest
    references = {name: row for name, row in manifest.references.items() if name != manifest.model}
    return LearnedView(
        manifest=manifest,
        chosen=chosen,
        verdict=_verdict(manifest, references),
        curves=_curves(recommender.learning_curves),
        figures=_figures(manifest, references),
        figures_note=_figures_note(references),
        beside_reference=_beside_reference(manifest, references),
        data=_data(recommender),
        ratings=_ratings_by_week(recommender, chosen.at),
        provenance=_provenance(manifest, recommender.index_note),
        settings={name: setting_text(value) for name, value in manifest.configuration.items()},
    )


def _verdict(manifest: "Manifest", references: Mapping[str, Any]) -> str:
    test = manifest.metrics.get("test", {})
    parts = []
    share = exams.figure(test, "top_k_unseen", "100")
    if share is not None:
        others = {name: exams.figure(row, "top_k_unseen", "100") for name, row in references.items()}
        beside = next(
            (f" (a list by {escape(name)}: {other:.0%})" for name, other in others.items() if other is not None), ""
        )
        parts.append(
            f"Of {manifest.split.n_test:,} ratings it never saw, **{share:.0%}** are of a title among the first "
            f"hundred of {manifest.data.n_titles:,} that it would have listed{beside}"
        )
    rmse = exams.figure(test, "rmse")
    if rmse is not None:
        parts.append(f"its predicted stars are off by **{rmse:.2f}** (root mean square)")
    return "; ".join(parts) + "." if parts else "This bundle holds no final figures."


def _curves(curves: pd.DataFrame) -> tuple[Curve, ...]:
    metrics = [metric for metric in CURVES if metric in set(curves["metric"])]
    losses = [metric for metric in metrics if metric.endswith("_loss") and metric != _TOTAL]
    if len(losses) == 1:  # a total of one loss is that one again
        metrics = [metric for metric in metrics if metric != _TOTAL]
    return tuple(Curve(metric, *CURVES[metric], curves[curves["metric"] == metric]) for metric in metrics)


def _figures(manifest: "Manifest", references: Mapping[str, Any]) -> pd.DataFrame:
    parts: list[str] = [part for part in ("train", "validation", "test") if part in manifest.metrics]
    columns: dict[str, Mapping[str, Any]] = {**{part: manifest.metrics[part] for part in parts}, **references}

    def written(figures: Mapping[str, Any], path: tuple[str, ...], number_format: str) -> str:
        value = exams.figure(figures, *path)
        return "" if value is None else f"{value:{number_format}}"

    table = pd.DataFrame(
        {name: [written(row, *figure) for figure in _FIGURES.values()] for name, row in columns.items()},
        index=list(_FIGURES),
    )
    return (
        table.loc[(table != "").any(axis=1), (table != "").any(axis=0)]
        .rename(columns=lambda name: sentence_case(reference_name(name)))
        .rename_axis("Figure")
        .reset_index()
    )


def _figures_note(references: Mapping[str, Any]) -> str:
    note = ""
    if references:
        which = "The reference is" if len(references) == 1 else "The references are"
        note = f"{which} measured on the same test part. "
    if any("told" in name for name in references):
        note += (
            "Columns told the target were asked with the description of the very title to be found: they show what "
            "such a query gives away, not what is known of a viewer. "
        )
    return (
        f"{note}NDCG and recall grow with the number of titles held out of each viewer, so a small validation part "
        "shows less of them than test: compare along a row only what was measured on the same part."
    )


def _beside_reference(manifest: "Manifest", references: Mapping[str, Any]) -> BesideReference | None:
    test = manifest.metrics.get("test")
    if not test or not references:
        return None
    reference = next(iter(references))
    shares = pd.DataFrame(
        [
            {
                "metric": label,
                "model": exams.figure(test, *path),
                "reference": exams.figure(references[reference], *path),
            }
            for label, path in _SHARES.items()
        ]
    )
    return BesideReference(reference, shares.dropna(ignore_index=True))


def _data(recommender: "Recommender") -> str:
    data, split = recommender.manifest.data, recommender.manifest.split
    span = f", {day(recommender.first_moment)} to {day(recommender.last_moment)}" if data.has_timestamps else ""
    return (
        f"**{escape(data.name)}**: {data.n_interactions:,} ratings of {data.n_titles:,} titles by {data.n_users:,} "
        f"viewers{span}, on a scale of {recommender.scale}. Split `{split.name}`, "
        f"seed {split.seed}: {split.n_train:,} to train, {split.n_validation:,} to validate, {split.n_test:,} to test."
    )


def _ratings_by_week(recommender: "Recommender", at: int) -> RatingsByWeek | None:
    if recommender.ratings is None or not recommender.manifest.has_clock:
        return None
    times = recommender.ratings.interactions["timestamp"]
    weeks = (times - times.min()) // _WEEK_SECONDS * _WEEK_SECONDS + times.min()
    counts = weeks.value_counts().sort_index()
    frame = pd.DataFrame({"week": pd.to_datetime(counts.index, unit="s", utc=True), "ratings": counts.to_numpy()})
    return RatingsByWeek(frame, int((times <= at).sum()), len(times))


def _provenance(manifest: "Manifest", index_note: str) -> dict[str, str]:
    training, sizes = manifest.training, manifest.sizes
    epochs = f"epochs {training.epochs_run}, best {training.best_epoch}" if training.epochs_run else "in closed form"
    parameters = f"{sizes.n_parameters:,} parameters, " if sizes.n_parameters else ""
    return {
        "Model": escape(manifest.model),
        "What it is": escape(manifest.description),
        "Finished": _finished(training.finished_at),
        "Trained for": escape(" and ".join(manifest.tasks)),
        "Reads": escape(", ".join(manifest.inputs)) or "nothing but the counts",
        "Preset": escape(manifest.preset),
        "Took": f"{training.seconds:,.0f} s, {epochs}, seed {training.seed}",
        "Size": f"{parameters}{sizes.bytes / 1e6:.1f} MB on disk",
        "Index": f"{escape(str(manifest.index))}. {index_note}" if index_note else escape(str(manifest.index)),
        "Data checksum": f"`{manifest.data.checksum[:16]}`",
        "Versions": ", ".join(f"{escape(name)} {escape(number)}" for name, number in manifest.versions.items()),
    }


def _finished(text: str) -> str:
    try:
        return datetime.fromisoformat(text).strftime("%-d %b %Y, %H:%M UTC")
    except ValueError:
        return escape(text)
