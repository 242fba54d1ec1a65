"""Tables as csv for people, whose spreadsheets must take a title for a title and not for a formula.

A cell that begins with =, +, -, @, a tab or a line's end is run by Excel and LibreOffice, and titles come from wherever
a data set does. An apostrophe before it makes it text (OWASP, "CSV injection").
"""

import re
from typing import Any

import pandas as pd

# Apostrophes before the mark count as well, so that whoever takes one off gets back what was there, whatever it was.
_RUNS = re.compile(r"'*[=+\-@\t\n]")


def csv_for_people(table: pd.DataFrame) -> str:
    """A table as csv without its index, in which no text is a formula; numbers stay numbers.

    Args:
      table: any table; the names of its columns are text, too.
    """
    safe = table.copy(deep=False)
    for place, dtype in enumerate(table.dtypes):
        if not pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_datetime64_any_dtype(dtype):
            safe.isetitem(place, table.iloc[:, place].map(_guarded).array)
    return safe.set_axis([_guarded(name) for name in table.columns], axis=1).to_csv(index=False)


def without_guard(text: "pd.Series[str]") -> "pd.Series[str]":
    """[n] texts of such a csv as they were before an apostrophe was put before them."""
    return text.str.replace(rf"^'(?={_RUNS.pattern})", "", regex=True)


def _guarded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = re.sub(
        r"\r\n?", "\n", value
    )  # the writer puts no quotes around \r alone, and spreadsheets begin a row there
    return f"'{text}" if _RUNS.match(text) else text
