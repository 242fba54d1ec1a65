"""Bundles that were changed on purpose, and sealed anew as somebody would who means harm."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recommender.bundle.manifest import MANIFEST, sha256_of
from recommender.bundle.seal import SEAL, with_seal


def reseal(bundle: Path, change: Callable[[dict[str, Any]], object] = lambda content: None) -> None:
    """Changes what a manifest says, as it is told to and in the checksums of the files that are there."""
    file = bundle / MANIFEST
    content = json.loads(file.read_text())
    content.pop(SEAL, None)
    content["files"] = {name: sha256_of(bundle / name) for name in content["files"] if (bundle / name).is_file()}
    content["sizes"]["bytes"] = sum((bundle / name).stat().st_size for name in content["files"])
    change(content)
    file.write_text(with_seal(json.dumps(content)))
