"""Writes a finished bundle anew with more in it; the model stays as it is, byte for byte."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recommender.bundle.manifest import IDENTIFIERS, LEARNING_CURVES, Manifest
from recommender.bundle.reader import Bundle
from recommender.bundle.writer import write_bundle


def amend(bundle: Bundle, facts: Mapping[str, Any], files: Sequence[Path] = ()) -> Manifest:
    """Replaces a bundle's folder in one step.

    Args:
      bundle: as it is.
      facts: field of the manifest -> its new value.
      files: beside the model; one of a name that is there takes its place.

    Returns:
      The manifest as written.

    Raises:
      BundleError: if the bundle cannot be written.
    """
    before = bundle.manifest
    written = {IDENTIFIERS, LEARNING_CURVES, *(file.name for file in files)}
    others = [bundle.path / name for name in before.files if "/" not in name and name not in written]
    return write_bundle(
        bundle.path,
        save_model=lambda to: _copy_folder(bundle.saved_model, to),
        identifiers=bundle.identifiers,
        learning_curves=bundle.learning_curves,
        describe=lambda checksums, size: before.model_copy(
            update={"files": checksums, "sizes": before.sizes.model_copy(update={"bytes": size}), **facts}
        ),
        more_files=[*others, *files],
    )


def _copy_folder(source: Path, to: Path) -> None:
    shutil.copytree(source, to)
