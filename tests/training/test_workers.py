import json

import numpy as np
import pytest

from recommender.data.share import Share
from recommender.errors import ConfigurationError
from recommender.training.trainer import help_to_train, train_model
from recommender.training.workers import Workers, share_named
from tests.checkerboard import checkerboard, checkerboard_split

CLUSTER = {"chief": ["a:1"], "worker": ["b:1", "c:1"], "ps": ["d:1"]}


def config(**task):
    return json.dumps({"cluster": CLUSTER, "task": task})


def test_chief_comes_first_and_workers_follow():
    assert share_named(config(type="chief", index=0)) == Share(0, 3)
    assert share_named(config(type="worker", index=1)) == Share(2, 3)


@pytest.mark.parametrize(
    "text",
    [
        config(type="ps", index=0),
        config(type="worker", index=2),
        config(type="worker"),
        json.dumps({"cluster": CLUSTER}),
        json.dumps({"cluster": [], "task": {"type": "worker", "index": 0}}),
        "{",
        "[]",
    ],
)
def test_text_that_names_no_process_is_refused_with_an_example(text):
    with pytest.raises(ConfigurationError, match=r"does not say which processes train .* Set it in each process"):
        share_named(text)


def test_missing_text_is_asked_for():
    with pytest.raises(ConfigurationError, match="reads TF_CONFIG, which is not set"):
        share_named("")


def test_shares_are_apart_and_make_up_the_whole():
    ratings = checkerboard()
    parts = [Share(index, 3).part_of(ratings) for index in range(3)]
    viewers = [set(part.user_rows) for part in parts]
    assert sum(map(len, viewers)) == len(set.union(*viewers)) == len(ratings.users)
    assert sum(map(len, parts)) == len(ratings)
    assert Share(1, 3).size_of(128) == 43


def test_share_of_one_is_the_very_table():
    ratings = checkerboard()
    assert Share().part_of(ratings) is ratings


def test_model_in_closed_form_is_refused_to_several():
    workers = Workers(Workers.alone().strategy, Share(1, 2))
    with pytest.raises(ConfigurationError, match="ease is solved in closed form, which one process does"):
        help_to_train("ease", checkerboard_split(), workers, seed=1)


def test_one_of_several_learns_from_its_viewers_alone(monkeypatch):
    """With one process there are no others whose numbers could come in."""
    from recommender.models.flagship import model

    asked = []

    class Noted(model.TrainingQueries):
        def __init__(self, lists, shares, **given):
            asked.append((np.unique(np.repeat(np.arange(len(lists.starts) - 1), np.diff(lists.starts))), given))
            super().__init__(lists, shares, **given)

    monkeypatch.setattr(model, "TrainingQueries", Noted)
    split = checkerboard_split()
    flagship = train_model("flagship", split, seed=1, settings={"steps": 1, "epochs": 1, "batch_size": 16}).model
    flagship.training_data(split.validation, 1, Share(1, 2))
    (all_viewers, _), _, (own, given) = asked  # the second is of what is trained anew
    users = np.flatnonzero(np.isin(flagship.space.viewer_of_user, own) & (flagship.space.viewer_of_user > 0))
    assert len(own) < len(all_viewers)
    assert set(users % 2) == {1}
    assert given["batch_size"] == 8
