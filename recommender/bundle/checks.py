"""Why a bundle is refused: every reason stands here.

One is found later: `Recommender.load` refuses a bundle whose files are as they were written and that TensorFlow, or the
library of its index, still cannot load.
"""

import json
from pathlib import Path

from pydantic import ValidationError

from recommender.bundle import READABLE_VERSIONS
from recommender.bundle.earlier_schema import EARLIER_VERSION, brought_up
from recommender.bundle.indexes import KINDS
from recommender.bundle.manifest import MANIFEST, SCHEMA_VERSION, Manifest, sha256_of
from recommender.errors import BundleError

_REMEDY = "train it again with `python -m recommender train MODEL --out DIR`, or name another bundle"


def refusal(reason: str) -> BundleError:
    """The error to raise: a reason, which says what was found where, without a full stop; and what to do about it."""
    return BundleError(f"{reason}; {_REMEDY}.")


def parsed_manifest(path: Path) -> Manifest:
    """The manifest of a bundle.

    Args:
      path: the bundle's folder.

    Raises:
      BundleError: if there is none, or it cannot be read, is of another schema version, or lacks a field.
    """
    file = path / MANIFEST
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise refusal(f"{path}: there is no bundle here ({MANIFEST} is missing)") from None
    except (OSError, ValueError) as error:
        raise refusal(f"{file}: cannot be read ({error})") from error
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version not in READABLE_VERSIONS:
        readable = " and ".join(map(str, READABLE_VERSIONS))
        raise refusal(f"{file}: schema version {version}, this program reads {readable}")
    if version == EARLIER_VERSION:
        content = brought_up(content, SCHEMA_VERSION)
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise refusal(f"{file}, {where}: {first['msg']}") from error


def check_bundle(path: Path, manifest: Manifest) -> None:
    """Checks a bundle against its manifest; a new reason to refuse one is one more check in here.

    Args:
      path: the bundle's folder.
      manifest: its `parsed_manifest`.

    Raises:
      BundleError: for the first thing that is wrong; the message names the file.
    """
    _check_index_is_listed(path, manifest)
    _check_checksums(path, manifest)


def _check_index_is_listed(path: Path, manifest: Manifest) -> None:
    kind = manifest.index.kind
    if kind in KINDS and KINDS[kind].file not in manifest.files:
        raise refusal(f"{path / MANIFEST}: names an index {kind} and no checksum of {KINDS[kind].file}")


def _check_checksums(path: Path, manifest: Manifest) -> None:
    for name, checksum in manifest.files.items():
        file = path / name
        try:
            found = sha256_of(file)
        except OSError:
            raise refusal(f"{file}: is missing or cannot be read") from None
        if found != checksum:
            raise refusal(
                f"{file}: its checksum is {found[:12]}..., the manifest says {checksum[:12]}...; "
                "the file was changed or damaged"
            )
