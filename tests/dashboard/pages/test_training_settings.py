"""The models and settings that the form of the page Training shows."""

import pytest

from recommender.dashboard.pages.training.settings import check_settings, installed_indexes, models, settings_of
from recommender.errors import ConfigurationError
from recommender.models.zoo import ZOO
from tests.checkerboard import checkerboard


def test_every_model_of_the_zoo_can_be_chosen_with_settings_it_accepts_at_both_bounds():
    assert [choice.name for choice in models()] == list(ZOO)
    for choice in models():
        for preset in choice.presets:
            for setting in settings_of(choice.name, preset):
                for value in (setting.low, setting.default, setting.high):
                    number = int(value) if setting.whole else value
                    check_settings(choice.name, preset, {setting.name: number}, None)


def names(model):
    return [setting.name for setting in settings_of(model, "default")]


def test_weights_are_asked_for_where_there_are_two_losses():
    assert {"retrieval_weight", "rating_weight"} <= set(names("flagship"))
    assert not {"retrieval_weight", "rating_weight"} & set(names("two-tower"))


def test_model_in_closed_form_has_no_epochs():
    solved = {choice.name for choice in models() if choice.in_closed_form}
    rankings = {"ease", "recency-ease", "signed-ease", "popularity", "recent-popularity"}
    assert solved == {*rankings, "means"}
    assert names("popularity") == []
    assert names("ease") == ["ease_l2"]
    assert names("signed-ease") == []  # validation chooses


def test_default_outside_our_bounds_widens_them():
    weight = next(s for s in settings_of("multitask", "tutorial") if s.name == "retrieval_weight")
    assert weight.high == weight.default == 1024.0


def test_value_that_the_model_refuses_is_refused_in_its_words():
    with pytest.raises(ConfigurationError, match="two-tower, setting learning_rate: Input should be greater than 0"):
        check_settings("two-tower", "default", {"learning_rate": 0.0}, None)
    with pytest.raises(ConfigurationError, match="decay lets it fall"):
        check_settings("two-tower", "default", {"plateau_patience": 2}, checkerboard())


def test_exact_index_is_always_there_and_where_there_are_others_the_usual_one_comes_first(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "faiss")
    assert installed_indexes() == ("auto", "exact", "faiss")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert installed_indexes() == ("exact",)


def test_what_lies_outside_the_bounds_of_a_setting_is_refused():
    with pytest.raises(ConfigurationError, match="lies outside"):
        check_settings("two-tower", "default", {"epochs": 10_000}, None)
