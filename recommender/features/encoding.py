"""Features as small integers: each column of users or items becomes rows of an embedding table.

Row 0 of every table stands for what is missing, new, or padding.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data.number_buckets import number_buckets
from recommender.data.schema import Feature, Kind

_TEXT_TOKENS = 12  # longest title of MovieLens 100K has 15 words; more are cut
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class EncodedFeature:
    """One feature of all users or all items.

    Attributes:
      name: the feature's name in the schema.
      size: rows of the embedding table it needs, the unknown row 0 included.
      rows: [n, width] int32 table rows; unused places hold 0.
    """

    name: str
    size: int
    rows: npt.NDArray[np.int32]

    def with_stranger(self) -> "EncodedFeature":
        """The same with one more entry at the front, without any feature."""
        blank = np.zeros((1, self.rows.shape[1]), np.int32)
        return EncodedFeature(self.name, self.size, np.concatenate([blank, self.rows]))


def encode(feature: Feature, column: pd.Series) -> EncodedFeature:
    """Encodes a column by its kind.

    Args:
      feature: name and kind.
      column: [n] values, of the type that the kind promises (see `Feature`).

    Returns:
      The feature with one row per entry of the column.

    Raises:
      ValueError: for a kind that is not a property of users or items.
    """
    if feature.kind not in _ENCODERS:
        raise ValueError(f"a feature of kind {feature.kind} cannot be encoded by itself")
    bags, size = _ENCODERS[feature.kind](column)
    width = max((len(bag) for bag in bags), default=1) or 1
    rows = np.zeros((len(bags), width), np.int32)
    for place, bag in enumerate(bags):
        rows[place, : len(bag)] = bag
    return EncodedFeature(feature.name, size, rows)


def _bags_of(values: Iterable[Sequence[str]]) -> tuple[list[list[int]], int]:
    """Numbers words in alphabetical order, from 1."""
    bags = list(values)
    words = sorted({word for bag in bags for word in bag if word})
    number = {word: row for row, word in enumerate(words, start=1)}
    return [[number[word] for word in bag if word] for bag in bags], len(words) + 1


def _category(column: pd.Series) -> tuple[list[list[int]], int]:
    return _bags_of([value] for value in column)


def _multi_category(column: pd.Series) -> tuple[list[list[int]], int]:
    return _bags_of(column)


def _text(column: pd.Series) -> tuple[list[list[int]], int]:
    """Lower-case words that at least two entries share; a word of one entry would only be another id."""
    bags = [list(dict.fromkeys(_WORD.findall(text.lower())))[:_TEXT_TOKENS] for text in column]
    counts: dict[str, int] = {}
    for bag in bags:
        for word in bag:
            counts[word] = counts.get(word, 0) + 1
    return _bags_of([word for word in bag if counts[word] > 1] for bag in bags)


def _number(column: pd.Series) -> tuple[list[list[int]], int]:
    """See `number_buckets`."""
    buckets, size = number_buckets(column.to_numpy(np.float64))
    return [[bucket] if bucket else [] for bucket in buckets.tolist()], size


_ENCODERS: dict[Kind, Callable[[pd.Series], tuple[list[list[int]], int]]] = {
    Kind.CATEGORY: _category,
    Kind.MULTI_CATEGORY: _multi_category,
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
}
