import pytest

from recommender.errors import ConfigurationError
from recommender.models.zoo import ZOO, find_model


def test_unknown_model_is_refused_with_those_there_are():
    with pytest.raises(ConfigurationError, match=r"'flagshp'.*flagship"):
        find_model("flagshp")


def test_unknown_setting_is_refused_with_those_there_are():
    with pytest.raises(ConfigurationError, match=r"embeding_size.*embedding_size"):
        find_model("flagship").configure({"embeding_size": 3})


def test_setting_out_of_bounds_is_refused():
    with pytest.raises(ConfigurationError, match="epochs"):
        find_model("flagship").configure({"epochs": 0})


@pytest.mark.parametrize("entry", ZOO.values(), ids=list(ZOO))
def test_recommended_settings_survive_json(entry):
    configuration = entry.configure({})
    assert entry.configure(configuration.model_dump(mode="json")) == configuration
