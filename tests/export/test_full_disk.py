"""A full disk, as TensorFlow calls it, is the error of a file that cannot be written."""

import pytest
import tensorflow as tf

from recommender.export.saving import save_program


@pytest.mark.parametrize("kind", [tf.errors.ResourceExhaustedError, tf.errors.OutOfRangeError])
def test_full_disk_under_tensorflow_is_an_error_of_the_disk(kind, monkeypatch, tmp_path):
    def save(*_, **__):
        raise kind(None, None, "No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", save)
    with pytest.raises(OSError, match="No space left on device"):
        save_program(tf.Module(), {}, tmp_path)
