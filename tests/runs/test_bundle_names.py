"""How a bundle may be called."""

from recommender.runs.bundle_names import propose_name


def test_name_is_the_models_or_the_first_number_that_is_free():
    assert propose_name("ease", []) == "ease"
    assert propose_name("ease", ["Ease", "ease-2"]) == "ease-3"
