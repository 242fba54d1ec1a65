"""What a cell of a table may hold besides one value."""

import pandas as pd


def split_values(text: pd.Series, separator: str, nothing: str = "") -> list[tuple[str, ...]]:
    """Cuts "Action|Drama" into ("Action", "Drama"), each value once.

    Args:
      text: [n] the lists.
      separator: what stands between two values.
      nothing: an entry that stands for an empty list.
    """
    lists = ((value.strip() for value in entry.split(separator)) for entry in text)
    return [tuple(dict.fromkeys(value for value in values if value not in ("", nothing))) for values in lists]


def beginning_of(text: str, letters: int = 60) -> str:
    """A text as it is shown in a sentence: of a long one its beginning."""
    return text if len(text) <= letters else f"{text[:letters]}..."
