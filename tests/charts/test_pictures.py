"""Each chart's encoding, as Vega-Lite will read it."""

import numpy as np
import pandas as pd
import pytest

from recommender import charts

NOW = pd.Timestamp("1998-01-10 12:00", tz="UTC")
PIN = pd.Timestamp("1997-12-01 00:00", tz="UTC")
FOLLOWED = pd.DataFrame(
    {
        "position": [0, 1],
        "title": ["a", "b"],
        "name": ["A", "B"],
        "colour": ["#111111", "#222222"],
        "stars": [3.4, 2.0],
        "pinned": [3.0, np.nan],
        "given": [np.nan, 2.0],
        "note": ["3.4 stars", "2.0 stars"],
    }
)
SWEPT = pd.DataFrame(
    {
        "moment": [PIN, NOW] * 2,
        "title": ["a", "a", "b", "b"],
        "name": ["A", "A", "B", "B"],
        "stars": [3.0, 3.4, 2.0, 2.1],
        "low": np.nan,
        "high": np.nan,
    }
)
CURVE = pd.DataFrame(
    {"epoch": [1, 2, 1, 2], "phase": ["train"] * 2 + ["validation"] * 2, "value": [1.0, 0.9, 1.1, 1.0]}
)
DEPTHS = pd.DataFrame(
    {
        "layers": [1, 1, 3, 3],
        "epoch": [1, 2, 1, 2],
        "value": [0.5, 0.6, 0.55, 0.5],
        "kept": [False, True, True, False],
    }
)
SHARES = pd.DataFrame({"metric": ["In the first 10"], "model": [0.17], "reference": [0.09]})
WEEKS = pd.DataFrame({"week": [PIN, NOW], "ratings": [10, 20]})


def marks(spec: dict) -> list[str]:
    return [layer["mark"]["type"] for layer in spec["layer"]]


def encodings(spec: dict, channel: str) -> list[dict]:
    return [layer["encoding"][channel] for layer in spec["layer"] if channel in layer["encoding"]]


def test_predicted_stars_lie_on_the_rating_scale_and_nothing_else() -> None:
    spec = charts.predicted_stars(FOLLOWED, (1.0, 5.0)).to_dict()
    assert marks(spec) == ["rule", "rule", "tick", "point", "point", "text", "text"]
    assert all(x["scale"]["domain"] == [1.0, 5.0] for x in encodings(spec, "x"))
    assert {x.get("field") for x in encodings(spec, "x")} == {None, "pinned", "given", "stars"}
    assert spec["layer"][2]["mark"]["color"] == charts.PINNED


def test_ten_stars_are_written_as_ten() -> None:
    spec = charts.predicted_stars(FOLLOWED, (1.0, 10.0)).to_dict()
    assert spec["layer"][0]["encoding"]["x"]["axis"]["format"] == "~f"


def test_predicted_stars_take_colours_from_the_data() -> None:
    spec = charts.predicted_stars(FOLLOWED, (1.0, 5.0)).to_dict()
    assert all((c["field"], c["scale"]) == ("colour", None) for c in encodings(spec, "color"))


def test_stars_over_time_has_a_rule_at_now_and_one_at_the_pin() -> None:
    colours = {"a": "#111111", "b": "#222222"}
    spec = charts.stars_over_time(SWEPT, (0.5, 5.0), colours, NOW, PIN).to_dict()
    assert marks(spec) == ["line", "rule", "rule"]
    assert [layer["mark"]["color"] for layer in spec["layer"][1:]] == [charts.PINNED, charts.NOW]
    assert spec["layer"][0]["encoding"]["y"]["scale"]["domain"] == [0.5, 5.0]
    assert spec["layer"][0]["encoding"]["color"]["scale"] == {"domain": ["a", "b"], "range": ["#111111", "#222222"]}
    assert all(x["scale"]["type"] == "utc" for x in encodings(spec, "x"))


