"""What lies in a file, unpacked where it is compressed, by what it begins with and not by its name."""

import bz2
import gzip
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from recommender.errors import DataError

_PACKINGS: dict[bytes, tuple[str, Callable[[Any], Any]]] = {
    b"\x1f\x8b": ("gzip", gzip.open),
    b"BZh": ("bzip2", bz2.open),
    b"\xfd7zXZ\x00": ("xz", lambda source: nullcontext(_Xz(source.read()))),
    b"\x28\xb5\x2f\xfd": ("zstd", lambda source: pa.CompressedInputStream(pa.PythonFile(source, mode="r"), "zstd")),
}
_ZIP = b"PK\x03\x04"
_SPREADSHEETS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")  # a zip that holds one of these is one
_FOR_PEOPLE = (".md", ".pdf", ".html", ".rtf")
_MOST_LAYERS = 3  # a csv in a gzip in a zip
_ENDINGS = {".gz", ".bz2", ".xz", ".zst", ".zip"}
_DAMAGES = (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error, lzma.LZMAError)
_PIECE_BYTES = 1 << 22
_MARK_BYTES = 8
_HARMLESS_BYTES, _MOST_UNFOLDING = 1_000_000_000, 1_000
_MOST_XZ_BYTES = 1 << 28  # `xz -9` takes a quarter of it
_SHARE_OF_MEMORY = 4  # reading a table takes up to four times its bytes, measured on csv files of ten million rows


@dataclass(frozen=True)
class Content:
    """What lies in a file.

    Attributes:
      file: the file's name, for messages.
      data: what lies in it; only its beginning where it is read in place.
      most: how many bytes it may have.
      packings: what it was packed with, the outermost first.
      path: where it is read in place; None where all is in memory.
    """

    file: str
    data: bytes
    most: int
    packings: tuple[str, ...] = ()
    path: Path | None = None

    @property
    def source(self) -> Path | bytes:
        """What to read it from."""
        return self.data if self.path is None else self.path


def most_bytes_here(path: Path | None = None) -> int:
    """How many bytes a table may have so that this machine, or its container, can hold it while it is read.

    Args:
      path: the file that it lies in: what unfolds to a thousand times its size is no table, but made to fill memory.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # "max" where the container has no limit
        memory = min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    most = memory // _SHARE_OF_MEMORY
    if path is None or not path.is_file():
        return most
    return min(most, max(_HARMLESS_BYTES, _MOST_UNFOLDING * path.stat().st_size))


def read_content(path: Path, most: int, in_place: tuple[bytes, ...] = ()) -> Content:
    """Reads a file, and unpacks it where it is packed.

    Args:
      path: the file.
      most: how many bytes it may have, unpacked.
      in_place: what files begin with that are not read here, but by others from where they lie.

    Raises:
      DataError: if it is missing, no file, damaged, too large, or an archive of several tables.
    """
    try:
        status = check_file(path)
        with path.open("rb") as file:
            beginning = file.read(_MARK_BYTES)
            if beginning.startswith(in_place):
                return Content(path.name, beginning, most, path=path)
            data = beginning + _bounded(file.read, path.name, most, status.st_size)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; give a csv, tsv or parquet file.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}); mend that and try again.") from error
    return unpack(Content(path.name, data, most))


def check_file(path: Path) -> os.stat_result:
    """Refuses what is no file; what the system knows of one that is.

    Raises:
      DataError: if it is a folder, a device or a pipe.
      OSError: if it is missing.
    """
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise DataError(f"{path} is a folder; name a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise DataError(f"{path} is a device or a pipe and no file, so it has no end; save it as a file first.")
    return status


def unpack(content: Content) -> Content:
    """Takes one packing after the other off.

    Raises:
      DataError: if it is damaged, too large, or an archive of several tables.
    """
    for _ in range(_MOST_LAYERS):
        data = content.data
        packing = next((name for mark, name in _PACKINGS.items() if data.startswith(mark)), None)
        if packing is not None:
            name, opened = packing
            with unpacked(content.file), opened(BytesIO(data)) as stream:
                data = _bounded(stream.read, content.file, content.most)
        elif data.startswith(_ZIP) and not is_spreadsheet(data):
            name = "zip"
            with unpacked(content.file):
                data = _only_member(content)
        else:
            return content
        content = replace(content, data=data, packings=(*content.packings, name))
    return content


def is_spreadsheet(data: bytes) -> bool:
    """Whether this is a file of Excel or LibreOffice."""
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):  # of Excel before 2007
        return True
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return any(name in _SPREADSHEETS for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def table_name(path: Path) -> Path:
    """The file's name without the endings of what it is packed with."""
    while path.suffix.lower() in _ENDINGS and path.stem:
        path = path.with_suffix("")
    return path


