from dataclasses import replace

import pytest

from recommender.errors import ConfigurationError
from recommender.models.zoo import ZOO, find_model
from tests.checkerboard import checkerboard


def test_unknown_model_is_refused_with_those_there_are():
    with pytest.raises(ConfigurationError, match=r"'flagshp'.*flagship"):
        find_model("flagshp")


def test_unknown_setting_is_refused_with_those_there_are():
    with pytest.raises(ConfigurationError, match=r"hed_size.*head_size"):
        find_model("flagship").configure({"hed_size": 3})


def test_setting_out_of_bounds_is_refused():
    with pytest.raises(ConfigurationError, match="epochs"):
        find_model("flagship").configure({"epochs": 0})


@pytest.mark.parametrize("entry", ZOO.values(), ids=list(ZOO))
def test_every_setting_is_described_even_where_a_model_only_gives_another_default(entry):
    assert [name for name, field in entry.configuration.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("entry", ZOO.values(), ids=list(ZOO))
def test_recommended_settings_survive_json(entry):
    configuration = entry.configure({})
    assert entry.configure(configuration.model_dump(mode="json")) == configuration


@pytest.mark.parametrize(
    ("entry", "preset"),
    [(entry, preset) for entry in ZOO.values() for preset in entry.presets],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_every_preset_is_a_valid_configuration_of_its_model(entry, preset):
    assert isinstance(entry.configure({}, preset), entry.configuration)


def test_unknown_preset_is_refused_with_those_there_are():
    with pytest.raises(ConfigurationError, match=r"flagship has no preset 'tutorial'.*default"):
        find_model("flagship").configure({}, "tutorial")


def test_star_stands_for_all_features_of_the_data():
    configuration = find_model("flagship").configure({}).fitted_to(checkerboard())
    assert configuration.candidate_inputs == ("title_id", "title_text", "genres")
    assert configuration.query_inputs == ("timestamp", "history")


def test_feature_that_the_data_lack_is_refused_with_those_there_are():
    with pytest.raises(ConfigurationError, match=r"checkerboard has no feature 'director'; it has: genres"):
        find_model("flagship").configure({"candidate_inputs": ("title_id", "director")}).fitted_to(checkerboard())


def test_data_without_times_or_titles_leave_those_inputs_out():
    data = checkerboard()
    bare = replace(
        data,
        interactions=data.interactions.drop(columns="timestamp"),
        items=data.items.assign(title=data.items["item_id"]),
        schema=replace(data.schema, has_timestamps=False),
    )
    configuration = find_model("multitask").configure({}).fitted_to(bare)
    assert (configuration.query_inputs, configuration.candidate_inputs) == (("user_id",), ("title_id",))


def test_preferences_need_features_of_titles():
    data = checkerboard()
    bare = replace(data, schema=replace(data.schema, item_features=()))
    with pytest.raises(ConfigurationError, match=r"checkerboard describes its titles by no feature.*--features"):
        find_model("cross").configure({}).fitted_to(bare)


def test_learning_rate_that_falls_cannot_also_wait_for_a_plateau():
    with pytest.raises(ConfigurationError, match=r"plateau_patience.*decay"):
        find_model("multitask").configure({"plateau_patience": 2}).fitted_to(checkerboard())


@pytest.mark.parametrize("name", ["multitask", "two-tower", "deep-1", "deep-3", "deep-5", "cross"])
def test_tutorials_learn_from_the_batch_alone_without_bias_or_correction(name):
    configuration = find_model(name).configure({}, "tutorial")
    assert (configuration.negatives, configuration.title_bias, configuration.sampling_correction) == (
        "batch",
        False,
        False,
    )


def test_towers_of_the_deep_tutorial_grow_in_depth_alone():
    layers = {"deep-1": (), "deep-3": (64, 64), "deep-5": (128, 128, 64, 64)}
    found = [find_model(name).configure({}, "tutorial").model_dump() for name in layers]
    assert [configuration.pop("query_layers") for configuration in found] == list(layers.values())
    assert found[0] == found[1] == found[2]
    assert (found[0]["hash_bins"], found[0]["projection_size"], found[0]["n_time_buckets"]) == (20_000, 64, 1000)


def test_training_waits_longer_than_the_plateau_does():
    configuration = find_model("cross").configure({}, "tutorial")
    assert configuration.patience > configuration.plateau_patience > 0


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("matrix-factorization", {"query_inputs": ("user_id", "timestamp")}),
        ("multitask", {"candidate_inputs": ("title_id", "raters")}),
        ("ease", {"candidate_inputs": ("title_id", "genres")}),
    ],
)
def test_input_that_a_model_does_not_read_is_refused_not_ignored(model, settings):
    with pytest.raises(ConfigurationError, match="does not read the input"):
        find_model(model).configure(settings).fitted_to(checkerboard())
