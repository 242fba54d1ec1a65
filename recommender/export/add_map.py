"""Puts a map of the catalogue into a bundle: at export, or into one that is finished."""

import importlib.metadata
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf

from recommender.bundle.manifest import CATALOGUE_MAP, Manifest, MapFacts
from recommender.bundle.program import load_program
from recommender.bundle.reader import read_bundle
from recommender.bundle.signatures import AT_REST, STRANGER
from recommender.bundle.writer import disk_errors
from recommender.data.atomic import draft_folder
from recommender.data.catalogue_limits import MOST_TITLES_MAPPED
from recommender.data.ranking import best_rows
from recommender.errors import BundleError
from recommender.export.amend import amend
from recommender.export.catalogue_map import draw_map

_LIBRARY = "scikit-learn"


def write_map(
    signatures: Mapping[str, Any], item_ids: tuple[str, ...], last_moment: int, folder: Path
) -> tuple[MapFacts | None, list[Path]]:
    """Draws the map of a model's catalogue and saves it.

    Of a catalogue too long for a map, the titles are those that the model recommends first to a stranger at the last
    moment: as a bundle holds no counts, that comes nearest to the most popular ones.

    Args:
      signatures: of a model in memory or of a loaded SavedModel; see `ServedModel`.
      item_ids: [n_titles] the catalogue.
      last_moment: UTC seconds.
      folder: where the file is written.

    Returns:
      What is to be said of it, and its file; None and none where there is nothing to map (see `draw_map`).
    """
    started = time.perf_counter()
    rows = np.arange(len(item_ids), dtype=np.int32)
    if len(rows) > MOST_TITLES_MAPPED:
        rows = np.sort(_first_for_a_stranger(signatures, last_moment, MOST_TITLES_MAPPED))
    drawn = draw_map(signatures["embed"](items=tf.constant(rows))["candidates"].numpy())
    if drawn is None:
        return None, []
    file = folder / CATALOGUE_MAP
    ids = np.array(item_ids, dtype=object)[rows]
    frame = pd.DataFrame({"item_id": ids, "x": drawn.places[:, 0], "y": drawn.places[:, 1]})
    frame.to_csv(file, index=False, lineterminator="\n")
    facts = MapFacts(
        n_titles=len(rows),
        trustworthiness=round(drawn.trustworthiness, 4),
        neighbours=drawn.neighbours,
        perplexity=round(drawn.perplexity, 3),
        seed=drawn.seed,
        seconds=round(time.perf_counter() - started, 1),
    )
    return facts, [file]


def add_map(path: Path) -> Manifest:
    """Gives a finished bundle its map, or a new one; everything else in it stays as it is, byte for byte.

    Args:
      path: the bundle's folder, which is replaced in one step.

    Returns:
      The manifest as written.

    Raises:
      BundleError: if the bundle cannot be read or written, or its titles lie in no space that could be mapped.
    """
    bundle = read_bundle(path)
    before = bundle.manifest
    model = load_program(bundle)
    with disk_errors(path), draft_folder(path) as folder:
        facts, files = write_map(model.signatures, bundle.identifiers.item_ids, before.training.last_moment, folder)
        if facts is None:
            raise BundleError(f"{path}: its titles lie in no space that could be mapped; it is left as it was.")
        versions = {**before.versions, _LIBRARY: importlib.metadata.version(_LIBRARY)}
        return amend(bundle, {"versions": versions, "map": facts}, files)


def _first_for_a_stranger(signatures: Mapping[str, Any], moment: int, k: int) -> np.ndarray:
    """[k] catalogue rows."""
    answer = signatures["score"](
        viewer=tf.constant([STRANGER], tf.int32),
        at=tf.constant([moment], tf.int64),
        **{name: tf.constant(nothing) for name, nothing in AT_REST.items()},
    )
    return best_rows(answer["scores"].numpy(), k)[0].astype(np.int32)
