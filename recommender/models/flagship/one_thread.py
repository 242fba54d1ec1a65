"""Many products of small matrices, one after another: several threads wait for each other longer than they work."""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[Any]:
    """In the block NumPy's products and solutions are made by one thread.

    On two cores that others use as well, solving 5,000 rows of factors took 1.4 s so, and 9.0 s with two threads.
    """
    return _found_libraries().limit(limits=1, user_api="blas")


@cache
def _found_libraries() -> ThreadpoolController:
    return ThreadpoolController()
