"""The files of a bundle, for whoever downloads them; each is checked against its manifest."""

import hashlib
import io
import zipfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from recommender.bundle import MANIFEST, SIGNATURE
from recommender.bundle.plain_file import check_plain, read_plain
from recommender.bundle.signing import read_signature
from recommender.dashboard.bundles.manifests import manifest_of
from recommender.errors import BundleError


def flaw(bundle: Path, *names: str) -> str:
    """What keeps files of a bundle from being downloaded, in a sentence; empty if nothing does.

    Args:
      bundle: its folder.
      names: the files, or all that the manifest lists. One that was not written since is not read again.
    """
    try:
        files = manifest_of(bundle).files
    except BundleError as error:
        return str(error)
    for name in names or tuple(files):
        try:
            status = (bundle / name).lstat()
            check_plain(status)
            whole = name not in files or _sha256(bundle / name, status.st_mtime_ns) == files[name]
        except OSError:
            whole = False
        if not whole:
            return f"{bundle.name}/{name}: is missing or was changed; train the model again."
    return ""


@lru_cache(maxsize=256)
def _sha256(file: Path, written: int) -> str:
    from recommender.bundle.manifest import sha256_of

    return sha256_of(file)


def read(bundle: Path, name: str) -> bytes:
    """A file of a bundle.

    Raises:
      BundleError: if it is missing or not what the manifest says.
    """
    found = flaw(bundle, name)
    if found:
        raise BundleError(found)
    try:
        content = read_plain(bundle / name, (bundle / name).lstat().st_size)
    except OSError as error:
        raise BundleError(f"{bundle.name}/{name}: cannot be read ({error}); train the model again.") from error
    if name != MANIFEST and hashlib.sha256(content).hexdigest() != manifest_of(bundle).files.get(name):
        raise BundleError(f"{bundle.name}/{name}: was replaced just now; look again.")
    return content


def zip_bundle(bundle: Path) -> bytes:
    """A bundle as a zip archive of one folder, each file checked as it is packed.

    Args:
      bundle: its folder.

    Raises:
      BundleError: if a file is missing or not what the manifest says.
    """
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as opened:
        for name in (MANIFEST, *manifest_of(bundle).files):
            opened.writestr(f"{bundle.name}/{name}", read(bundle, name))
        with suppress(OSError):
            opened.writestr(f"{bundle.name}/{SIGNATURE}", read_signature(bundle))
    return archive.getvalue()
