"""Several categories in one cell: with a sign between them, or as a list of JSON, of Python or of TMDB."""

import ast
import json
import re
from typing import Any

from recommender.data.own_table.blanks import BLANKS

_LIST = re.compile(r"\s*[\[{(].*[\]})]\s*", re.DOTALL)
_MOST_LETTERS = 100_000  # of a list that is read as one
_NAMES = ("name", "title", "label", "genre", "value")  # what a record calls its category
_QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")
_SIDE_BY_SIDE = re.compile(r"""(['"])\s+(['"])""")  # as NumPy prints texts: without commas


def is_list(text: str) -> bool:
    """Whether a cell is written as a list, and not as values with a sign between them."""
    return len(text) <= _MOST_LETTERS and _LIST.fullmatch(text) is not None and text.strip()[0] != "("


def split_categories(text: str, separator: str) -> tuple[str, ...]:
    """The categories in a cell, each once: "Action|Drama", ["Action", "Drama"] or [{'id': 28, 'name': 'Action'}].

    Args:
      text: the cell.
      separator: what stands between two values, where it is no list.
    """
    found = _of_list(text, separator) if is_list(text) else text.split(separator)
    return tuple(dict.fromkeys(value for part in found if (value := part.strip()) not in BLANKS))


def _of_list(text: str, separator: str) -> list[str]:
    if _SIDE_BY_SIDE.search(text) and "," not in text:
        return [one or other for one, other in _QUOTED.findall(text)]
    for read in (json.loads, ast.literal_eval):
        try:
            return _names(read(text.strip()))
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            continue
    inside = text.strip()[1:-1]
    return [part.strip().strip("'\"") for part in inside.split(separator if separator in inside else ",")]


def _names(value: Any) -> list[str]:
    """The texts in what was written: those of lists, and of records their names."""
    if isinstance(value, dict):
        named = next((value[name] for name in _NAMES if name in value), None)
        return _names(list(value.values()) if named is None else named)
    if isinstance(value, list | tuple):
        return [name for part in value for name in _names(part)]
    if isinstance(value, set):
        return sorted(name for part in value for name in _names(part))
    return [] if value is None else [str(value)]