def test_range_of_the_first_title_is_shaded_behind_the_lines() -> None:
    ranged = SWEPT.assign(low=[2.0, np.nan, 1.0, 1.0], high=[4.0, np.nan, 3.0, 3.0])
    spec = charts.stars_over_time(ranged, (0.5, 5.0), {"a": "#111111", "b": "#222222"}, NOW).to_dict()
    assert marks(spec) == ["area", "line", "rule"]
    assert spec["layer"][0]["mark"]["color"] == "#111111"
    shaded = spec["datasets"][spec["layer"][0]["data"]["name"]]
    assert [(row["low"], row["high"]) for row in shaded] == [(2.0, 4.0)]


def test_without_a_pin_there_is_one_rule() -> None:
    assert marks(charts.stars_over_time(SWEPT, (1, 5), {"a": "#1", "b": "#2"}, NOW).to_dict()) == ["line", "rule"]


def test_curves_of_a_short_time_have_days_and_hours_and_those_of_scores_their_own_axis() -> None:
    colours = {"a": "#111111", "b": "#222222"}
    months = pd.to_datetime(["1998-01-01", "1998-04-01"] * 2, utc=True)
    long = charts.stars_over_time(SWEPT.head(4).assign(moment=months), (1.0, 5.0), colours, NOW, PIN).to_dict()
    hours = pd.to_datetime(["1998-01-01 00:00", "1998-01-01 06:00"] * 2, utc=True)
    hourly = SWEPT.assign(moment=hours, stars=[0.1, 0.2] * 2)
    short = charts.stars_over_time(hourly, (0.1, 0.2), colours, NOW, PIN, "score").to_dict()
    assert {x["axis"]["format"] for x in encodings(long, "x")} == {"%b %Y"}
    assert {x["axis"]["format"] for x in encodings(short, "x")} == {"%-d %b, %H:%M"}
    assert short["layer"][0]["encoding"]["y"]["title"] == "score"
    assert "tickMinStep" not in short["layer"][0]["encoding"]["y"]["axis"]
    assert long["layer"][0]["encoding"]["y"]["axis"]["tickMinStep"] == 1


def test_learning_curve_tells_training_from_validation_and_marks_the_best() -> None:
    spec = charts.learning_curve(CURVE, 2, "RMSE").to_dict()
    assert marks(spec) == ["rule", "line", "point"]
    assert spec["layer"][0]["mark"]["color"] == charts.NOW
    assert spec["layer"][0]["transform"] == [{"filter": "datum.epoch === 2"}]
    assert spec["layer"][1]["encoding"]["color"]["scale"]["domain"] == ["train", "validation"]
    assert spec["layer"][1]["encoding"]["y"]["scale"]["zero"] is False


@pytest.mark.parametrize(("number_format", "least"), [(".2f", 0.01), (".3f", 0.001), (".1%", 0.001)])
def test_no_two_ticks_of_a_learning_curve_are_written_alike(number_format: str, least: float) -> None:
    for spec in (
        charts.learning_curve(CURVE, 2, "RMSE", number_format).to_dict(),
        charts.live_curve(CURVE, 9, 2, "RMSE", number_format).to_dict(),
    ):
        assert spec["layer"][1]["encoding"]["y"]["axis"]["tickMinStep"] == pytest.approx(least)


def test_learning_curve_of_one_part_names_only_that() -> None:
    spec = charts.learning_curve(CURVE[CURVE["phase"] == "validation"], 2, "RMSE").to_dict()
    assert spec["layer"][1]["encoding"]["color"]["legend"]["values"] == ["validation"]


def test_live_curve_has_room_for_all_epochs_and_is_the_same_picture_for_a_frame_of_any_length() -> None:
    spec = charts.live_curve(CURVE, 9, 2, "RMSE", ".3f").to_dict()
    assert marks(spec) == ["rule", "line", "point"]
    assert [x["scale"]["domain"] for x in encodings(spec, "x")] == [[0, 9]] * 3
    assert spec["layer"][0]["mark"]["color"] == charts.NOW
    assert "datum.epoch === 2" in spec["layer"][0]["transform"][0]["filter"]
    shorter = charts.live_curve(CURVE.head(1), 9, 2, "RMSE", ".3f").to_dict()
    assert shorter["layer"] == spec["layer"]


