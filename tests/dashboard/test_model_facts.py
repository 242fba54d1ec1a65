"""What the page Models says of each bundle."""

from recommender.dashboard.pages.models import facts
from tests.dashboard.doubles import manifest


def test_settings_that_differ_stand_first() -> None:
    other = manifest().model_copy(update={"configuration": {"learning_rate": 0.1, "embedding_size": 4, "depth": 2}})
    table = facts.settings_table({"a": manifest(), "b": other})
    assert table.index.tolist() == ["learning_rate", "user_features", "depth", "embedding_size"]
    assert table.loc["learning_rate"].tolist() == ["0.002", "0.1"]
    assert table.loc["user_features"].tolist() == ["age", ""]
