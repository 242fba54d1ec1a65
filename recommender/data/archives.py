"""Files out of a folder or a zip archive, whichever the user has."""

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from recommender.errors import DataError


def read_members(source: Path, names: Sequence[str], inner: str) -> dict[str, bytes]:
    """Reads files that belong together.

    Args:
      source: a folder that holds them, itself or in a subfolder `inner`, or a zip archive that holds them in
        any one of its folders.
      names: the names of all files needed.
      inner: the folder that the publisher packs them in.

    Returns:
      name -> content.

    Raises:
      DataError: if the source or one of the files is missing, cannot be read or is damaged.
    """
    source = Path(source).expanduser()
    try:
        if source.is_dir():
            folder = source / inner if not (source / names[0]).exists() and (source / inner).is_dir() else source
            _require(source, names, {name for name in names if (folder / name).is_file()})
            return {name: (folder / name).read_bytes() for name in names}
        if source.is_file():
            return _read_zip(source, names)
    except OSError as error:
        raise DataError(f"{source} cannot be read ({error.strerror or error}); mend that and try again.") from error
    raise DataError(f"{source}: no such folder or archive; it should hold {_listing(names)}.")


def _read_zip(source: Path, names: Sequence[str]) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(source) as archive:
            folders: dict[PurePosixPath, set[str]] = {}
            for member in map(PurePosixPath, archive.namelist()):
                if member.name in names:
                    folders.setdefault(member.parent, set()).add(member.name)
            # The fullest folder, and of equals the outermost.
            folder = max(folders, key=lambda path: (len(folders[path]), -len(path.parts)), default=PurePosixPath())
            _require(source, names, folders.get(folder, set()))
            return {name: archive.read(str(folder / name)) for name in names}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(
            f"{source} is not a zip archive, or a truncated or damaged one ({error}); download it again."
        ) from error


def _require(source: Path, names: Sequence[str], found: set[str]) -> None:
    missing = [name for name in names if name not in found]
    if missing:
        raise DataError(f"{source} lacks {_listing(missing)}; it should hold {_listing(names)}.")


def _listing(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
