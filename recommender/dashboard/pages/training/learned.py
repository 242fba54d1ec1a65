"""The page Training: how the model learned, what it reached, and what it was trained on."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from recommender import charts
from recommender.dashboard.bundles import exams
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.drawing import pictures
from recommender.dashboard.drawing.words import day, escape, reference_name, sentence_case
from recommender.dashboard.pages.training import download

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
_MOST_NARROW_REFERENCES = 2  # with more, the table of figures takes the whole width
_WEEK_SECONDS = 7 * 24 * 3600


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the page below the bar."""
    manifest = recommender.manifest
    verdict = _verdict(manifest)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(f"How {escape(manifest.model)} was trained", anchor=False, width="stretch")
        menu = st.container(width="content")
    st.markdown(verdict)
    curves = _draw_curves(recommender.learning_curves, manifest)
    beside_each_other = len(manifest.references) <= _MOST_NARROW_REFERENCES
    figures, picture = st.columns([3, 4], gap="large") if beside_each_other else (st.container(), st.container())
    reference = next((name for name in manifest.references if name != manifest.model), None)
    with figures:
        table = _draw_figures(manifest)
    with picture:
        _draw_shares(manifest, reference)
    data = _draw_data(recommender, options)
    settings = {name: _plain(value) for name, value in manifest.configuration.items()}
    provenance = _draw_provenance(manifest, recommender.index_note, settings)
    with menu:
        download_menu.draw(
            download.download(recommender, options, (verdict, data), curves, table, provenance, settings)
        )


def _verdict(manifest: "Manifest") -> str:
    test = manifest.metrics.get("test", {})
    parts = []
    share = exams.figure(test, "top_k_unseen", "100")
    if share is not None:
        parts.append(
            f"Of {manifest.split.n_test:,} ratings it never saw, **{share:.0%}** are of a title among the first "
            f"hundred of {manifest.data.n_titles:,} that it would have listed"
        )
        for name, row in manifest.references.items():
            other = exams.figure(row, "top_k_unseen", "100")
            if other is not None and name != manifest.model:
                parts[-1] += f" (a list by {escape(name)}: {other:.0%})"
                break
    rmse = exams.figure(test, "rmse")
    if rmse is not None:
        parts.append(f"its predicted stars are off by **{rmse:.2f}** (root mean square)")
    return "; ".join(parts) + "." if parts else "This bundle holds no final figures."


def _draw_curves(curves: pd.DataFrame, manifest: "Manifest") -> dict[str, tuple[pd.DataFrame, str]]:
    """Draws the curves; returns those drawn: heading -> its frame and the format of its values."""
    st.subheader("Learning curves", anchor=False)
    options = [metric for metric in CURVES if metric in set(curves["metric"])]
    losses = [metric for metric in options if metric.endswith("_loss") and metric != _TOTAL]
    shown = [metric for metric in options if metric != _TOTAL or len(losses) != 1]  # a total of one is that one again
    if not shown:
        closed = not manifest.training.epochs_run
        st.caption("Solved in closed form: nothing to draw." if closed else "This bundle holds no learning curves.")
        return {}
    drawn = {}
    st.caption(
        f"Training beside validation, epoch by epoch; the amber rule is epoch {manifest.training.best_epoch}, "
        f"the best of {manifest.training.epochs_run} and the one that was kept."
    )
    with st.grid(4, min_column_width=165, gap="medium") as grid:
        for metric in shown:
            heading, number_format = CURVES[metric]
            with grid.cell():
                st.markdown(f"**{heading}**")
                frame = curves[curves["metric"] == metric]
                drawn[heading] = frame, number_format
                pictures.show(
                    "learning_curve",
                    frame,
                    manifest.training.best_epoch,
                    heading,
                    number_format,
                    key=f"curve_{metric}",
                    alt=f"{heading} by epoch, training and validation; best epoch {manifest.training.best_epoch}",
                    built_for=tuple(frame["phase"].unique()),
                )
    return drawn


def _draw_figures(manifest: "Manifest") -> pd.DataFrame:
    st.subheader("Final figures", anchor=False)
    parts: list[str] = [part for part in ("train", "validation", "test") if part in manifest.metrics]
    columns: dict[str, dict[str, Any]] = {part: manifest.metrics[part] for part in parts}
    columns.update({name: row for name, row in manifest.references.items() if name != manifest.model})
    rows: dict[str, tuple[tuple[str, ...], str]] = {
        "RMSE, stars": (("rmse",), "{:.3f}"),
        "MAE, stars": (("mae",), "{:.3f}"),
        "NDCG@10": (("ndcg_at_10",), "{:.3f}"),
        "Recall@10": (("recall_at_10",), "{:.3f}"),
        "Found in the first 10 unseen": (("top_k_unseen", "10"), "{:.1%}"),
        "Found in the first 100 unseen": (("top_k_unseen", "100"), "{:.1%}"),
        "Found in the first 100 of all": (("top_k_all", "100"), "{:.1%}"),
        "Coverage@10": (("coverage_at_10",), "{:.1%}"),
        "Novelty@10, bits": (("novelty_at_10",), "{:.1f}"),
    }
    table = pd.DataFrame(
        {
            name: [
                "" if (value := exams.figure(figures, *path)) is None else text.format(value)
                for path, text in rows.values()
            ]
            for name, figures in columns.items()
        },
        index=list(rows),
    )
    table = (
        table.loc[(table != "").any(axis=1), (table != "").any(axis=0)]
        .rename(columns=lambda name: sentence_case(reference_name(name)))
        .rename_axis("Figure")
    )
    figures = table.reset_index()
    # Not a table of Markdown: on a phone one that is too wide scrolls, and no key would reach it.
    st.dataframe(
        figures,
        hide_index=True,
        height="content",
        placeholder="",
        key="figures",
        alt="Final figures of the model on each part, and of the reference",
        column_config={
            "Figure": st.column_config.TextColumn(width=205),
            **{str(name): st.column_config.TextColumn(width=80, alignment="right") for name in table},
        },
    )
    beside = (
        "",
        "The reference is measured on the same test part. ",
        "The references are measured on the same test part. ",
    )[min(len(columns) - len(parts), 2)]
    if any("told" in name for name in manifest.references):
        beside += (
            "Columns told the target were asked with the description of the very title to be found: they show what "
            "such a query gives away, not what is known of a viewer. "
        )
    st.caption(
        f"{beside}NDCG and recall grow with the number of titles held out of each viewer, so a small validation part "
        "shows less of them than test: compare along a row only what was measured on the same part."
    )
    return figures


