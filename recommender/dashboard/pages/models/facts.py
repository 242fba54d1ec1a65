"""What a bundle is: its facts and its settings, as text."""

from collections.abc import Mapping
from textwrap import wrap
from typing import TYPE_CHECKING

import pandas as pd

from recommender.dashboard.drawing.words import day, setting_text

if TYPE_CHECKING:
    from recommender.bundle.manifest import Manifest


_DIGITS = 16  # of a digest in one piece, which the table can break between


def facts_of(manifest: "Manifest") -> dict[str, str]:
    """What a bundle says of itself, fact by fact, as it is written on the page."""
    data, split, training, sizes = manifest.data, manifest.split, manifest.training, manifest.sizes
    span = f", {day(training.first_moment)} to {day(training.last_moment)}" if data.has_timestamps else ""
    run = training.epochs_run
    epochs = f", {run} epoch{'s' * (run > 1)}, best {training.best_epoch}" if run else ""
    rare = f"; titles rated fewer than {data.min_ratings} times left out" if data.min_ratings > 1 else ""
    return {
        "Model": f"{manifest.model}, preset {manifest.preset}",
        "What it is": manifest.description,
        "Trained for": " and ".join(manifest.tasks),
        "Reads": ", ".join(manifest.inputs) or "nothing but the counts",
        "Data": f"{data.name}: {data.n_interactions:,} ratings, {data.n_users:,} viewers, "
        f"{data.n_titles:,} titles{span}{rare}",
        "Data checksum": data.checksum[:16],
        "Split": f"{split.name}, seed {split.seed}: {split.n_train:,} train, {split.n_validation:,} validation, "
        f"{split.n_test:,} test",
        "Training": f"seed {training.seed}, {training.seconds:,.0f} s{epochs}",
        "Finished": training.finished_at[:16].replace("T", " ") + " UTC",
        "Size": f"{sizes.n_parameters:,} parameters, {sizes.bytes / 1e6:.1f} MB",
        "Index": str(manifest.index),
        "Versions": ", ".join(f"{name} {number}" for name, number in manifest.versions.items()),
        "Digest of the bundle": " ".join(wrap(manifest.seal, _DIGITS)),
        "Weights checksum": next(
            (checksum[:16] for name, checksum in manifest.files.items() if "variables.data" in name), "none"
        ),
    }


def settings_table(manifests: Mapping[str, "Manifest"]) -> pd.DataFrame:
    """The settings of one or two models, those that differ first.

    Returns:
      Indexed by setting, a column of text for each model; empty where a model has none of that name.
    """
    settings = {name: manifest.configuration for name, manifest in manifests.items()}
    rows = list(dict.fromkeys(row for configuration in settings.values() for row in configuration))
    table = pd.DataFrame(
        {
            name: [setting_text(configuration[row]) if row in configuration else "" for row in rows]
            for name, configuration in settings.items()
        },
        index=rows,
    )
    differs = differing(table)
    return pd.concat([table[differs], table[~differs]])


def differing(table: pd.DataFrame) -> pd.Series:
    """Which settings of a `settings_table` are not the same in all its columns."""
    return pd.Series([len(set(row)) > 1 for row in table.to_numpy().tolist()], index=table.index, dtype=bool)
