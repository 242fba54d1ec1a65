"""Files out of a folder or a zip archive, whichever the user has."""

import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from recommender.data.tables.unpacking import check_file, most_bytes_here, too_large
from recommender.errors import DataError


def read_members(
    source: Path, names: Sequence[str], inner: str = "", *, optional: Sequence[str] = ()
) -> dict[str, bytes]:
    """Reads files that belong together.

    Args:
      source: a folder that holds them, itself or in a subfolder, or a zip archive that holds them in any one of
        its folders. The fullest folder counts, and of equals the outermost.
      names: the names of all files needed.
      inner: the folder that the publisher packs them in, preferred among equals.
      optional: the names of files that are read where they lie beside the others.

    Returns:
      name -> content.

    Raises:
      DataError: if the source or one of the files is missing, cannot be read or is damaged.
    """
    source = Path(source).expanduser()
    if not source.exists():
        raise DataError(f"{source}: no such folder or archive; it should hold {listing(names)}.")
    folders = files_in_folders(source)
    folder, found = max(
        folders.items(),
        key=lambda item: (len(item[1].intersection(names)), -len(item[0].parts), item[0].name == inner),
        default=(PurePosixPath(), set()),
    )
    missing = [name for name in names if name not in found]
    if missing:
        raise DataError(f"{source} lacks {listing(missing)}; it should hold {listing(names)}.")
    wanted = [*names, *(name for name in optional if name in found)]
    with _readable(source):
        if source.is_dir():
            _check_sizes(source, [(source / folder / name).stat().st_size for name in wanted])
            return {name: (source / folder / name).read_bytes() for name in wanted}
        with zipfile.ZipFile(source) as archive:
            _check_sizes(source, [archive.getinfo(str(folder / name)).file_size for name in wanted])
            return {name: archive.read(str(folder / name)) for name in wanted}


def _check_sizes(source: Path, sizes: Sequence[int]) -> None:
    most = most_bytes_here(source)
    if sum(sizes) > most:
        raise too_large(source.name, sum(sizes), most)


def files_in_folders(source: Path) -> dict[PurePosixPath, set[str]]:
    """What lies where.

    Args:
      source: a folder, or a zip archive.

    Returns:
      folder inside the source -> the names of the files in it: the source itself and its subfolders of the
      first level, or all folders of an archive.

    Raises:
      DataError: if the source cannot be read or is no archive.
    """
    folders: dict[PurePosixPath, set[str]] = {}
    with _readable(source):
        if source.is_dir():
            subfolders = sorted(path for path in source.iterdir() if path.is_dir() and os.access(path, os.R_OK))
            for path in (source, *subfolders):
                inside = {file.name for file in path.iterdir() if file.is_file()}
                folders[PurePosixPath(path.relative_to(source).as_posix())] = inside
        else:
            check_file(source)
            with zipfile.ZipFile(source) as archive:
                for member in map(PurePosixPath, (name for name in archive.namelist() if not name.endswith("/"))):
                    folders.setdefault(member.parent, set()).add(member.name)
    return folders


def listing(names: Sequence[str]) -> str:
    """For messages: "u.data, u.item and u.user"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


@contextmanager
def _readable(source: Path) -> Iterator[None]:
    """Turns what the disk or the archive refuses inside the block into a DataError with its name and advice."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(
            f"{source} is not a zip archive, or a truncated or damaged one ({error}); download it again."
        ) from error
    except OSError as error:
        raise DataError(f"{source} cannot be read ({error.strerror or error}); mend that and try again.") from error
