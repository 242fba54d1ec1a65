"""What a client sent back from a list it was given; one of its own making may send anything."""

from collections.abc import Sequence


def offered(value: str | None, options: Sequence[str]) -> str:
    """The value if it was among the options, else the first of them."""
    return value if value is not None and value in options else options[0]
