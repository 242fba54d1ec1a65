from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from recommender.bundle.manifest import Identifiers
from recommender.dashboard.answers.title_lists import competing
from recommender.serving.rows import ModelRows

TITLES = ("A", "B", "C", "D")
MODEL = SimpleNamespace(titles=TITLES, rows=ModelRows(Identifiers(users=("u",), item_ids=TITLES, titles=TITLES)))


@pytest.mark.parametrize("listed", [(), ("C",), ("D", "A"), ("D", "A", "B"), TITLES])
def test_titles_with_a_place_compete_whether_they_are_few_or_most(listed):
    catalogue = pd.DataFrame({"title": ["D", "C", "A", "B"]})
    places = np.cumsum(catalogue["title"].isin(listed))
    catalogue["place"] = pd.Series(places).mask(~catalogue["title"].isin(listed)).astype("Int64")
    np.testing.assert_array_equal(competing(MODEL, catalogue), np.isin(TITLES, listed))
