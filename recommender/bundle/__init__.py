"""A trained model on disk: the wall between training and serving."""

import os
from pathlib import Path
from typing import Literal

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
SCHEMA_VERSION: Literal[4] = 4
READABLE_VERSIONS = (3, SCHEMA_VERSION)
MODEL_STORE = Path(__file__).resolve().parents[2] / "model_store"


def default_bundle() -> Path:
    """The bundle that is served unless another is named: MATINEE_BUNDLE, else the flagship of the model store."""
    return Path(os.environ.get("MATINEE_BUNDLE") or MODEL_STORE / "flagship").expanduser()
