"""Where a table begins below its titles, and what its columns are called."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from recommender.data.tables.cells import beginning_of

_MOST_TITLES = 20  # lines above a table
_MOST_LETTERS = 60  # of a number or a date
NUMBER = re.compile(r"\s*+[-+]?(?:\d++[.,]?\d*+|[.,]\d++)(?:[eE][-+]?\d++)?\s*+")
_DATE = re.compile(r"\s*\d{4}-\d\d-\d\d.*|\s*\d{1,2}[./]\d{1,2}[./]\d{2,4}.*", re.DOTALL)
_KINDS = (":token_seq", ":token", ":float_seq", ":float")  # behind the names of RecBole's columns


@dataclass(frozen=True)
class Heading:
    """What the first rows of a table say of it.

    Attributes:
      n_above: how many rows stand above the table.
      is_row: whether the next one names the columns.
      names: of the columns, each another.
      n_ends: how many of the last columns have no name and hold nothing: separators stand at the ends of rows.
      said: what was done, for people.
    """

    n_above: int
    is_row: bool
    names: tuple[str, ...]
    n_ends: int = 0
    said: tuple[str, ...] = ()

    def __str__(self) -> str:
        numbered = self.names == _numbers(len(self.names))
        not_a_row = "no row names the columns: they are numbered" if numbered else "what stands above names the columns"
        return ", ".join(("the first row names the columns" if self.is_row else not_a_row, *self.said))


def find_heading(rows: Sequence[Sequence[str]], header: bool | None, names: Sequence[str] = ()) -> Heading:
    """Finds the row that names the columns.

    Args:
      rows: the first ones, at least one.
      header: whether there is such a row, where somebody says so.
      names: what the columns are called if no row says it; numbers from 1 if these are not as many.
    """
    usual = median(map(_n_filled, rows))
    n_above = next((n for n, row in enumerate(rows[:_MOST_TITLES]) if 2 * _n_filled(row) > usual), 0)
    first, *others = rows[n_above:]
    width = usual_width(others)[0] or len(first)
    body = [row for row in others if len(row) == width]
    named, n_ends, said = _fitted(first, width, body)
    if header is False or (header is None and not _names_columns(named, body)):
        named, n_ends, said, header = list(names if len(names) == width else _numbers(width)), 0, [], False
    repeated = [name for name, n in Counter(filter(None, named)).items() if n > 1]
    said += [f"columns of one name are numbered, as {beginning_of(name)} (1)" for name in repeated[:1]]
    if n_above:
        title = beginning_of(" ".join(filter(None, rows[0])))
        said.append(f"{n_above} {'line' if n_above == 1 else 'lines'} above the table left out ({title})")
    return Heading(n_above, header is not False, distinct_names(named), n_ends, tuple(said))


def _numbers(n: int) -> tuple[str, ...]:
    return tuple(map(str, range(1, n + 1)))


def usual_width(rows: Sequence[Sequence[str]]) -> tuple[int, float]:
    """How many columns most rows have, of equals the more; and the share of rows that have as many."""
    widths = Counter(map(len, rows))
    width = max(widths, key=lambda width: (widths[width], width), default=0)
    return width, widths[width] / max(len(rows), 1)


def distinct_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names of columns, each another: a column without one is called by its number; those of one name are numbered."""
    if all(name.endswith(_KINDS) for name in names):
        names = [name.rpartition(":")[0] for name in names]
    plain = [name.strip() or str(place) for place, name in enumerate(names, 1)]
    called: list[str] = []
    for place, name in enumerate(plain):
        n = plain[: place + 1].count(name)
        new = f"{name} ({n})" if plain.count(name) > 1 else name
        while new in called:
            n, new = n + 1, f"{name} ({n + 1})"
        called.append(new)
    return tuple(called)


def column_of(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    """What is filled in of a column; of long texts the beginning."""
    return [row[place][:_MOST_LETTERS] for row in rows if place < len(row) and row[place].strip()]


def _fitted(first: Sequence[str], width: int, body: Sequence[Sequence[str]]) -> tuple[list[str], int, list[str]]:
    """Names for as many columns as the rows have, how many of them are no columns, and what was done."""
    missing = width - len(first)
    if missing < 0 and not any(first[width:]):
        return list(first[:width]), 0, []
    if missing == 1 and [row[0] for row in body] == [str(n) for n, _ in enumerate(body, 1)]:
        return ["", *first], 0, ["the first column numbers the rows and has no name"]
    if missing > 0 and not any(cell for row in body for cell in row[-missing:]):
        return [*first, *[""] * missing], missing, ["each row ends with a separator"]
    return list(first), 0, []


def _names_columns(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether a row holds names: not if it holds a number where all rows below it do, or numbers alone."""
    if not others:
        return not all(map(_is_figure, first))
    return not any(
        _is_figure(cell) and all(map(_is_figure, column_of(others, place))) for place, cell in enumerate(first)
    )


def _n_filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _is_figure(cell: str) -> bool:
    return bool(NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))
