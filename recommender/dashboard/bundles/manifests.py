"""Which bundles there are, and what their manifests say; no model is loaded."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from recommender.bundle import MANIFEST, READABLE_VERSIONS, default_bundle
from recommender.bundle.seal import is_whole, read_content
from recommender.errors import BundleError

if TYPE_CHECKING:
    from recommender.bundle.manifest import Manifest


def all_bundles() -> dict[str, Path]:
    """Name -> folder of the default bundle and of the finished ones beside it, the default first."""
    first = default_bundle()
    bundles = {first.name: first}
    if first.parent.is_dir():
        for manifest in sorted(first.parent.glob(f"[!.]*/{MANIFEST}")):  # with a dot: one that is being written
            bundles.setdefault(manifest.parent.name, manifest.parent)
    return bundles


def summary(bundle: Path) -> str:
    """Model, data and day of training in a few words, or that the manifest cannot be read."""
    return _summary(bundle, written_at(bundle))


@lru_cache(maxsize=64)
def _summary(bundle: Path, written_at: int) -> str:
    # Three fields, taken as they are: the bar asks while TensorFlow is imported, and whoever checks a whole manifest
    # has to import pydantic and pandas first.
    try:
        manifest = read_content(bundle / MANIFEST)
        if manifest["schema_version"] in READABLE_VERSIONS and is_whole(manifest):
            return (
                f"{manifest['model']} on {manifest['data']['name']}, trained {manifest['training']['finished_at'][:10]}"
            )
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return "cannot be read; choose it to see why"


def manifest_of(bundle: Path) -> "Manifest":
    """What a bundle says of itself, read once for as long as its manifest is not replaced.

    Raises:
      BundleError: if it cannot be read.
    """
    return _manifest(bundle, written_at(bundle))


@lru_cache(maxsize=64)
def _manifest(bundle: Path, written_at: int) -> "Manifest":
    from recommender.bundle.reader import read_manifest

    return read_manifest(bundle)


def readable_manifests(bundles: Mapping[str, Path]) -> dict[str, "Manifest"]:
    """Name -> manifest, of those that can be read."""
    found = {}
    for name, bundle in bundles.items():
        try:
            found[name] = manifest_of(bundle)
        except BundleError:
            continue
    return found


def refused(bundles: Mapping[str, Path]) -> dict[str, str]:
    """Name -> why, of the bundles whose manifest cannot be read."""
    found = {}
    for name, bundle in bundles.items():
        try:
            manifest_of(bundle)
        except BundleError as error:
            found[name] = str(error)
    return found


def written_at(bundle: Path) -> int:
    """When the bundle was written, in nanoseconds; 0 if there is none."""
    try:
        return (bundle / MANIFEST).stat().st_mtime_ns
    except OSError:
        return 0
