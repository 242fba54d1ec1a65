import pytest

from tests.dashboard.doubles import manifest


@pytest.mark.parametrize(
    ("facts", "no"),
    [
        ({}, set()),
        ({"tasks": ("retrieval",)}, {"rates"}),
        ({"tasks": ("rating",)}, {"retrieves"}),
        ({"inputs": ("user_id", "history")}, {"reads_clock"}),
        ({"has_timestamps": False}, {"has_clock", "reads_clock"}),
        ({"inputs": ("user_id", "timestamp")}, {"reads_history"}),
        ({"embedding_size": 0}, {"has_space"}),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else "",
)
def test_manifest_says_what_there_is_and_what_there_is_not(facts, no):
    found = manifest(**facts)
    asked = ("rates", "retrieves", "has_clock", "reads_clock", "reads_history", "has_space")
    assert {name for name in asked if not getattr(found, name)} == no
