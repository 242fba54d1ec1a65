"""Two lists side by side, against small tables worked out by hand."""

import math

import pandas as pd

from recommender.charts import places_joined, quality_of_models, stars_apart
from recommender.dashboard.answers import title_lists
from recommender.dashboard.pages.models import comparison


def catalogue(titles: str, stars: list[float] | None = None, seen: str = "") -> pd.DataFrame:
    """A whole catalogue, best first; each title is a letter."""
    unseen = pd.Series([title not in seen for title in titles])
    return pd.DataFrame(
        {
            "rank": range(1, len(titles) + 1),
            "item_id": list(titles),
            "title": list(titles),
            "score": [-float(n) for n in range(len(titles))],
            "retrieved": range(1, len(titles) + 1),
            "stars": stars or [float("nan")] * len(titles),
            "seen": (~unseen).astype("boolean"),
            "future": False,
            "place": unseen.cumsum().where(unseen).astype("Int64"),
        }
    )


def lists(first: pd.DataFrame, second: pd.DataFrame, k: int, *, hide_seen: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    placed = [title_lists.placed(one, hide_seen=hide_seen, show_future=False) for one in (first, second)]
    return comparison.lists(placed[0], placed[1], k)


def agreement_of(first: pd.DataFrame, second: pd.DataFrame, k: int, *, hide_seen: bool) -> comparison.Agreement:
    ours, theirs = lists(first, second, k, hide_seen=hide_seen)
    return comparison.agreement(ours, theirs, comparison.common(first, second), k)


def test_each_title_stands_with_its_place_in_the_other_list() -> None:
    ours, theirs = lists(catalogue("abcde"), catalogue("bcxad"), 3, hide_seen=False)
    assert ours["title"].tolist() == ["a", "b", "c"]
    assert ours["elsewhere"].tolist() == [4, 1, 2]
    assert ours["move"].tolist() == ["only here", "▼ 1", "▼ 1"]
    assert theirs["move"].tolist() == ["▲ 1", "▲ 1", "only here"]
    assert theirs["elsewhere"].isna().tolist() == [False, False, True]


def test_seen_titles_are_left_out_of_both_lists() -> None:
    ours, theirs = lists(catalogue("abc", seen="a"), catalogue("acb", seen="a"), 2, hide_seen=True)
    assert ours["title"].tolist() == ["b", "c"]
    assert theirs["title"].tolist() == ["c", "b"]
    assert ours["move"].tolist() == ["▲ 1", "▼ 1"]


def test_same_model_agrees_with_itself() -> None:
    whole = catalogue("abcd", [1.0, 2.0, 4.0, 3.0])
    agreement = agreement_of(whole, whole, 3, hide_seen=False)
    assert (agreement.overlap, agreement.k, agreement.step) == (3, 3, 0.0)
    assert math.isclose(agreement.ranks, 1.0)
    assert math.isclose(agreement.stars, 1.0)


def test_opposite_orders_correlate_negatively() -> None:
    agreement = agreement_of(
        catalogue("abcd", [1.0, 2.0, 3.0, 4.0]), catalogue("dcba", [2.0, 3.0, 4.0, 5.0]), 2, hide_seen=False
    )
    assert agreement.overlap == 0
    assert math.isclose(agreement.ranks, -1.0)
    assert math.isclose(agreement.stars, -1.0)
    assert agreement.step == 2.0  # |5-1|, |4-2|, |3-3|, |2-4|


def test_no_stars_no_star_figures() -> None:
    agreement = agreement_of(catalogue("abcd", [1.0, 2.0, 3.0, 4.0]), catalogue("abcd"), 2, hide_seen=False)
    assert math.isnan(agreement.stars)
    assert math.isnan(agreement.step)
    assert math.isclose(agreement.ranks, 1.0)
    assert comparison.stars_apart(comparison.common(catalogue("ab", [1.0, 2.0]), catalogue("ab"))).empty


def test_widest_difference_of_stars_stands_first() -> None:
    apart = comparison.stars_apart(
        comparison.common(catalogue("abc", [3.0, 3.0, 3.0]), catalogue("abc", [3.5, 1.0, 3.0])), n=2
    )
    assert apart["title"].tolist() == ["b", "a"]
    assert apart["step"].tolist() == [-2.0, 0.5]
    assert apart["position"].tolist() == [0, 1]


def test_links_know_who_is_alone() -> None:
    ours, theirs = lists(catalogue("abc"), catalogue("bxa"), 2, hide_seen=False)
    links = comparison.links(ours, theirs).set_index("name")
    assert links.loc["b"].tolist() == [2.0, 1.0]
    assert links.loc["a", "left"] == 1.0
    assert math.isnan(links.loc["a", "right"])
    assert math.isnan(links.loc["x", "left"])


def test_line_runs_from_one_place_to_the_other_with_the_first_on_top() -> None:
    frame = pd.DataFrame({"name": ["a"], "left": [1.0], "right": [2.0]})
    line = places_joined(frame, 10).to_dict()["layer"][0]
    assert line["encoding"]["y"]["field"] == "left"
    assert line["encoding"]["y2"]["field"] == "right"
    assert line["encoding"]["y"]["scale"]["reverse"] is True
    assert line["encoding"]["y"]["scale"]["domain"] == [0.5, 10.5]


def test_stars_of_two_models_share_the_rating_scale() -> None:
    frame = pd.DataFrame({"position": [0], "name": ["a"], "first": [1.0], "second": [2.0], "step": [1.0]})
    drawn = stars_apart(frame, (1.0, 5.0), "one", "two").to_dict()
    scales = [layer["encoding"]["x"]["scale"]["domain"] for layer in drawn["layer"]]
    assert scales == [[1.0, 5.0]] * 4


def test_models_without_stars_are_ticks_at_the_edge_and_references_are_lines() -> None:
    frame = pd.DataFrame(
        {
            "kind": ["model", "starless", "reference"],
            "name": ["a", "b", "ease"],
            "rmse": [0.9, None, None],
            "share": [0.6, 0.5, 0.4],
            "role": ["shown", "other", "other"],
            "note": ["a", "b", "ease, 40%"],
            "note_at": [0.6, 0.5, 0.4],
            "inward": False,
        }
    )
    layers = quality_of_models(frame, (0.8, 1.0), "predict no stars", 50).to_dict()["layer"]
    assert layers[0]["encoding"]["y"]["title"] == "found in the first 50 unseen"
    marks = {
        (layer["mark"]["type"], layer["transform"][0]["filter"])
        for layer in layers
        if "filter" in layer["transform"][0]
    }
    assert ("tick", "datum.kind === 'starless'") in marks
    assert ("rule", "datum.kind === 'reference'") in marks
    assert ("point", "datum.kind === 'model'") in marks


def test_where_every_model_predicts_stars_no_layer_is_drawn_for_others() -> None:
    """An empty layer of ticks would be a picture without words for those who do not see it."""
    frame = pd.DataFrame(
        {
            "kind": ["model"],
            "name": "a",
            "rmse": 0.9,
            "share": 0.6,
            "role": "shown",
            "note": "a",
            "note_at": 0.6,
            "inward": False,
        }
    )
    layers = quality_of_models(frame, (0.8, 1.0), "predict no stars", 50).to_dict()["layer"]
    assert {layer["mark"]["type"] for layer in layers} == {"rule", "text", "point"}
