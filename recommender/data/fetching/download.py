"""One file from the web, verified."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from recommender.data.fetching.progress import FetchProgress, ProgressCallback
from recommender.data.fetching.sources import SourceError

CHUNK_BYTES = 1 << 16
ATTEMPTS = 3


class _InterruptedError(SourceError):
    """The connection broke."""


def download(url: str, *, md5: str, timeout: tuple[float, float], progress: ProgressCallback) -> bytes:
    """Downloads a file into memory, anew if the connection breaks on the way.

    Args:
      url: http or https address.
      md5: the publisher's checksum.
      timeout: seconds to wait for a connection, and for the next bytes.
      progress: called after each chunk.

    Raises:
      SourceError: if the server cannot be reached, stalls, breaks off or sends something else.
    """
    for attempt in range(1, ATTEMPTS + 1):
        content = bytearray()
        try:
            kind = _receive(url, content, timeout, progress)
            break
        except _InterruptedError:
            if attempt == ATTEMPTS or not content:  # another source will be quicker than a server that sends nothing
                raise
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != md5:
        raise SourceError(
            f"its checksum is wrong: {len(content):,} bytes of {kind} with md5 {found} where {md5} is expected "
            "(the file is damaged or replaced, or a login page of the network came instead)"
        )
    return bytes(content)


def _receive(url: str, content: bytearray, timeout: tuple[float, float], progress: ProgressCallback) -> str:
    """Appends to `content` what the server sends; returns its type."""
    headers = {"Accept-Encoding": "identity"}  # then Content-Length is the length of what arrives
    with _network_errors(timeout), requests.get(url, headers=headers, timeout=timeout, stream=True) as response:
        response.raise_for_status()
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isdigit() else None
        step = f"downloading {url.rsplit('/', 1)[-1]}"
        progress(FetchProgress(step, 0, total))
        for chunk in response.iter_content(CHUNK_BYTES):
            content += chunk
            progress(FetchProgress(step, len(content), total))
        return response.headers.get("Content-Type", "unknown type")


@contextmanager
def _network_errors(timeout: tuple[float, float]) -> Iterator[None]:
    """Turns what goes wrong on the network inside the block into a SourceError that says what it was."""
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
