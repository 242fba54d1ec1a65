import numpy as np
import pandas as pd
import pytest

from recommender.bundle.manifest import Identifiers
from recommender.bundle.signatures import STRANGER
from recommender.data.catalogue_limits import MOST_TITLES_AS_OBJECTS
from recommender.errors import UnknownTitleError, UnknownUserError
from recommender.serving.rows import ModelRows

ROWS = ModelRows(Identifiers(users=("anna", "7"), item_ids=("a", "b", "c"), titles=("Alien", "Babe", "Crash")))


def test_users_follow_the_stranger():
    assert [ROWS.row_of_viewer(user) for user in (None, "anna", "7")] == [STRANGER, 1, 2]


def test_titles_and_ids_have_the_same_rows_in_the_order_asked():
    assert ROWS.rows_of_titles(["Crash", "Alien"]).tolist() == ROWS.rows_of_ids(["c", "a"]).tolist() == [2, 0]
    assert ROWS.rows_of_titles(["Crash"]).dtype == np.int32  # as signatures take them
    assert ROWS.row_of_title("Babe") == 1


def test_id_that_is_not_in_the_catalogue_has_row_minus_one():
    assert ROWS.rows_of_ids(["b", "z"]).tolist() == [1, -1]


def test_unknown_names_are_refused_with_near_matches():
    with pytest.raises(UnknownUserError, match=r"'anne'.*near matches: 'anna'"):
        ROWS.row_of_viewer("anne")
    with pytest.raises(UnknownTitleError, match=r"'Aliens'.*near matches: 'Alien'"):
        ROWS.rows_of_titles(["Babe", "Aliens"])


@pytest.mark.parametrize(("n", "kept"), [(MOST_TITLES_AS_OBJECTS, "python"), (MOST_TITLES_AS_OBJECTS + 1, "pyarrow")])
def test_texts_of_a_long_catalogue_are_arrows_even_where_a_server_keeps_them_as_python_does(n, kept):
    """A frame of all titles is packed for a cache with each change, and looked up."""
    names = tuple(map(str, range(n)))
    with pd.option_context("mode.string_storage", "python"):
        rows = ModelRows(Identifiers(users=(), item_ids=names, titles=names))
    for texts in (rows.texts_of_ids, rows.texts_of_titles):
        assert texts.dtype == "str"
        assert texts.dtype.storage == kept
        assert texts.take([n - 1, 0]).tolist() == [str(n - 1), "0"]