def test_layers_are_compared_by_a_line_each_with_a_larger_dot_at_the_epoch_that_was_kept() -> None:
    spec = charts.layers_compared(DEPTHS, "Top-100 accuracy").to_dict()
    assert marks(spec) == ["line", "point"]
    assert {(e["field"], *e["scale"]["domain"]) for e in encodings(spec, "color")} == {("depth", "1 layer", "3 layers")}
    assert {row["depth"] for row in next(iter(spec["datasets"].values()))} == {"1 layer", "3 layers"}
    assert [x["field"] for x in encodings(spec, "x")] == ["epoch"] * 2
    assert encodings(spec, "y")[0]["title"] == "Top-100 accuracy"
    (size,) = encodings(spec, "size")
    small, large = size["scale"]["range"]
    assert (size["field"], size["scale"]["domain"]) == ("kept", [False, True])
    assert small < large


def test_shares_run_from_the_reference_to_the_model() -> None:
    spec = charts.shares_beside_reference(SHARES, "flagship", "popularity").to_dict()
    assert (spec["layer"][0]["encoding"]["x"]["field"], spec["layer"][0]["encoding"]["x2"]["field"]) == (
        "reference",
        "model",
    )
    assert spec["layer"][1]["encoding"]["color"]["scale"]["domain"] == ["flagship", "popularity"]


def test_ratings_over_time_are_bars_from_zero_with_the_moment() -> None:
    spec = charts.ratings_over_time(WEEKS, NOW).to_dict()
    assert marks(spec) == ["bar", "rule"]
    assert spec["layer"][0]["encoding"]["y2"] == {"datum": 0}


@pytest.mark.parametrize(
    "chart",
    [
        charts.predicted_stars(FOLLOWED, (1, 5)),
        charts.learning_curve(CURVE, 2, "x"),
        charts.live_curve(CURVE, 4, 2, "x", ".2f"),
    ],
    ids=["stars", "curve", "live"],
)
def test_picture_shown_from_a_cache_has_one_frame_for_all_layers(chart) -> None:
    spec = chart.to_dict()
    assert set(spec["data"]) == {"name"}
    assert len(spec["datasets"]) == 1
    assert all("data" not in layer for layer in spec["layer"])


def test_amber_is_for_now_and_never_for_a_title() -> None:
    assert charts.NOW not in charts.TITLE_COLOURS
    assert charts.PINNED not in charts.TITLE_COLOURS


def test_title_keeps_its_colour_when_others_come_and_go() -> None:
    first = charts.assign_colours(["a", "b", "c"])
    second = charts.assign_colours(["c", "d"], first)
    assert second["c"] == first["c"]
    assert second["d"] == first["a"]
    assert len(set(charts.assign_colours(list("abcdef")).values())) == 6


def test_unknown_picture_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'pie'"):
        _ = charts.pie


def test_cells_of_a_replay_say_their_axes_and_what_more_of_the_colour_means() -> None:
    frame = pd.DataFrame({"cut": ["1 Jan 1998"], "start": ["1 Jan 1999"], "mean": [2.5], "n": [4]})
    drawn = charts.snapshots_by_step(frame, "Hits of ten", ["1 Jan 1998", "1 Jan 1999"]).to_dict()["encoding"]
    assert (drawn["x"]["title"], drawn["y"]["title"]) == ("asked what came next, from", "model trained up to")
    assert drawn["opacity"]["legend"]["title"] == "Hits of ten: the bluer, the more"
    assert drawn["x"]["axis"]["labelExpr"] == "slice(datum.label, 6)"  # the years alone
    monthly = charts.snapshots_by_step(frame, "Hits of ten", ["1 Jan 1998", "1 Feb 1998"]).to_dict()["encoding"]
    assert "labelExpr" not in monthly["x"]["axis"]
