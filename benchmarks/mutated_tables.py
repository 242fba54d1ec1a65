"""Tables that are broken at random: each is read, or refused in a sentence.

    python -m benchmarks.mutated_tables --tables 10000

Each table is written in one of many forms and then damaged: bytes are changed, cut out, doubled, and what readers
stumble over is put in. It is then read in the ways a table comes in: looked at and checked as on the page Training,
read as by the command line, with its columns and without, and taken for an export as on the page You. What is neither
an answer nor a `RecommenderError` is a failure: another exception, a process that ends, more than `SECONDS` or
`MEGABYTES`.
"""

import argparse
import bz2
import gzip
import lzma
import multiprocessing
import resource
import signal
import sys
import tempfile
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

from recommender.data import ColumnMapping, FeatureColumn, load_ratings
from recommender.data.exchange.rating_exports import read_exported_ratings
from recommender.data.own_table.checking import check_mapped_table, look_at
from recommender.data.own_table.proposals import propose_columns
from recommender.errors import RecommenderError

SECONDS = 20
MEGABYTES = 1_000  # of a process that reads a thousand of them; each has some kilobytes
_AT_ONCE = 1_000
_MOST_ADDRESSES = 16_000_000_000  # so that the machine lives on
_STUMBLING = (
    *(b'"', b'""', b"'", b"\\", b'\\"', b"\r", b"\n", b"\r\n", b"\n\n", b"\0", b"\x1f", b"\x1a", b"\t", b";", b"|"),
    *(
        b",",
        b",,",
        b"::",
        b"\xef\xbb\xbf",
        b"\xff",
        b"\xc3",
        b"\xe2\x80\xa8",
        b"\xed\xa0\x80",
        b"sep=;\n",
        b"{",
        b"[",
        b"}",
    ),
    *(b"nan", b"inf", b"-1", b"1e999", b"9" * 40, b"0x1F", b"1_000", b"1.0.0", b"-0", b"9223372036854775808"),
    *(b"1" * 5_000, b"[" * 3_000, b'{"a":' * 2_000, b"x" * 200_000, b"1969-12-31", b"99999-01-01", b"2024-13-45T99:99"),
)


@cache
def whole_tables() -> dict[str, bytes]:
    """Name of the file -> what it holds, unbroken."""
    frame = pd.DataFrame(
        {
            "userId": [f"u{row % 7}" for row in range(40)],
            "movieId": [row % 9 for row in range(40)],
            "rating": [0.5 + (row * 7 % 10) / 2 for row in range(40)],
            "timestamp": [978_300_760 + row * 1_000 for row in range(40)],
            "title": [f'Film "{row % 9}", the é' for row in range(40)],
            "genres": ["Drama|War" if row % 9 % 2 else "Comedy" for row in range(40)],
        }
    )
    letterboxd = pd.DataFrame(
        {"Date": "2024-01-02", "Name": frame["title"], "Year": 1999, "Letterboxd URI": "x", "Rating": frame["rating"]}
    )
    text = frame.to_csv(index=False).encode()
    parquet, feather, plain = BytesIO(), BytesIO(), BytesIO()
    typed = frame.assign(genres=frame["genres"].str.split("|"), title=frame["title"].astype("category"))
    pq.write_table(pa.Table.from_pandas(typed), parquet)
    pyarrow.feather.write_feather(pa.Table.from_pandas(typed), feather)
    pq.write_table(pa.Table.from_pandas(frame), plain, compression="none", use_dictionary=False)
    return {
        "ratings.csv": text,
        "tabs.tsv": frame.to_csv(index=False, sep="\t").encode(),
        "semicolons.csv": frame.to_csv(index=False, sep=";", decimal=",").encode("cp1252"),
        "escaped.csv": frame.to_csv(index=False, quoting=1, doublequote=False, escapechar="\\").encode(),
        "mac.csv": frame.to_csv(index=False, lineterminator="\r").encode(),
        "lines.csv": frame.assign(title=frame["title"] + "\nand more").to_csv(index=False).encode(),
        "headless.csv": frame.to_csv(index=False, header=False).encode(),
        "wide.csv": text.decode().encode("utf-16"),
        "letterboxd.csv": letterboxd.to_csv(index=False).encode(),
        "ratings.jsonl": frame.to_json(orient="records", lines=True).encode(),
        "ratings.json": frame.to_json(orient="records").encode(),
        "ratings.csv.gz": gzip.compress(text, mtime=0),
        "ratings.csv.bz2": bz2.compress(text),
        "ratings.csv.xz": lzma.compress(text),
        "ratings.csv.zst": _zstd(text),
        "ratings.zip": _zip({"ratings.csv": text}),
        "ratings.xlsx": _zip(_sheet(frame)),
        "ratings.parquet": parquet.getvalue(),
        "plain.parquet": plain.getvalue(),
        "ratings.feather": feather.getvalue(),
    }


def mutated(seed: int) -> tuple[str, bytes]:
    """A broken table: the name of its file, and what it holds."""
    rng = np.random.default_rng(seed)
    names = list(whole_tables())
    name = names[seed % len(names)]
    data = whole_tables()[name]
    for _ in range(rng.integers(1, 6)):
        data = _CHANGES[rng.integers(len(_CHANGES))](data, rng)
    return name, data


