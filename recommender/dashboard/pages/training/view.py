"""What the page Training shows of a model, worked out from its bundle, its ratings and the chosen moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from recommender.bundle.figures import (
    NAMES,
    NOT_MEASURED,
    digits_apart,
    figure,
    figure_rows,
    reference_help,
    reference_name,
    remarks,
    told_rows,
    written,
)
from recommender.dashboard.answers.title_lists import version_of_model
from recommender.dashboard.bundles import exams
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import day, sentence_case, setting_text
from recommender.data.catalogue_limits import cutoffs_of

if TYPE_CHECKING:
    from recommender.bundle.manifest import Manifest
    from recommender.serving.recommender import Recommender

FIGURE = "Figure"  # heading of the first column of the final figures
_TOTAL = "total_loss"
# metric of the learning curves -> heading and d3 format; others are left to the csv
CURVES = {
    _TOTAL: ("Both errors together (loss)", ".2f"),
    "retrieval_loss": ("Errors of the list (retrieval loss)", ".2f"),
    "rating_loss": ("Errors of the stars (rating loss)", ".2f"),
    "rmse": (str(NAMES["rmse"]), ".3f"),
    **{f"top_{k}_unseen": (f"Found in the first {k} unseen", ".1%") for k in (100, 50, 10, 5, 1)},
    "ndcg_at_10": (str(NAMES["ndcg_at_10"]), ".3f"),
}
_ERRORS = (_TOTAL, "retrieval_loss", "rating_loss", "rmse")  # of the curves, those that are better when small
_HIDING = ("dropout", "stranger_share")  # how settings end that hide from a model in training what it reads afterwards
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
      curves_note: why it did worse in training than on validation, where it did; "" elsewhere.
      figures: the table of final figures, as text: `Figure`, then a column for each part and each reference.
      references_help: column -> what the reference does that it is about, by the field's term, too.
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
    curves_note: str
    figures: pd.DataFrame
    references_help: Mapping[str, str]
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
    curves = _curves(recommender.learning_curves)
    return LearnedView(
        manifest=manifest,
        chosen=chosen,
        verdict=_verdict(manifest, references),
        curves=curves,
        curves_note=_curves_note(curves, manifest),
        figures=_figures(manifest, references),
        references_help={_heading(name): sentence_case(says) for name in references if (says := reference_help(name))},
        figures_note=_figures_note(references),
        beside_reference=_beside_reference(manifest, references),
        data=_data(recommender),
        ratings=_ratings_by_week(recommender, chosen.at),
        provenance=_provenance(manifest, recommender.index_note),
        settings={name: setting_text(value) for name, value in manifest.configuration.items()},
    )


def _verdict(manifest: "Manifest", references: Mapping[str, Any]) -> str:
    test, longest = manifest.metrics.get("test", {}), exams.exam_of(manifest).longest
    parts = []
    share = figure(test, "top_k_unseen", str(longest))
    if share is not None:
        found = {name: figure(row, "top_k_unseen", str(longest)) for name, row in references.items()}
        name, other = next(((name, value) for name, value in found.items() if value), ("", 0.0))
        digits = digits_apart(share, [other] if name else [], 100)
        beside = f" ({escape(reference_name(name))}: {other:.{digits}%})" if name else ""
        parts.append(
            f"Of {manifest.split.n_test:,} ratings it never saw, **{share:.{digits}%}** are of a title among the first "
            f"{longest} of {manifest.data.n_titles:,} that it would have listed at the viewer's last known "
            f"moment{beside}"
        )
    rmse = figure(test, "rmse")
    if rmse is not None:
        parts.append(f"{'its' if parts else 'Its'} predicted stars are off by **{rmse:.2f}** (RMSE)")
    said = ["; ".join(parts) + "."] if parts else []
    if "n_test" in test and "top_k_unseen" not in test:
        said.append("An earlier version examined this bundle: what it asked at the last known moment is not complete.")
    said += [escape(remark) for remark in remarks(test, references)]
    return " ".join(said) or "This bundle holds no final figures."


def _curves(curves: pd.DataFrame) -> tuple[Curve, ...]:
    metrics = [metric for metric in CURVES if metric in set(curves["metric"])]
    losses = [metric for metric in metrics if metric.endswith("_loss") and metric != _TOTAL]
    if len(losses) == 1:  # a total of one loss is that one again
        metrics = [metric for metric in metrics if metric != _TOTAL]
    return tuple(Curve(metric, *CURVES[metric], curves[curves["metric"] == metric]) for metric in metrics)


def _curves_note(curves: Sequence[Curve], manifest: "Manifest") -> str:
    """Says what training is measured with and validation is not, where an error is larger in training."""
    if not any(_is_larger_in_training(curve, manifest.training.best_epoch) for curve in curves):
        return ""
    settings = manifest.configuration
    hides = any(bool(value) for name, value in settings.items() if name.endswith(_HIDING))
    hidden = " and parts of what it reads are hidden from it, so that it does not learn by heart" if hides else ""
    averaged = " by the average of its latest weights" if settings.get("average_momentum") else ""
    read = ", with nothing hidden" if hides else ""
    return (
        f"An error may be larger in training: there it is taken while the model still changes{hidden}; on validation "
        f"after the pass{averaged}{read}."
    )


def _is_larger_in_training(curve: Curve, epoch: int) -> bool:
    """Whether a curve of errors stands higher for training than for validation where it was kept."""
    found = curve.frame[curve.frame["epoch"] == epoch].set_index("phase")["value"]
    return (
        curve.metric in _ERRORS and {"train", "validation"} <= set(found.index) and found["train"] > found["validation"]
    )


def _figures(manifest: "Manifest", references: Mapping[str, Any]) -> pd.DataFrame:
    parts: list[str] = [part for part in ("train", "validation", "test") if part in manifest.metrics]
    columns: dict[str, Mapping[str, Any]] = {**{part: manifest.metrics[part] for part in parts}, **references}
    n_titles, stars = manifest.data.n_titles, manifest.rates
    rows = figure_rows(n_titles, stars=stars) | told_rows(n_titles, stars=stars)
    table = pd.DataFrame(
        {name: [written(column, *row) for row in rows.values()] for name, column in columns.items()}, index=list(rows)
    )
    said = ~table.isin(["", NOT_MEASURED])
    return (
        table.loc[(table != "").any(axis=1), said.any(axis=0)]
        .rename(columns=_heading)
        .rename_axis(FIGURE)
        .reset_index()
    )


def _heading(name: str) -> str:
    """A part or a reference as the head of a column."""
    return sentence_case(reference_name(name))


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
        f"{note}Each question is put at the viewer's last known moment; in the rows *held-out* it is told the second "
        "of the held-out rating, as many tutorials ask. What is right of ten (NDCG) and found of a viewer's titles "
        "(recall) grows with the number of titles held out of each viewer, so a small validation part shows less of "
        "them than test: compare along a row only what was measured on the same part."
    )


def _beside_reference(manifest: "Manifest", references: Mapping[str, Any]) -> BesideReference | None:
    test = manifest.metrics.get("test")
    if not test or not references:
        return None
    reference = next(iter(references))
    bars = {
        **{f"In the first {k}": ("top_k_unseen", str(k)) for k in cutoffs_of(manifest.data.n_titles)},
        **{str(NAMES[key]): (key,) for key in ("ndcg_at_10", "liked_ndcg_at_10", "coverage_at_10")},
    }
    shares = pd.DataFrame(
        [
            {
                "metric": label,
                "model": figure(test, *path),
                "reference": figure(references[reference], *path),
            }
            for label, path in bars.items()
        ]
    )
    return BesideReference(reference, shares.dropna(ignore_index=True))


def _data(recommender: "Recommender") -> str:
    data, split = recommender.manifest.data, recommender.manifest.split
    span = f", {day(recommender.first_moment)} to {day(recommender.last_moment)}" if data.has_timestamps else ""
    rare = f"; titles rated fewer than {data.min_ratings} times are left out" if data.min_ratings > 1 else ""
    what, scale = ("ratings", f"on a scale of {recommender.scale}") if data.has_ratings else ("rows", "without ratings")
    return (
        f"**{escape(data.name)}**: {data.n_interactions:,} {what} of {data.n_titles:,} titles by {data.n_users:,} "
        f"viewers{span}, {scale}{rare}. Split `{split.name}`, "
        f"seed {split.seed}: {split.n_train:,} to train, {split.n_validation:,} to validate, {split.n_test:,} to test."
        f"{_repeats(recommender.manifest.metrics.get('test', {}))}"
    )


def _repeats(test: Mapping[str, Any]) -> str:
    repeated, ties = figure(test, "n_repeated"), figure(test, "n_ties")
    if repeated is None or ties is None:
        return ""
    return (
        f" Of these, {repeated:,.0f} repeat a pair that was learned from, and {ties:,.0f} share viewer and second with "
        "a rating that was learned from."
    )


def _ratings_by_week(recommender: "Recommender", at: int) -> RatingsByWeek | None:
    if recommender.ratings is None or not recommender.manifest.has_clock:
        return None
    times = recommender.ratings.timestamps
    frame = _weeks(recommender, version_of_model(recommender))
    return RatingsByWeek(frame, int((times <= at).sum()), len(times))


@st.cache_resource(max_entries=4, show_spinner=False)
def _weeks(_recommender: "Recommender", version: str) -> pd.DataFrame:
    """How many ratings each week has; shared by all, so never changed."""
    assert _recommender.ratings is not None
    times = pd.Series(_recommender.ratings.timestamps)
    weeks = (times - times.min()) // _WEEK_SECONDS * _WEEK_SECONDS + times.min()
    counts = weeks.value_counts().sort_index()
    return pd.DataFrame({"week": pd.to_datetime(counts.index, unit="s", utc=True), "ratings": counts.to_numpy()})


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
