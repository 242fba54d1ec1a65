"""Ids as they are written: when `7`, `7.0` and `007` are one, and when they are three."""

import re
from collections import Counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data.tables.cells import beginning_of
from recommender.data.tables.file_table import FileTable

_WHOLE_NUMBER = re.compile(r"[-+]?\d+(?:\.0*)?")
_MOST_SHOWN = 4


class WrittenIds(NamedTuple):
    """A column of ids.

    Attributes:
      codes: [n_rows] position of each row's id among `ids`.
      ids: the different ones, in the order of their first rows.
      fact: what was decided, for people; "" where nothing was to be decided.
    """

    codes: npt.NDArray[np.int32]
    ids: list[str]
    fact: str


def read_ids(table: FileTable, column: str) -> WrittenIds:
    """Reads a column of ids: as numbers if all of them are whole numbers, else as text.

    Of ids that are all numbers, those of one value are one id, however they are written. Of ids that are text, all that
    are written differently are different ones; the white space around an id stays where it alone tells it from another.
    """
    codes, written = table.codes(column, trimmed=False)
    texts = [text.strip() for text in written]
    if all(text.isdecimal() and (text[0] != "0" or text == "0") for text in texts) and len(set(texts)) == len(texts):
        return WrittenIds(codes, texts, "")
    plain = [_plain(text) for text in texts]
    if all(_WHOLE_NUMBER.fullmatch(text) for text in texts):
        places, numbers = pd.factorize(np.array(plain, object))
        if len(numbers) == len(texts):  # leading zeros belong to an ISBN
            return WrittenIds(codes, [text.partition(".")[0] for text in texts], "")
        fact = f"Column {column} holds numbers: {_alike(written, plain)} are the same."
        return WrittenIds(places[codes].astype(np.int32), numbers.tolist(), fact)
    alike, n_ways = _alike(written, plain), Counter(texts)
    ids = [text if n_ways[text] == 1 else kept for text, kept in zip(texts, written, strict=True)]
    return WrittenIds(codes, ids, f"Column {column} holds text: {alike} are not the same." if alike else "")


def _plain(text: str) -> str:
    """A whole number as it is written plainly; any other text as it is."""
    if not _WHOLE_NUMBER.fullmatch(text):
        return text
    sign = "-" if text.startswith("-") else ""
    digits = text.lstrip("+-").partition(".")[0].lstrip("0")
    return sign + digits if digits else "0"


def _alike(texts: list[str], plain: list[str]) -> str:
    """The first texts that are written in several ways, as "1, ' 1' and 01"; "" without any."""
    ways: dict[str, list[str]] = {}
    for text, number in zip(texts, plain, strict=True):
        ways.setdefault(number, []).append(text)
    *most, last = next((found for found in ways.values() if len(found) > 1), [""])[:_MOST_SHOWN]
    *most, last = [beginning_of(text if text == text.strip() else repr(text)) for text in (*most, last)]
    return f"{', '.join(most)} and {last}" if most else ""
