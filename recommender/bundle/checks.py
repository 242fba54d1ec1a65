"""Why a bundle is refused: every reason stands here.

One is found later: `Recommender.load` refuses a bundle whose files are as they were written and that TensorFlow, or the
library of its index, still cannot load.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
from pydantic import ValidationError

from recommender.bundle import READABLE_VERSIONS, SIGNATURE
from recommender.bundle.earlier_schema import EARLIER_VERSION, brought_up
from recommender.bundle.indexes import KINDS
from recommender.bundle.manifest import (
    CATALOGUE_MAP,
    GRAPH,
    IDENTIFIERS,
    LEARNING_CURVES,
    MANIFEST,
    SAVED_MODEL,
    SCHEMA_VERSION,
    DataFacts,
    Identifiers,
    Manifest,
    sha256_of,
)
from recommender.bundle.plain_file import check_plain
from recommender.bundle.seal import SEAL, is_whole, read_content
from recommender.bundle.training_data import columns_of
from recommender.errors import BundleError

_FOLDERS = {SAVED_MODEL, f"{SAVED_MODEL}/variables", f"{SAVED_MODEL}/assets"}  # which TensorFlow makes, the last empty
_REMEDY = "train it again with `python -m recommender train MODEL --out DIR`, or name another bundle"


class Parts(Protocol):
    """What the files of a bundle hold beside the model; see `Bundle`."""

    @property
    def identifiers(self) -> Identifiers:
        """Users and titles by model row."""

    @property
    def learning_curves(self) -> pd.DataFrame:
        """One row for each figure of an epoch."""

    @property
    def catalogue_map(self) -> pd.DataFrame | None:
        """Places of titles on a plane."""


def refusal(reason: str) -> BundleError:
    """The error to raise: a reason, which says what was found where, without a full stop; and what to do about it."""
    return BundleError(f"{reason}; {_REMEDY}.")


def parsed_manifest(path: Path) -> Manifest:
    """The manifest of a bundle.

    Args:
      path: the bundle's folder.

    Raises:
      BundleError: if there is none, or it cannot be read, is of another schema version, is not as it was sealed, or
        lacks a field.
    """
    file = path / MANIFEST
    try:
        content = read_content(file)
    except FileNotFoundError:
        raise refusal(f"{path}: there is no bundle here ({MANIFEST} is missing)") from None
    except (OSError, ValueError) as error:
        raise refusal(f"{file}: cannot be read ({error})") from error
    version = content.get("schema_version")
    if version not in READABLE_VERSIONS:
        readable = " and ".join(map(str, READABLE_VERSIONS))
        raise refusal(f"{file}: schema version {version}, this program reads {readable}")
    _check_seal(path, content)
    if version == EARLIER_VERSION:
        content = brought_up(content, SCHEMA_VERSION)
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise refusal(f"{file}, {where}: {first['msg']}") from error


def _check_seal(path: Path, content: Mapping[str, Any]) -> None:
    if SEAL not in content:
        raise BundleError(
            f"{path / MANIFEST}: has no seal, as an earlier version wrote it; if the bundle is your own, run "
            f"`python -m recommender seal {path}`."
        )
    if not is_whole(content):
        raise refusal(f"{path / MANIFEST}: does not say what it said when it was sealed; it was changed or damaged")


def check_bundle(path: Path, manifest: Manifest) -> None:
    """Checks a bundle against its manifest; a new reason to refuse one is one more check in here.

    Args:
      path: the bundle's folder.
      manifest: its `parsed_manifest`.

    Raises:
      BundleError: for the first thing that is wrong; the message names the file.
    """
    _check_files(path, manifest)
    _check_checksums(path, manifest)
    try:
        columns_of(manifest.data)
    except ValidationError as error:
        raise refusal(f"{path / MANIFEST}, data.columns: {error.errors()[0]['msg']}") from error


def check_parts(path: Path, manifest: Manifest, parts: Parts) -> None:
    """Checks what the files of a bundle hold against each other and the manifest.

    Args:
      path: the bundle's folder.
      manifest: its manifest.
      parts: what its files hold.

    Raises:
      BundleError: for the first thing that disagrees; the message names the file.
    """
    for name, complaint in (
        (IDENTIFIERS, _about_identifiers(parts.identifiers, manifest.data)),
        (LEARNING_CURVES, _about_curves(parts.learning_curves)),
        (CATALOGUE_MAP, _about_map(parts, manifest)),
    ):
        if complaint:
            raise refusal(f"{path / name}: {complaint}")


def _about_identifiers(names: Identifiers, data: DataFacts) -> str:
    if not 0 < len(names.users) <= data.n_users:
        return f"names {len(names.users):,} viewers, the manifest says {data.n_users:,}"
    if not 0 < len(names.titles) == len(names.item_ids) == data.n_titles:
        return (
            f"names {len(names.titles):,} titles with {len(names.item_ids):,} ids, the manifest says {data.n_titles:,}"
        )
    for kind in ("users", "item_ids", "titles"):
        if len(set(getattr(names, kind))) != len(getattr(names, kind)):
            return f"names one of its {kind} twice"
    return ""


def _about_curves(curves: pd.DataFrame) -> str:
    if list(curves.columns) != ["epoch", "phase", "metric", "value"]:
        return "has other columns than epoch, phase, metric and value"
    if curves.empty:
        return ""
    whole = pd.api.types.is_integer_dtype(curves["epoch"]) and pd.api.types.is_numeric_dtype(curves["value"])
    return "" if whole and curves["phase"].isin(["train", "validation"]).all() else "holds no learning curves"


def _about_map(parts: Parts, manifest: Manifest) -> str:
    places, facts = parts.catalogue_map, manifest.map
    if places is None or facts is None:  # then both are, see `_check_files`
        return ""
    if list(places.columns) != ["item_id", "x", "y"]:
        return "has other columns than item_id, x and y"
    if len(places) != facts.n_titles or not places["item_id"].is_unique:
        return f"has places for {len(places):,} titles, the manifest says {facts.n_titles:,}"
    if not places["item_id"].isin(parts.identifiers.item_ids).all():
        return f"has a place for a title that {IDENTIFIERS} does not name"
    numbers = all(pd.api.types.is_numeric_dtype(places[axis]) for axis in "xy")
    return "" if numbers and places[["x", "y"]].abs().le(1).all(axis=None) else "has a place beyond -1 and 1"


def _check_files(path: Path, manifest: Manifest) -> None:
    """Refuses a bundle that lacks a file, or holds one that the manifest does not name."""
    for name in _needed(manifest):
        if name not in manifest.files:
            raise refusal(f"{path / MANIFEST}: gives no checksum of {name}")
    waiting = [path]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError as error:
            raise refusal(f"{path}: cannot be read ({error})") from error
        for entry in entries:
            name = Path(entry.path).relative_to(path).as_posix()
            if entry.is_dir(follow_symlinks=False) and name in _FOLDERS:
                waiting.append(Path(entry.path))
            elif name not in {MANIFEST, SIGNATURE, *manifest.files}:
                raise BundleError(f"{entry.path}: the manifest does not name it; remove it, or name another bundle.")
    if CATALOGUE_MAP in manifest.files and manifest.map is None:
        raise refusal(f"{path / MANIFEST}: says nothing of {CATALOGUE_MAP}, which it names")


def _needed(manifest: Manifest) -> list[str]:
    index = KINDS.get(manifest.index.kind)
    return [
        GRAPH,
        IDENTIFIERS,
        LEARNING_CURVES,
        *([index.file] if index else []),
        *([CATALOGUE_MAP] if manifest.map else []),
    ]


def _check_checksums(path: Path, manifest: Manifest) -> None:
    n_bytes = 0
    for name, checksum in manifest.files.items():
        file = path / name
        try:
            check_plain(status := file.lstat())
            found = sha256_of(file)
        except OSError as error:
            raise refusal(f"{file}: is missing or cannot be read ({error.strerror or error})") from None
        if found != checksum:
            raise refusal(
                f"{file}: its checksum is {found[:12]}..., the manifest says {checksum[:12]}...; "
                "the file was changed or damaged"
            )
        n_bytes += status.st_size
    if n_bytes != manifest.sizes.bytes:
        raise refusal(f"{path}: its files have {n_bytes:,} bytes, the manifest says {manifest.sizes.bytes:,}")