def ways_in(path: Path) -> dict[str, Callable[[], object]]:
    """What is asked of a table, by the name of who asks."""
    mapping = ColumnMapping(
        user="userId",
        item="movieId",
        rating="rating",
        timestamp="timestamp",
        title="title",
        features=(FeatureColumn(column="genres", kind="multi"),),
    )

    def page() -> object:
        columns = look_at(path).columns
        proposed = {part: name for part, name in propose_columns(columns).items() if name}
        if {"user", "item"} <= proposed.keys():
            check_mapped_table(path, ColumnMapping.checked(**proposed))
        return check_mapped_table(path, mapping)

    return {
        "page Training": page,
        "train with columns": lambda: load_ratings(path, columns=mapping),
        "train without": lambda: load_ratings(path),
        "page You": lambda: read_exported_ratings({path.name: path.read_bytes()}),
    }


def outcomes(path: Path) -> dict[str, str]:
    """Who asked -> "answer", "sentence", or the traceback of what should not have been raised."""
    found = {}
    for who, ask in ways_in(path).items():
        try:
            ask()
            found[who] = "answer"
        except RecommenderError as error:
            said = str(error)
            found[who] = "sentence" if 0 < len(said) < 3_000 else f"a sentence of {len(said):,} letters"
        except Exception:
            found[who] = traceback.format_exc(limit=-4)
    return found


def _flip(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data)
    for place in rng.integers(len(data), size=min(len(data), int(rng.integers(1, 9)))).tolist() if data else ():
        changed[place] = int(rng.integers(256))
    return bytes(changed)


def _cut(data: bytes, rng: np.random.Generator) -> bytes:
    start, stop = _stretch(data, rng)
    return data[:start] + data[stop:]


def _double(data: bytes, rng: np.random.Generator) -> bytes:
    start, stop = _stretch(data, rng)
    return data[:stop] + data[start:]


def _end(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: int(rng.integers(len(data) + 1))]


def _insert(data: bytes, rng: np.random.Generator) -> bytes:
    place, what = int(rng.integers(len(data) + 1)), _STUMBLING[rng.integers(len(_STUMBLING))]
    return data[:place] + what + data[place:]


def _replace_all(data: bytes, rng: np.random.Generator) -> bytes:
    old, new = (_STUMBLING[place] for place in rng.integers(26, size=2))
    return data.replace(old, new)


_CHANGES = (_flip, _cut, _double, _end, _insert, _insert, _insert, _replace_all)


def _stretch(data: bytes, rng: np.random.Generator) -> tuple[int, int]:
    start = int(rng.integers(len(data) + 1))
    return start, min(len(data), start + int(rng.integers(1, 200)))


def _zstd(data: bytes) -> bytes:
    written = pa.BufferOutputStream()
    with pa.CompressedOutputStream(written, "zstd") as stream:
        stream.write(data)
    packed: bytes = written.getvalue().to_pybytes()
    return packed


def _zip(files: dict[str, bytes]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return packed.getvalue()


def _sheet(frame: pd.DataFrame) -> dict[str, bytes]:
    """The files of a workbook as small as one can be."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"

    def cell(value: object) -> str:
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    def related(kind: str, target: str) -> str:
        one = f'<Relationship Id="rId1" Type="{relation}/{kind}" Target="{target}"/>'
        return f'<Relationships xmlns="{package}/relationships">{one}</Relationships>'

    rows = [tuple(frame.columns), *frame.itertuples(index=False, name=None)]
    body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": related("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets><sheet name="Films" sheetId="1" '
        'r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": related("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
    }
    return {name: text.encode() for name, text in files.items()}


def _read_all(first: int, last: int, folder: Path, found: Connection) -> None:
    """Reads tables in a process of its own, and tells of each what became of it."""

    def too_long(signum: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {SECONDS} s")

    signal.signal(signal.SIGALRM, too_long)
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_ADDRESSES, _MOST_ADDRESSES))
    for seed in range(first, last):
        name, data = mutated(seed)
        path = folder / name
        path.write_bytes(data)
        signal.alarm(SECONDS)
        outcome = outcomes(path)
        signal.alarm(0)
        taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
        if taken > MEGABYTES:
            outcome["memory"] = f"{taken:,.0f} MB taken"
        found.send((seed, outcome))
        if taken > MEGABYTES:
            return


def run(first: int, n: int, folder: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Reads so many tables.

    Yields:
      The table's seed, and who asked -> what became of it.
    """
    last, forked = first + n, multiprocessing.get_context("spawn")
    while first < last:
        mine, theirs = forked.Pipe(duplex=False)
        process = forked.Process(target=_read_all, args=(first, min(last, first + _AT_ONCE), folder, theirs))
        process.start()
        theirs.close()
        try:
            while first < last:
                seed, outcome = mine.recv()
                yield seed, outcome
                first = seed + 1
        except EOFError:
            process.join()
            if process.exitcode:
                yield first, {"process": f"it ended with {process.exitcode}"}
                first += 1
        process.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="The seed of the first table.")
    parser.add_argument("--keep", type=Path, help="A folder for the tables that made a failure.")
    asked = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    failures: dict[str, list[int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed, outcome in run(asked.first, asked.tables, Path(folder)):
            for who, what in outcome.items():
                kind = what if what in ("answer", "sentence") else "failure"
                counts[who, kind] += 1
                if kind == "failure":
                    failures.setdefault(f"{who}: {what}", []).append(seed)
                    if asked.keep:
                        name, data = mutated(seed)
                        asked.keep.mkdir(parents=True, exist_ok=True)
                        (asked.keep / f"{seed}-{name}").write_bytes(data)
    for (who, kind), n in sorted(counts.items()):
        print(f"{who:20} {kind:10} {n:7,}")
    for what, seeds in failures.items():
        print(f"\ntables {', '.join(map(str, seeds[:10]))} ({len(seeds):,} in all): {what}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
