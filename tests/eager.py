"""TensorFlow without graphs, for small trainings: tracing a step takes longer than the few steps there are.

What is exported is traced all the same; and whole trainings with graphs are what the journeys and the slow test run.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def eager_functions() -> Iterator[None]:
    """Functions run as they are written."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="module", autouse=True)
def eagerly() -> Iterator[None]:
    """All of a module under `eager_functions`; a folder's conftest.py imports it."""
    with eager_functions():
        yield