def table_stem(path: Path) -> str:
    """The file's name without any ending."""
    return table_name(path).stem


def _only_member(content: Content) -> bytes:
    with zipfile.ZipFile(BytesIO(content.data)) as archive:
        inside = [info for info in archive.infolist() if not info.is_dir() and not _is_rubbish(info.filename)]
        if len(inside) != 1:
            names = ", ".join(info.filename[:80] for info in inside[:10]) or "nothing"
            raise DataError(
                f"{content.file} is a zip archive that holds {names}, and no single table; unpack it and name the "
                "table that holds the ratings."
            )
        with archive.open(inside[0]) as member:
            return _bounded(member.read, content.file, content.most)


def _is_rubbish(name: str) -> bool:
    """What the Finder of macOS puts into archives, and what publishers lay beside their tables to be read by people."""
    path = PurePosixPath(name)
    about = path.suffix.lower() in _FOR_PEOPLE or path.stem.lower() in ("readme", "license", "licence")
    return path.name.startswith(".") or "__MACOSX" in path.parts or about


def _bounded(read: Callable[[int], Any], file: str, most: int, expected: int = 0) -> bytes:
    if expected > most:
        raise too_large(file, expected, most)
    pieces, size = [], 0
    while piece := read(_PIECE_BYTES):
        size += len(piece)
        if size > most:
            raise too_large(file, size, most, at_least=True)
        pieces.append(bytes(piece))
    return b"".join(pieces)


def too_large(file: str, size: float, most: int, *, at_least: bool = False) -> DataError:
    """The error that a table has more bytes than it may have."""
    return DataError(
        f"{file} holds {'more than ' if at_least else ''}{min(size, 1e15) / 1e6:,.0f} MB in memory, and "
        f"{most / 1e6:,.0f} MB are the most here; train on fewer rows or columns."
    )


class _Xz:
    """Unpacks xz as `lzma.open`, in bounded memory: the file says how much it takes, and a damaged one says too much.

    Args:
      data: the packed bytes.
    """

    def __init__(self, data: bytes) -> None:
        self._left, self._unpacking = data, lzma.LZMADecompressor(memlimit=_MOST_XZ_BYTES)

    def read(self, size: int) -> bytes:
        """Some of the bytes; none at the end."""
        if self._unpacking.eof:
            self._left = self._unpacking.unused_data.lstrip(b"\0")
            if not self._left:
                return b""
            self._unpacking = lzma.LZMADecompressor(memlimit=_MOST_XZ_BYTES)
        piece = self._unpacking.decompress(self._left, size)
        self._left = b""
        if not piece and not self._unpacking.eof:
            raise EOFError("it ends too early")
        return piece or self.read(size)


@contextmanager
def unpacked(file: str) -> Iterator[None]:
    """Turns what a damaged packing raises inside the block into a DataError."""
    try:
        yield
    except (*_DAMAGES, zipfile.BadZipFile, pa.ArrowException) as error:
        said = " ".join(str(error).split()).rstrip(".")[:200] or type(error).__name__
        raise DataError(f"{file} cannot be unpacked ({said}); pack it again, or download it again.") from error
