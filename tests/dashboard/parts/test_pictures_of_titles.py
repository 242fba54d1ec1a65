from types import SimpleNamespace

import pandas as pd
import pytest

from recommender.dashboard.parts import list_controls

POSTERS = {"1": "https://films.example/1.jpg", "2": "data:image/png;base64,iVBORw0KGgo=", "3": ""}


@pytest.fixture
def recommender() -> SimpleNamespace:
    """A model whose data have a column of posters."""
    items = pd.DataFrame({"item_id": list(POSTERS), "poster": list(POSTERS.values())})
    data = SimpleNamespace(name="pictures of titles")
    manifest = SimpleNamespace(model="one", data=data, files={}, training=SimpleNamespace(finished_at="now"))
    return SimpleNamespace(manifest=manifest, ratings=SimpleNamespace(items=items))


@pytest.mark.parametrize(("on", "left"), [(True, ["1", "2"]), (False, ["2"])])
def test_switch_names_the_site_that_pictures_come_from_and_stops_asking_it(monkeypatch, recommender, on, left):
    asked = []
    monkeypatch.setattr(list_controls.st, "toggle", lambda label, **_: asked.append(label) or on)
    found = list_controls.draw_pictures(recommender, ["1", "2", "3"])
    assert found == {item: POSTERS[item] for item in left}
    assert len(asked) == 1
    assert asked[0].replace("\\", "") == "Posters from films.example"


def test_where_nothing_comes_from_the_web_there_is_no_switch(monkeypatch, recommender):
    monkeypatch.setattr(list_controls.st, "toggle", lambda *_, **__: pytest.fail("a switch was drawn"))
    assert list_controls.draw_pictures(recommender, ["2", "3"]) == {"2": POSTERS["2"]}
    recommender.ratings = None
    assert list_controls.draw_pictures(recommender, ["1"]) == {}
