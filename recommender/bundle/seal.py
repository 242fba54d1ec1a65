"""The seal of a manifest: a checksum of what it says, and by the checksums of files in it, of the whole bundle.

It tells a bundle that was damaged, or half replaced, from a whole one, and one bundle from another. It is no signature:
whoever changes a bundle can seal it anew, so the seal of one from elsewhere is to be compared with its author's.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recommender.bundle.plain_file import read_json

SEAL = "seal"
_MOST_BYTES = 4_000_000  # of a manifest; ours have 60,000


def read_content(file: Path) -> dict[str, Any]:
    """What a manifest holds, unchecked.

    Raises:
      OSError: if it cannot be read; see `read_plain`.
      ValueError: if it is no json object.
    """
    content = read_json(file, _MOST_BYTES)
    if not isinstance(content, dict):
        raise ValueError("it is no json object")
    return content


def is_whole(content: Mapping[str, Any]) -> bool:
    """Whether a manifest says what it said when it was sealed."""
    try:
        return content.get(SEAL) == seal_of(content)
    except (ValueError, RecursionError):  # half a character, or nesting that barely could be read
        return False


def seal_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of what a manifest says, however it is written down; without the seal that it may have.

    Raises:
      ValueError: if there is text in it that cannot be written as UTF-8.
    """
    said = {name: value for name, value in content.items() if name != SEAL}
    written = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def with_seal(text: str) -> str:
    """A manifest without a seal, as json, with one at its end; nothing else of the text changes."""
    unfinished = text.rstrip().removesuffix("}").rstrip()
    return f'{unfinished},\n  "{SEAL}": "{seal_of(json.loads(text))}"\n}}\n'
