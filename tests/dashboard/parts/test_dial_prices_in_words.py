import xml.etree.ElementTree as ElementTree

from recommender.bundle.manifest import DialPosition
from recommender.dashboard.parts.dials import curve, names, price_in_words, with_axis
from tests.dashboard.doubles import DoubleRecommender


def position(at, ndcg, liked=None, coverage=None):
    return DialPosition(at=at, ndcg_at_10=ndcg, liked_ndcg_at_10=liked, coverage_at_10=coverage, novelty_at_10=None)


PRICES = [position(-1.0, 0.2, 0.2, 0.05), position(0.0, 0.4, 0.3, 0.1), position(1.0, 0.38, 0.33, 0.1)]


def test_a_turn_says_what_it_costs_and_what_it_gains():
    assert price_in_words(PRICES, 1.0, 250) == (
        "Measured on 250 viewers, beside the list at rest: 5% less of what they went on to watch, "
        "10% more of what they went on to like, as much of the catalogue over all lists."
    )
    assert "50% less of what they went on to watch" in price_in_words(PRICES, -1.0, 250)
    assert price_in_words(PRICES, 0.0, 250).startswith("Here it rests")
    assert price_in_words(PRICES, 0.5, 250) == "What it costs here was not measured."


def test_curve_has_its_dot_where_the_dial_stands():
    drawn = ElementTree.fromstring(curve(PRICES, 1.0, "5% less & so on"))
    dots = [part for part in drawn if part.get("d", "").endswith("h0")]
    widths = [float(dot.get("stroke-width")) for dot in dots]
    assert widths[0] == widths[1] < widths[2]
    heights = [float(dot.get("d").split()[1].removesuffix("h0")) for dot in dots]
    assert heights[1] < heights[2] < heights[0]  # the more is found the higher


def test_a_model_offers_the_dials_that_it_has():
    manifest = DoubleRecommender().manifest
    assert names(manifest) == ["varied"]
    turned = manifest.model_copy(update={"configuration": {"praise_weight": 0.4}})
    assert names(turned) == ["personal", "praise", "varied"]


def test_axis_says_what_the_list_at_rest_finds_above_nothing():
    drawn = ElementTree.fromstring(with_axis(curve(PRICES, 1.0, "said"), PRICES))
    rest, nothing = drawn.find("span")
    assert (rest.text, nothing.text) == ("100%", "0%")
    tops = [float(mark.get("style").split("top:")[1].split("px")[0]) for mark in (rest, nothing)]
    at_rest = next(dot for dot in list(drawn.find("svg"))[3:] if float(dot.get("d").split()[0][1:]) == 150)
    assert tops[0] == float(at_rest.get("d").split()[1].removesuffix("h0")) < tops[1]
