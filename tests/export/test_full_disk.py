"""A full disk, as TensorFlow calls it, is the error of a file that cannot be written."""

import errno

import pytest
import tensorflow as tf

from recommender.errors import BundleError
from recommender.export import export
from recommender.export.saving import save_program


@pytest.mark.parametrize("kind", [tf.errors.ResourceExhaustedError, tf.errors.OutOfRangeError])
def test_full_disk_under_tensorflow_is_an_error_of_the_disk(kind, monkeypatch, tmp_path):
    def save(*_, **__):
        raise kind(None, None, "No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", save)
    with pytest.raises(OSError, match="No space left on device"):
        save_program(tf.Module(), {}, tmp_path)


def test_disk_that_is_full_before_the_model_is_written_is_said_and_nothing_is_left(
    export_checkerboard, monkeypatch, tmp_path
):
    def write_map(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(export, "write_map", write_map)
    with pytest.raises(BundleError, match=r"cannot be written .*No space left on device.*free some space"):
        export_checkerboard(tmp_path / "films")
    assert list(tmp_path.iterdir()) == []
