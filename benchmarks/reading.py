"""Seconds and peak memory of reading large tables, their checksum and their split, each in a process of its own.

    python -m benchmarks.reading [--rows 500000 10000000] [--folder FOLDER]

The tables are invented: as many viewers and titles to a rating as in MovieLens 25M, half stars, times of nineteen
years. They are written into a temporary folder as a csv edition and a `::` edition of MovieLens, and as one csv and one
parquet table that repeats title, genres and type in every row.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from recommender.data import ColumnMapping, load_ratings, parse_features, split_by_name

_ROWS_TO_A_VIEWER, _ROWS_TO_A_TITLE = 154, 423
_FIRST, _LAST = 1_000_000_000, 1_600_000_000  # of the times
_GENRES = ("Action", "Comedy", "Drama", "Documentary", "Film-Noir", "Thriller")
_MAPPING = ColumnMapping(
    user="user",
    item="item",
    rating="rating",
    timestamp="time",
    title="title",
    features=parse_features("genres:multi|,type:category"),
)


def main() -> None:
    """Writes the tables, reads each and prints a table."""
    arguments = _arguments()
    if arguments.read:
        print(json.dumps(_read(arguments.read)))
        return
    if arguments.write:
        _write(arguments.write, arguments.rows[0])
        return
    columns = ("data", "rows", "read s", "read cpu s", "MB", "checksum s", "split s", "peak MB")
    print(f"{columns[0]:16}{columns[1]:>12}" + "".join(f"{column:>12}" for column in columns[2:]))
    print("(cpu: of all threads; MB: most memory held until the data are read, peak MB: until they are split as well)")
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory(prefix="matinee-reading-", dir=arguments.folder) as folder:
            # In a process of its own as well: a process begins with the peak of the one that started it.
            _run("--write", folder, "--rows", str(rows))
            for place in sorted(Path(folder).iterdir()):
                figures = json.loads(_run("--read", str(place)).splitlines()[-1])
                print(f"{place.name:16}{rows:>12,}" + "".join(f"{figures[column]:>12,.1f}" for column in columns[2:]))


def _run(*arguments: str) -> str:
    command = [sys.executable, "-m", "benchmarks.reading", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, nargs="+", default=[500_000, 10_000_000])
    parser.add_argument("--folder", type=Path, help="where to make the temporary folder (about 2 GB at most)")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _read(place: Path) -> dict[str, float]:
    columns = _MAPPING if place.is_file() else None
    started, worked = time.perf_counter(), time.process_time()
    ratings = load_ratings(place, columns=columns)
    read, worked = time.perf_counter(), time.process_time() - worked
    peak_read = _peak_mb()
    assert ratings.checksum
    summed = time.perf_counter()
    split = split_by_name("random", ratings)
    done = time.perf_counter()
    assert len(split.train) + len(split.validation) + len(split.test) == len(ratings)
    return {
        "read s": read - started,
        "read cpu s": worked,
        "MB": peak_read,
        "checksum s": summed - read,
        "split s": done - summed,
        "peak MB": _peak_mb(),
    }


def _write(folder: Path, rows: int) -> None:
    rng = np.random.default_rng(0)
    n_viewers, n_titles = rows // _ROWS_TO_A_VIEWER + 1, rows // _ROWS_TO_A_TITLE + 1
    viewers = np.sort(rng.integers(0, n_viewers, rows)) + 1
    titles = rng.zipf(1.2, rows) % n_titles
    stars = rng.integers(1, 11, rows) / 2
    times = rng.permutation(np.linspace(_FIRST, _LAST, rows).astype(np.int64))
    names = np.array([f"Invented, Title the {title}th ({1900 + title % 120})" for title in range(n_titles)])
    genres = np.array(["|".join(rng.choice(_GENRES, 1 + title % 3, replace=False)) for title in range(n_titles)])
    kinds = np.array(["Movie", "Series", "Short"])[np.arange(n_titles) % 3]
    catalogue = {"movieId": np.arange(n_titles), "title": names, "genres": genres}
    interactions = {"userId": viewers, "movieId": titles, "rating": stars, "timestamp": times}

    csv_edition, dat_edition = folder / "csv edition", folder / ":: edition"
    for path, tables in ((csv_edition, (interactions, catalogue)), (dat_edition, ())):
        path.mkdir()
        for name, table in zip(("ratings.csv", "movies.csv"), tables, strict=False):
            pa.csv.write_csv(pa.table(table), path / name)
    for name in ("ratings", "movies"):
        _write_double_colons(csv_edition / f"{name}.csv", dat_edition / f"{name}.dat")
    wide = pa.table(
        {
            "user": viewers,
            "item": titles,
            "rating": stars,
            "time": times,
            "title": pa.array(names).take(pa.array(titles)),
            "genres": pa.array(genres).take(pa.array(titles)),
            "type": pa.array(kinds).take(pa.array(titles)),
        }
    )
    pa.csv.write_csv(wide, folder / "mapped.csv")
    pa.parquet.write_table(wide, folder / "mapped.parquet")


def _write_double_colons(source: Path, target: Path) -> None:
    table = pa.csv.read_csv(source)
    with target.open("wb") as file:
        for batch in table.to_batches(max_chunksize=100_000):
            rows = zip(*batch.to_pydict().values(), strict=True)
            file.write("".join("::".join(map(str, row)) + "\n" for row in rows).encode())


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
