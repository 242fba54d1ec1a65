import pytest
from pydantic import ValidationError

from recommender.data import ColumnMapping, FeatureColumn, RatingScale, parse_features, parse_missing, parse_scale
from recommender.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type:category", [("type", "category", "|")]),
        ("genre:multi", [("genre", "multi", "|")]),
        ("genre:multi|,type:category", [("genre", "multi", "|"), ("type", "category", "|")]),
        ("genre:multi,type:category", [("genre", "multi", "|"), ("type", "category", "|")]),
        ("genre:multi,,type:category", [("genre", "multi", ","), ("type", "category", "|")]),
        ("genre:multi;", [("genre", "multi", ";")]),
        (" run time : number , plot:text ", [("run time", "number", "|"), ("plot", "text", "|")]),
    ],
)
def test_features_are_read_as_on_the_command_line(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert [(f.column, f.kind, f.separator) for f in parse_features(text)] == expected


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("genre", "'genre'"),
        ("genre:tags", "'genre:tags'"),
        ("type:category,genre:tags", "'genre:tags'"),
        ("type:category|", "'type:category|'"),
        ("genre:multiple", "'genre:multiple'"),
        (":category", "':category'"),
    ],
)
def test_features_that_cannot_be_read_are_refused_where_they_begin(text: str, rest: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_features(text)
    assert f"cannot be read from {rest} on; write them as genre:multi|,type:category" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1-10", (1, 10, 1)),
        ("0.5-5:0.5", (0.5, 5, 0.5)),
        (" 0 - 1 : .25 ", (0, 1, 0.25)),
        ("-10-10:0.01", (-10, 10, 0.01)),
        ("-5--1", (-5, -1, 1)),
    ],
)
def test_scales_are_read_as_on_the_command_line(text: str, expected: tuple[float, float, float]) -> None:
    assert parse_scale(text) == RatingScale(*expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("five stars", "cannot be read; write it as 1-10 or 0.5-5:0.5"),
        ("1-", "cannot be read"),
        ("5-1", "is empty"),
        ("1-1", "is empty"),
        ("1-5:0", "is empty"),
        ("0.5-5", "does not lead from 0.5 to 5 in steps of 1; write another step behind the colon"),
        ("1-5:8", "does not lead from 1 to 5 in steps of 8"),
    ],
)
def test_scales_that_are_none_are_refused(text: str, expected: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_scale(text)
    assert expected in str(caught.value)


def test_a_mapping_survives_json() -> None:
    features = (("g", "multi", ";"), FeatureColumn(column="n", kind="number"))
    mapping = ColumnMapping(
        user="u", item="i", rating="r", title="t", features=features, scale=RatingScale(0.5, 5.0, 0.5)
    )
    assert mapping.features == parse_features("g:multi;,n:number")
    assert ColumnMapping.model_validate_json(mapping.model_dump_json()) == mapping


def test_each_column_is_read_once() -> None:
    mapping = ColumnMapping(user="u", item="name", rating="r", title="name", features=(("name", "text"),))
    assert mapping.columns == ("u", "name", "r")


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ("g:text,g:category", "the feature g is named twice"),
        ("title:text", "a feature may not be called title"),
    ],
)
def test_features_whose_names_collide_are_refused(features: str, expected: str) -> None:
    with pytest.raises(ConfigurationError, match=f"features of a table: {expected}"):
        ColumnMapping.checked(user="u", item="i", rating="r", features=parse_features(features))


@pytest.mark.parametrize(
    "wrong", [{"features": (("g", "tags"),)}, {"features": (("g", "multi", "||"),)}, {"users": "u"}, {"scale": "1-5"}]
)
def test_a_mapping_checks_itself(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ColumnMapping(**{"user": "u", "item": "i", "rating": "r", **wrong})


def test_a_mapping_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        ColumnMapping(user="u", item="i", rating="r").user = "v"


def test_values_that_mean_not_rated_are_numbers() -> None:
    assert parse_missing("0") == (0.0,)
    assert parse_missing(" 0, 99;-1 ") == (0.0, 99.0, -1.0)
    assert parse_missing("") == ()
    with pytest.raises(ConfigurationError, match="'none': the values that mean not rated are numbers"):
        parse_missing("none")
