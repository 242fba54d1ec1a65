"""What a bundle is: its facts beside those of another, to look at and to download."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from recommender.bundle import MANIFEST
from recommender.dashboard.bundles import files
from recommender.dashboard.drawing.words import day, escape

if TYPE_CHECKING:
    from recommender.bundle.manifest import Manifest

_CURVES = "history.csv"


def draw(bundles: Mapping[str, Path], manifests: Mapping[str, "Manifest"], names: Sequence[str]) -> None:
    """Draws what one or two bundles are, and their files to download.

    Args:
      bundles: name -> folder.
      manifests: name -> manifest.
      names: the one or two that are shown.
    """
    st.header("What they are" if len(names) > 1 else "What it is", anchor=False)
    facts, settings = st.columns([1, 1], gap="large")
    with facts:
        table = pd.DataFrame({name: described(manifests[name]) for name in names}).map(escape)
        st.table(table.rename(columns=escape), border="horizontal", alt="Facts of each bundle")
        for name in names:
            _draw_downloads(name, bundles[name])
    with settings:
        _draw_settings({name: manifests[name] for name in names})


def described(manifest: "Manifest") -> dict[str, str]:
    """What a bundle says of itself, fact by fact, as it is written on the page."""
    data, split, training, sizes = manifest.data, manifest.split, manifest.training, manifest.sizes
    span = f", {day(training.first_moment)} to {day(training.last_moment)}" if data.has_timestamps else ""
    run = training.epochs_run
    epochs = f", {run} epoch{'s' * (run > 1)}, best {training.best_epoch}" if run else ""
    return {
        "Model": f"{manifest.model}, preset {manifest.preset}",
        "What it is": manifest.description,
        "Trained for": " and ".join(manifest.tasks),
        "Reads": ", ".join(manifest.inputs) or "nothing but the counts",
        "Data": f"{data.name}: {data.n_interactions:,} ratings, {data.n_users:,} viewers, "
        f"{data.n_titles:,} titles{span}",
        "Data checksum": data.checksum[:16],
        "Split": f"{split.name}, seed {split.seed}: {split.n_train:,} train, {split.n_validation:,} validation, "
        f"{split.n_test:,} test",
        "Training": f"seed {training.seed}, {training.seconds:,.0f} s{epochs}",
        "Finished": training.finished_at[:16].replace("T", " ") + " UTC",
        "Size": f"{sizes.n_parameters:,} parameters, {sizes.bytes / 1e6:.1f} MB",
        "Index": str(manifest.index),
        "Versions": ", ".join(f"{name} {number}" for name, number in manifest.versions.items()),
        "Weights checksum": next(
            (checksum[:16] for name, checksum in manifest.files.items() if "variables.data" in name), "none"
        ),
    }


def settings_table(manifests: Mapping[str, "Manifest"]) -> pd.DataFrame:
    """The settings of one or two models, those that differ first.

    Returns:
      Indexed by setting, a column of text for each model; empty where a model has none of that name.
    """
    names = list(dict.fromkeys(name for manifest in manifests.values() for name in manifest.configuration))
    table = pd.DataFrame(
        {
            of: [_plain(manifest.configuration[name]) if name in manifest.configuration else "" for name in names]
            for of, manifest in manifests.items()
        },
        index=names,
    )
    differs = _differing(table)
    return pd.concat([table[differs], table[~differs]])


def _differing(table: pd.DataFrame) -> pd.Series:
    return pd.Series([len(set(row)) > 1 for row in table.to_numpy().tolist()], index=table.index, dtype=bool)


def _draw_settings(manifests: Mapping[str, "Manifest"]) -> None:
    table = settings_table(manifests)
    if table.empty:
        st.caption("Nothing can be set of it.")
        return
    differing = int(_differing(table).sum())
    st.dataframe(
        table.rename_axis("setting").reset_index(),
        hide_index=True,
        height=13 * 35 + 2 if len(table) > 12 else "content",
        placeholder="",
        key="settings",
        alt="Settings each model was trained with, those that differ first",
        column_config={
            "setting": st.column_config.TextColumn("Setting", width=160),
            **{name: st.column_config.TextColumn(name, width=170) for name in table.columns},
        },
    )
    if len(manifests) > 1:
        st.caption(f"{differing} of {len(table)} settings differ and stand first.")


def _draw_downloads(name: str, bundle: Path) -> None:
    """Draws what can be taken away, or why it cannot.

    A click draws nothing again: a rerun would take away what is being prepared. So where a file goes away between
    drawing and click, the button says that the download failed, and the page why, when it is drawn next.
    """
    found = ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{escape(name)}**", width="content")
        for label, of, data, mime, needed in (
            (
                "Manifest",
                f"{name}-{MANIFEST}",
                partial(files.read, bundle, MANIFEST),
                "application/json",
                (MANIFEST,),
            ),
            ("Learning curves", f"{name}-{_CURVES}", partial(files.read, bundle, _CURVES), "text/csv", (_CURVES,)),
            ("Whole bundle", f"{name}.zip", partial(files.zip_bundle, bundle), "application/zip", ()),
        ):
            flaw = files.flaw(bundle, *needed)
            st.download_button(
                label,
                data,  # called when it is clicked, and not before
                file_name=of,
                mime=mime,
                icon=":material/download:",
                type="tertiary",
                key=f"download_{label}_{name}",
                on_click="ignore",
                disabled=bool(flaw),
            )
            found = found or flaw
    if found:
        st.caption(f":material/report: Not to be downloaded: {escape(found)}")


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
