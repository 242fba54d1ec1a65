"""What the readers of catalogues have in common: one row per title, ids that stand for others, years in titles."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data.ratings import ITEM_ID, TITLE, USER_ID
from recommender.data.schema import Feature, Kind
from recommender.data.tables.file_table import FileTable

USER_FEATURES = (Feature("age", Kind.NUMBER), Feature("gender", Kind.CATEGORY), Feature("occupation", Kind.CATEGORY))
USER_COLUMNS = (USER_ID, "age", "gender", "occupation", "zip_code")
# The last "(1995)" of a title; series also come as "(2006–2007)" and "(2009- )", whose first year counts.
_YEAR = r".*\((\d{4})(?:\s?[-–]\s?(?:\d{4})?)?\)"


def one_row_per_title(frame: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """Lets the first id of a title stand for all of them.

    Args:
      frame: columns `item_id`, `title` and features, in the order of the ids.

    Returns:
      The rows whose title did not occur before, and the other ids -> the id that stands for them.
    """
    first = frame.drop_duplicates(TITLE)
    again = frame[frame[TITLE].duplicated()]
    stands_for = dict(zip(first[TITLE], first[ITEM_ID], strict=True))
    aliases = dict(zip(again[ITEM_ID], again[TITLE].map(stands_for), strict=True))
    return first.reset_index(drop=True), aliases


def item_ids_of(
    table: FileTable, column: str, items: pd.DataFrame, aliases: dict[str, str], described_in: str
) -> pd.Series:
    """[n_rows] the id in `items` that stands for each row's item.

    Args:
      table: the ratings.
      column: its column of item ids.
      items: the catalogue.
      aliases: further ids of the file -> the id in `items`.
      described_in: the file that describes the items, for the message.

    Raises:
      DataError: at the first id that is in neither.
    """
    rows = table.positions_among(column, [*items[ITEM_ID], *aliases], described_in)
    return pd.Series([*items[ITEM_ID], *aliases.values()], dtype="str").take(rows).reset_index(drop=True)


def users_by_number(table: FileTable, column: str) -> tuple[pd.DataFrame, pd.Series]:
    """The users of a table of ratings, where no file describes them and their ids are numbers.

    Returns:
      The users in the order of their numbers, and [n_rows] the id of each row's user.

    Raises:
      DataError: at the first id that is not a whole number.
    """
    table.integers(column)
    codes, ids = table.codes(column)
    users = pd.DataFrame({USER_ID: pd.Series(sorted(ids, key=lambda text: (float(text), text)), dtype="str")})
    return users, pd.Series(ids, dtype="str").take(codes).reset_index(drop=True)


def read_users(table: FileTable, occupations: "pd.Series[str]") -> pd.DataFrame:
    """The users whom a file describes, in the order of their numbers.

    Args:
      table: the file.
      occupations: [n_rows] theirs, as people say it.

    Raises:
      DataError: if an id is no number or occurs twice, or an age is none.
    """
    order = np.argsort(table.integers(USER_ID), kind="stable")
    table.require_distinct((USER_ID,))
    ages = table.numbers("age")
    table.refuse((ages < 0) | (ages > 130), "age", "is not an age in years; mend or remove the row")
    described = {USER_ID: table.text(USER_ID), "age": ages, "gender": table.text("gender")}
    return pd.DataFrame({**described, "occupation": occupations.array}).iloc[order].reset_index(drop=True)


def years_in(titles: pd.Series) -> npt.NDArray[np.float64]:
    """[n] the last year in brackets of each title, NaN where there is none."""
    return pd.to_numeric(titles.str.extract(_YEAR, expand=False), errors="coerce").to_numpy(np.float64)
