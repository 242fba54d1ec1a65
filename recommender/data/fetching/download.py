"""A download that can be interrupted and goes on where it stopped."""

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from recommender.data.fetching.cache import disk_errors, write_atomically
from recommender.data.fetching.sources import Progress, ProgressCallback, SourceError

CHUNK_BYTES = 1 << 16
ATTEMPTS = 3


class _InterruptedError(SourceError):
    """The connection broke; what has arrived is kept."""


def download(url: str, part: Path, *, md5: str, timeout: tuple[float, float], progress: ProgressCallback) -> None:
    """Downloads a file, and leaves it at `part` complete and verified.

    What an earlier call has left there is continued with an HTTP range request, if the server still has the
    same content; otherwise the download starts over. Beside it lies `<part>.json`, which says whose beginning
    it is.

    Args:
      url: http or https address.
      part: where to write.
      md5: the publisher's checksum.
      timeout: seconds to wait for a connection, and for the next bytes.
      progress: told after each chunk.

    Raises:
      SourceError: if the server cannot be reached, stalls, breaks off or sends something else.
      FetchError: if the disk cannot be written.
    """
    for attempt in range(1, ATTEMPTS + 1):
        if _md5(part) == md5:
            return
        start = _continue_from(part, url)
        try:
            kind = _receive(url, part, start, timeout, progress)
        except _InterruptedError:
            if attempt == ATTEMPTS or _size(part) <= start:  # a source that gives nothing more is left to the next
                raise
            continue
        found = _md5(part)
        if found == md5:
            return
        size = _size(part)
        _discard(part)
        if start == 0:
            raise SourceError(
                f"its checksum is wrong: {size:,} bytes of {kind} with md5 {found} where {md5} is expected "
                "(the file is damaged or replaced, or a login page of the network came instead)"
            )
    raise SourceError("what arrived after an interruption did not fit what was here; it has been removed, try again")


def _continue_from(part: Path, url: str) -> int:
    """How many bytes of this address are here already."""
    try:
        if json.loads(_about(part).read_text())["url"] == url:
            return _size(part)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    _discard(part)
    return 0


def _receive(url: str, part: Path, start: int, timeout: tuple[float, float], progress: ProgressCallback) -> str:
    """Appends what is missing to the part, or begins anew; returns the content's type."""
    validator = json.loads(_about(part).read_text())["validator"] if start else ""
    headers = {"Accept-Encoding": "identity"}  # ranges count the bytes as stored
    if start:
        headers["Range"] = f"bytes={start}-"
        if validator:
            headers["If-Range"] = validator
    with (
        _network_errors(url, timeout),
        requests.get(url, headers=headers, timeout=timeout, stream=True) as response,
    ):
        if response.status_code == 416 or (response.status_code == 206 and not _continues(response, start, validator)):
            _discard(part)
            return _receive(url, part, 0, timeout, progress)
        response.raise_for_status()
        if start and response.status_code == 200:  # the whole content, not the rest
            _discard(part)
            start = 0
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if length.isdigit() else None
        step = f"downloading {url.rsplit('/', 1)[-1]}"
        with disk_errors(part.parent):
            if not start:
                about = {"url": url, "validator": _validator(response)}
                write_atomically(_about(part), json.dumps(about).encode())
            file = part.open("ab")  # which is gone by now unless it is continued
        done = start
        try:
            progress(Progress(step, done, total))
            for chunk in response.iter_content(CHUNK_BYTES):
                with disk_errors(part.parent):
                    file.write(chunk)
                done += len(chunk)
                progress(Progress(step, done, total))
        finally:
            with disk_errors(part.parent):
                file.close()
        return response.headers.get("Content-Type", "unknown type")


def _continues(response: requests.Response, start: int, validator: str) -> bool:
    """Whether this is the rest of what is here: from the right byte on, and of the same content."""
    begins = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return begins is not None and int(begins[1]) == start and validator in ("", _validator(response))


def _validator(response: requests.Response) -> str:
    """What the server calls this version, as If-Range takes it (no weak tag); "" if nothing."""
    tag = response.headers.get("ETag", "")
    return tag if tag.startswith('"') else response.headers.get("Last-Modified", "")


@contextmanager
def _network_errors(url: str, timeout: tuple[float, float]) -> Iterator[None]:
    try:
        yield
    except requests.HTTPError as error:
        raise SourceError(f"the server answered {error.response.status_code} {error.response.reason}") from error
    except requests.ConnectTimeout as error:
        raise SourceError(f"no connection within {timeout[0]:g} seconds") from error
    except requests.exceptions.SSLError as error:
        raise SourceError(f"the connection is not trusted ({_cause(error)})") from error
    except requests.exceptions.ProxyError as error:
        raise SourceError(f"the network's proxy refuses it ({_cause(error)})") from error
    except (
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
        requests.exceptions.MissingSchema,
    ) as error:
        raise SourceError("that is not an http address") from error
    except requests.RequestException as error:
        if "timed out" in str(error):
            raise _InterruptedError(f"the server fell silent for {timeout[1]:g} seconds") from error
        if isinstance(error, requests.exceptions.ChunkedEncodingError):
            raise _InterruptedError(f"the connection broke off ({_cause(error)})") from error
        raise SourceError(f"no connection ({_cause(error)})") from error


def _cause(error: BaseException) -> str:
    """The innermost reason, which is the one that says something."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _md5(part: Path) -> str | None:
    with contextlib.suppress(OSError), part.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return None


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _about(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _discard(part: Path) -> None:
    with disk_errors(part.parent):
        part.unlink(missing_ok=True)
        _about(part).unlink(missing_ok=True)