def _draw_shares(manifest: "Manifest", reference: str | None) -> None:
    test = manifest.metrics.get("test")
    if not test or reference is None:
        return
    st.subheader(f"Beside {escape(reference)}", anchor=False)
    rows = []
    for label, path in {
        "In the first 1": ("top_k_unseen", "1"),
        "In the first 5": ("top_k_unseen", "5"),
        "In the first 10": ("top_k_unseen", "10"),
        "In the first 50": ("top_k_unseen", "50"),
        "In the first 100": ("top_k_unseen", "100"),
        "NDCG@10": ("ndcg_at_10",),
        "Coverage@10": ("coverage_at_10",),
    }.items():
        model, other = exams.figure(test, *path), exams.figure(manifest.references[reference], *path)
        if model is not None and other is not None:
            rows.append({"metric": label, "model": model, "reference": other})
    if rows:
        pictures.draw(
            charts.shares_beside_reference(pd.DataFrame(rows), manifest.model, reference),
            key="shares",
            alt=f"Shares of the test part that {manifest.model} and {reference} find, by length of the list",
        )
        st.caption("Share of held-out ratings whose title is in the list, titles rated before left out.")


def _draw_data(recommender: "Recommender", options: Options) -> str:
    """Draws what there was to learn from; returns it in words."""
    st.subheader("What it was trained on", anchor=False)
    data, split = recommender.manifest.data, recommender.manifest.split
    span = f", {day(recommender.first_moment)} to {day(recommender.last_moment)}" if options.has_clock else ""
    said = (
        f"**{escape(data.name)}**: {data.n_interactions:,} ratings of {data.n_titles:,} titles by {data.n_users:,} "
        f"viewers{span}, on a scale of {recommender.scale}. Split `{split.name}`, "
        f"seed {split.seed}: {split.n_train:,} to train, {split.n_validation:,} to validate, {split.n_test:,} to test."
    )
    st.markdown(said)
    if recommender.ratings is None or not options.has_clock:
        return said
    chosen = current.choices(options)
    times = recommender.ratings.interactions["timestamp"]
    weeks = (times - times.min()) // _WEEK_SECONDS * _WEEK_SECONDS + times.min()
    counts = weeks.value_counts().sort_index()
    frame = pd.DataFrame({"week": pd.to_datetime(counts.index, unit="s", utc=True), "ratings": counts.to_numpy()})
    before = int((times <= chosen.at).sum())
    pictures.draw(
        charts.ratings_over_time(
            frame,
            pd.Timestamp(chosen.at, unit="s", tz="UTC"),
            None if chosen.pin is None else pd.Timestamp(chosen.pin, unit="s", tz="UTC"),
        ),
        key="ratings_over_time",
        alt="Ratings a week over the span of the data, with the chosen moment",
    )
    st.caption(
        f"The amber rule is the moment in the bar: {before:,} of the ratings ({before / len(times):.0%}) "
        "were given by then."
    )
    return said


def _draw_provenance(manifest: "Manifest", index_note: str, written: Mapping[str, str]) -> dict[str, str]:
    """Draws where the model comes from and its settings; returns the former, as Markdown."""
    st.subheader("Provenance", anchor=False)
    training, sizes = manifest.training, manifest.sizes
    finished = _when(training.finished_at)
    epochs = f"epochs {training.epochs_run}, best {training.best_epoch}" if training.epochs_run else "in closed form"
    facts, *settings = st.columns([3, 2, 2], gap="large")
    about = {
        "Model": escape(manifest.model),
        "What it is": escape(manifest.description),
        "Finished": finished,
        "Trained for": escape(" and ".join(manifest.tasks)),
        "Reads": escape(", ".join(manifest.inputs)) or "nothing but the counts",
        "Preset": escape(manifest.preset),
        "Took": f"{training.seconds:,.0f} s, {epochs}, seed {training.seed}",
        "Size": (f"{sizes.n_parameters:,} parameters, " if sizes.n_parameters else "")
        + f"{sizes.bytes / 1e6:.1f} MB on disk",
        "Index": f"{escape(str(manifest.index))}. {index_note}" if index_note else escape(str(manifest.index)),
        "Data checksum": f"`{manifest.data.checksum[:16]}`",
        "Versions": ", ".join(f"{escape(name)} {escape(number)}" for name, number in manifest.versions.items()),
    }
    with facts:
        st.table(about, border="horizontal", alt="What was trained, when, and with which versions")
    names = list(written)
    half = (len(names) + 1) // 2
    for column, part in zip(settings, (names[:half], names[half:]), strict=True):
        if part:
            with column:
                st.table(
                    {escape(name): escape(written[name]) for name in part},
                    border="horizontal",
                    alt="Settings the model was trained with",
                )
    return about


def _when(text: str) -> str:
    try:
        return datetime.fromisoformat(text).strftime("%-d %b %Y, %H:%M UTC")
    except ValueError:
        return escape(text)


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
