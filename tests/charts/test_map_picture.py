import numpy as np
import pandas as pd
import pytest

from recommender import charts
from recommender.charts.palette import NOW, TITLE_COLOURS

FRAME = pd.DataFrame(
    {
        "x": [-1.0, 1.0],
        "y": [0.0, 0.5],
        "item_id": ["1", "2"],
        "name": ["A", "B"],
        "group": ["Drama", "Other"],
        "year": [1980.0, 1990.0],
        "rated": [3.0, 9.0],
        "weight": [3.0, 9.0],
        "given": [np.nan, 4.0],
        "mark": ["opened", "followed"],
        "turn": 0,
    }
)
INKS = ("#000000", "#ffffff")


def spec_of(colouring: str, domain: tuple, heading: str = "Of") -> dict:
    titles, reach = FRAME.drop(columns=["given", "mark"]), ((-1.0, 1.0), (0.0, 0.5))
    return charts.catalogue_map(titles, FRAME, reach, colouring, domain, heading, (1.0, 5.0), INKS).to_dict()


def test_map_colours_groups_by_the_palette_and_leaves_others_quiet():
    colour = spec_of("genre", ("Drama", "War"))["layer"][0]["encoding"]["color"]
    assert colour["scale"]["domain"] == ["Drama", "War", "Other"]
    assert colour["scale"]["range"][:2] == list(TITLE_COLOURS[:2])


@pytest.mark.parametrize(("colouring", "field", "kind"), [("year", "year", "linear"), ("popularity", "weight", "log")])
def test_map_colours_numbers_by_a_ramp(colouring, field, kind):
    colour = spec_of(colouring, (1.0, 10.0))["layer"][0]["encoding"]["color"]
    assert (colour["field"], colour["scale"]["type"], colour["scale"]["domain"]) == (field, kind, [1.0, 10.0])


def test_map_without_anything_to_colour_by_has_one_colour():
    assert spec_of("plain", ())["layer"][0]["encoding"]["color"] == {"value": TITLE_COLOURS[0]}


def test_click_picks_the_title_and_its_turn_and_drag_moves_the_scales():
    params = {param["name"]: param for param in spec_of("plain", ())["params"]}
    assert params["pick"]["select"]["fields"] == ["item_id", "turn"]
    assert params["move"]["bind"] == "scales"


def test_only_the_first_layer_has_a_domain_so_that_dragging_moves_all():
    domains = ["domain" in layer["encoding"]["x"].get("scale", {}) for layer in spec_of("plain", ())["layer"]]
    assert domains == [True] + [False] * (len(domains) - 1)


def test_amber_is_for_the_opened_title_alone():
    layers = [layer for layer in spec_of("genre", ("Drama",))["layer"] if layer["mark"].get("color") == NOW]
    assert [layer["transform"] for layer in layers] == [[{"filter": "datum.mark === 'opened'"}]]


def test_map_is_drawn_on_a_canvas():
    assert spec_of("plain", ())["usermeta"]["embedOptions"]["renderer"] == "canvas"


def test_effects_go_to_both_sides_of_nothing_and_are_said_in_words():
    frame = pd.DataFrame({"position": [0, 1], "label": ["A", "B"], "value": [0.5, -0.2], "note": ["+0.50", "−0.20"]})
    spec = charts.effect_bars(frame, "Change of score").to_dict()
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["bar", "tick", "text", "text"]
    assert spec["layer"][0]["encoding"]["x"]["scale"]["zero"] is True
    assert spec["layer"][1]["encoding"]["x"]["datum"] == 0
    assert [layer["encoding"]["text"]["field"] for layer in spec["layer"][2:]] == ["label", "note"]
    assert "length(datum.note)" in spec["layer"][2]["mark"]["limit"]["expr"]  # a long label ends before its row's note


def test_what_the_viewer_gave_and_the_moment_are_amber():
    stars = charts.stars_given(pd.DataFrame({"stars": [1.0, 2.0], "count": [3, 4], "own": [False, True]})).to_dict()
    moments = pd.to_datetime([0, 100, 200], unit="s", utc=True)
    parts = pd.DataFrame({"from": moments[:2], "next": moments[1:], "count": [1, 2], "mean": 3.0, "own": [True, False]})
    for spec in (stars, charts.rated_over_time(parts).to_dict()):
        assert spec["encoding"]["color"]["scale"]["range"][1] == NOW
        assert spec["encoding"]["color"]["scale"]["domain"] == [False, True]
    assert charts.rated_over_time(parts).to_dict()["encoding"]["y2"] == {"datum": 0}
