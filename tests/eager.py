"""TensorFlow without graphs, for small trainings: tracing a step takes longer than the few steps there are.

What is exported is traced as ever; and whole trainings with graphs are what the journeys and the slow test run.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest


@contextmanager
def eager_functions() -> Iterator[None]:
    """Functions run as they are written, but for those being saved.

    Otherwise what several of these ask would stand in each of them: a program four times as long, to write and to read.
    """
    import tensorflow as tf

    save = tf.saved_model.save

    def save_graphs(*arguments: Any, **options: Any) -> None:
        tf.config.run_functions_eagerly(False)
        try:
            save(*arguments, **options)
        finally:
            tf.config.run_functions_eagerly(True)

    tf.config.run_functions_eagerly(True)
    try:
        with patch.object(tf.saved_model, "save", save_graphs):
            yield
    finally:
        tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="module", autouse=True)
def eagerly() -> Iterator[None]:
    """All of a module under `eager_functions`; a folder's conftest.py imports it."""
    with eager_functions():
        yield
