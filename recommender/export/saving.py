"""Writes a SavedModel."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from recommender.export.merging import merge_alike

_PROGRAM, _FINGERPRINT = "saved_model.pb", "fingerprint.pb"


def save_program(module: tf.Module, signatures: Mapping[str, Any], folder: Path) -> None:
    """Writes a SavedModel, as small as it can be read.

    TensorFlow's fingerprint of it is left out: it is that of the program before alike steps were merged.

    Args:
      module: what holds all that the signatures need.
      signatures: functions by name.
      folder: where.

    Raises:
      OSError: if it cannot be written; TensorFlow calls a full disk by several names of its own.
    """
    try:
        tf.saved_model.save(module, str(folder), signatures=dict(signatures))
    except tf.errors.OpError as error:
        raise OSError(error.message) from error
    merge_alike(folder / _PROGRAM)
    (folder / _FINGERPRINT).unlink()
