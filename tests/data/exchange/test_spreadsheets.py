"""Titles that a spreadsheet would run are text in what people download; numbers stay numbers."""

import csv
import io

import numpy as np
import pandas as pd
import pytest

from recommender.data.exchange.spreadsheets import csv_for_people, without_guard

RUN = ["=1+1", "+1", "-30-", "@home", "\tx", "\nx", "'=1", "''-"]
LEFT_ALONE = ["Ran", "1=1", "'Til There Was You (1997)", "", "'", " =1"]


def written(table: pd.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_for_people(table), newline="")))


@pytest.mark.parametrize("dtype", ["str", object, "category"])
def test_text_that_would_run_gets_an_apostrophe_and_no_other(dtype):
    cells = [row[1] for row in written(pd.DataFrame({"n": 1, "title": pd.Series(RUN + LEFT_ALONE, dtype=dtype)}))[1:]]
    assert cells == [f"'{text}" for text in RUN] + LEFT_ALONE


def test_carriage_return_begins_no_row_of_its_own():
    table = pd.DataFrame({"title": ["\rx", "a\r=1+1", "b\r\n=1"], "n": 1})
    assert written(table)[1:] == [["'\nx", "1"], ["a\n=1+1", "1"], ["b\n=1", "1"]]


def test_names_of_columns_are_text_too():
    assert written(pd.DataFrame({"=cmd()": [1], "b": [2]}))[0] == ["'=cmd()", "b"]


def test_numbers_stay_numbers_even_beside_text():
    table = pd.DataFrame(
        {
            "a": [-1.5, np.nan],
            "b": pd.array([-3, None], "Int64"),
            "c": pd.Series([-2, "-x"], dtype=object),
            "d": pd.to_datetime(["2020-01-01", None]),
        }
    )
    assert written(table)[1:] == [["-1.5", "-3", "-2", "2020-01-01"], ["", "", "'-x", ""]]


def test_table_that_is_empty_or_names_a_column_twice_is_written():
    assert csv_for_people(pd.DataFrame({"title": [], "n": []})) == "title,n\n"
    assert written(pd.DataFrame([["=1", "=2"]], columns=["a", "a"])) == [["a", "a"], ["'=1", "'=2"]]


def test_what_was_guarded_is_read_as_it_wwithout_guard():
    texts = pd.Series(RUN + LEFT_ALONE, dtype="str")
    cells = pd.Series([row[1] for row in written(pd.DataFrame({"n": 1, "title": texts}))[1:]], dtype="str")
    assert without_guard(cells).tolist() == texts.tolist()
