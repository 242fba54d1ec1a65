"""Reads a bundle whole; why one is refused stands in `checks`."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from recommender.bundle import checks
from recommender.bundle.manifest import CATALOGUE_MAP, IDENTIFIERS, LEARNING_CURVES, SAVED_MODEL, Identifiers, Manifest
from recommender.bundle.signing import check_signature
from recommender.errors import BundleError


@dataclass(frozen=True)
class Bundle:
    """A verified bundle on disk.

    Attributes:
      path: its folder.
      manifest: what it says of itself.
      identifiers: users and titles by model row.
      learning_curves: columns `epoch` int, `phase` ("train" or "validation"), `metric` str, `value` float.
      catalogue_map: columns `item_id` str, `x` and `y` float in [-1, 1]: places of titles on a plane; None without.
    """

    path: Path
    manifest: Manifest
    identifiers: Identifiers
    learning_curves: pd.DataFrame
    catalogue_map: pd.DataFrame | None = None

    @property
    def saved_model(self) -> Path:
        """The folder that `tf.saved_model.load` takes."""
        return self.path / SAVED_MODEL


def read_manifest(path: Path) -> Manifest:
    """Reads what a bundle says of itself, without looking at its other files.

    Args:
      path: the bundle's folder.

    Raises:
      BundleError: if there is no bundle, or its manifest is of another schema version or not readable, or its
        signature is not that of somebody who is trusted, where signatures are asked for.
    """
    manifest = checks.parsed_manifest(path)
    check_signature(path, manifest.seal)
    return manifest


def read_bundle(path: Path) -> Bundle:
    """Reads a bundle and verifies every file of it.

    Args:
      path: the bundle's folder.

    Returns:
      The bundle; one that is replaced meanwhile is read again, so it is wholly the old one or the new one.

    Raises:
      BundleError: if it is missing, damaged or of another version; the message names the file.
    """
    while True:
        manifest = read_manifest(path)
        try:
            checks.check_bundle(path, manifest)
            bundle = _read_files(path, manifest)
            checks.check_parts(path, manifest, bundle)
        except BundleError:
            if read_manifest(path) == manifest:
                raise
        else:
            if read_manifest(path) == manifest:
                return bundle


def _read_files(path: Path, manifest: Manifest) -> Bundle:
    try:
        identifiers = Identifiers.model_validate_json((path / IDENTIFIERS).read_bytes())
        places = (
            pd.read_csv(path / CATALOGUE_MAP, dtype={"item_id": str}, keep_default_na=False)
            if CATALOGUE_MAP in manifest.files
            else None
        )
        return Bundle(path, manifest, identifiers, pd.read_csv(path / LEARNING_CURVES), places)
    except (OSError, ValueError, RecursionError) as error:
        raise checks.refusal(f"{path}: cannot be read ({error})") from error
