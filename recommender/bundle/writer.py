"""Writes a bundle, as a whole."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from recommender.bundle import SIGNATURE
from recommender.bundle.checks import check_bundle, parsed_manifest
from recommender.bundle.manifest import (
    IDENTIFIERS,
    LEARNING_CURVES,
    MANIFEST,
    SAVED_MODEL,
    Identifiers,
    Manifest,
    sha256_of,
)
from recommender.bundle.seal import SEAL, read_content, with_seal
from recommender.bundle.signing import signature_of
from recommender.data.atomic import atomic_file, atomic_folder
from recommender.errors import BundleError


def check_destination(path: Path) -> None:
    """Finds out before a long training whether its bundle can be written.

    Args:
      path: the bundle's future folder.

    Raises:
      BundleError: if something that is not a bundle is in the way, or the folder above cannot be written.
    """
    if path.exists() and not (path / MANIFEST).is_file() and not (path.is_dir() and not any(path.iterdir())):
        raise BundleError(f"{path}: exists and is not a bundle; it is left as it is, name another folder with --out.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):  # without a name, so that a killed process leaves none
            pass
    except OSError as error:
        raise BundleError(f"{path.parent}: cannot be written ({error}); name another folder with --out.") from error


def write_bundle(
    path: Path,
    *,
    save_model: Callable[[Path], None],
    identifiers: Identifiers,
    learning_curves: pd.DataFrame,
    describe: Callable[[dict[str, str], int], Manifest],
    more_files: Sequence[Path] = (),
) -> Manifest:
    """Writes a bundle; a reader sees the one that was there or the new one, never half of one.

    Args:
      path: the bundle's folder; a bundle that is there is replaced.
      save_model: writes a SavedModel into the folder it is given.
      identifiers: users and titles by model row.
      learning_curves: see `Bundle`.
      describe: makes the manifest from the checksums of the files and their size in bytes.
      more_files: copied into the bundle under their own names.

    Returns:
      The manifest as written.

    Raises:
      BundleError: if the folder cannot be written; what was there before is left as it was.
    """
    check_destination(path)
    with disk_errors(path), atomic_folder(path) as folder:
        save_model(folder / SAVED_MODEL)
        (folder / IDENTIFIERS).write_text(identifiers.model_dump_json(), encoding="utf-8")
        learning_curves.to_csv(folder / LEARNING_CURVES, index=False, lineterminator="\n")
        for file in more_files:
            shutil.copyfile(file, folder / file.name)
        files = sorted(file for file in folder.rglob("*") if file.is_file())
        checksums = {file.relative_to(folder).as_posix(): sha256_of(file) for file in files}
        manifest = describe(checksums, sum(file.stat().st_size for file in files))
        text = manifest.sealed_json()
        (folder / MANIFEST).write_text(text, encoding="utf-8")
    return Manifest.model_validate_json(text)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turns an error of the disk inside the block into a BundleError with folder, reason and advice."""
    try:
        yield
    except OSError as error:
        raise BundleError(f"{path}: cannot be written ({error}); free some space or name another folder.") from error


def seal_bundle(path: Path) -> Manifest:
    """Gives a manifest that has none its seal, once the bundle is found whole; nothing else of it changes.

    Args:
      path: the bundle's folder.

    Returns:
      The manifest as written.

    Raises:
      BundleError: if it has a seal, or is refused for another reason, or cannot be written.
    """
    file = path / MANIFEST
    try:
        text = file.read_text(encoding="utf-8") if SEAL not in read_content(file) else ""
    except (OSError, ValueError) as error:
        raise BundleError(f"{file}: cannot be read ({error}); name a bundle.") from error
    if not text:
        raise BundleError(f"{file}: has a seal; it is left as it is.")
    try:
        with tempfile.TemporaryDirectory() as folder:
            sealed = Path(folder) / MANIFEST
            sealed.write_text(with_seal(text), encoding="utf-8")
            check_bundle(path, parsed_manifest(sealed.parent))
        with atomic_file(file) as written:
            written.write(with_seal(text).encode())
    except OSError as error:
        raise BundleError(f"{file}: cannot be written ({error}); mend that and try again.") from error
    return parsed_manifest(path)


def sign_bundle(path: Path, key_file: Path) -> str:
    """Signs a bundle as it is; whatever changes it later takes the signature away.

    Args:
      path: the bundle's folder.
      key_file: a private key of Ed25519 in PEM, without a password.

    Returns:
      The seal that was signed.

    Raises:
      BundleError: if there is no bundle, or it cannot be written.
      ConfigurationError: if the file holds no such key, or the package is missing that reads it.
    """
    manifest = parsed_manifest(path)
    check_bundle(path, manifest)
    signature = signature_of(manifest.seal, key_file)
    with disk_errors(path), atomic_file(path / SIGNATURE) as file:
        file.write(signature)
    return manifest.seal
