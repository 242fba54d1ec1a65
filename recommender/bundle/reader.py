"""Reads a bundle, and refuses one that is not what its manifest says."""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from recommender.bundle.manifest import (
    CATALOGUE_MAP,
    IDENTIFIERS,
    LEARNING_CURVES,
    MANIFEST,
    SAVED_MODEL,
    SCHEMA_VERSION,
    Identifiers,
    Manifest,
    sha256_of,
)
from recommender.errors import BundleError

_REMEDY = "train it again with `python -m recommender train MODEL --out DIR`, or name another bundle"


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

    Raises:
      BundleError: if there is no bundle, or its manifest is of another schema version or not readable.
    """
    file = path / MANIFEST
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BundleError(f"{path}: there is no bundle here ({MANIFEST} is missing); {_REMEDY}.") from None
    except (OSError, ValueError) as error:
        raise BundleError(f"{file}: cannot be read ({error}); {_REMEDY}.") from error
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version != SCHEMA_VERSION:
        raise BundleError(f"{file}: schema version {version}, this program reads {SCHEMA_VERSION}; {_REMEDY}.")
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BundleError(f"{file}, {where}: {first['msg']}; {_REMEDY}.") from error


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
            bundle = _read_rest(path, manifest)
        except BundleError:
            if read_manifest(path) == manifest:
                raise
        else:
            if read_manifest(path) == manifest:
                return bundle


def _read_rest(path: Path, manifest: Manifest) -> Bundle:
    for name, checksum in manifest.files.items():
        file = path / name
        try:
            found = sha256_of(file)
        except OSError:
            raise BundleError(f"{file}: is missing or cannot be read; {_REMEDY}.") from None
        if found != checksum:
            raise BundleError(
                f"{file}: its checksum is {found[:12]}..., the manifest says {checksum[:12]}...; "
                f"the file was changed or damaged; {_REMEDY}."
            )
    try:
        identifiers = Identifiers.model_validate_json((path / IDENTIFIERS).read_bytes())
        places = (
            pd.read_csv(path / CATALOGUE_MAP, dtype={"item_id": str}, keep_default_na=False)
            if CATALOGUE_MAP in manifest.files
            else None
        )
        return Bundle(path, manifest, identifiers, pd.read_csv(path / LEARNING_CURVES), places)
    except (OSError, ValueError) as error:
        raise BundleError(f"{path}: cannot be read ({error}); {_REMEDY}.") from error
