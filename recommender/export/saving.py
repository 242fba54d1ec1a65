"""Writes a SavedModel."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf


def save_program(module: tf.Module, signatures: Mapping[str, Any], folder: Path) -> None:
    """Writes a SavedModel.

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
