import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from benchmarks import listening
from benchmarks.listening import Heard, listen, visitors
from benchmarks.systems import System
from recommender.data.schema import Schema
from recommender.errors import ConfigurationError
from tests.checkerboard import SIZE, checkerboard, write_checkerboard_as_ml100k


def rated(counts, genres):
    """A data set of titles that were rated so often and bear these genres."""
    board = checkerboard()
    rows = np.repeat(np.arange(len(counts)), counts)
    viewers = np.concatenate([np.arange(count) for count in counts])
    interactions = pd.DataFrame(
        {
            "user_id": [f"u{viewer}" for viewer in viewers],
            "item_id": [f"t{row}" for row in rows],
            "rating": 3.0,
            "timestamp": 880_000_000,
        }
    )
    items = board.items[: len(counts)].assign(genres=genres)
    return replace(board, interactions=interactions, items=items)


def test_visitor_rates_the_purest_of_the_most_rated_titles_of_a_genre(monkeypatch):
    monkeypatch.setattr(listening, "_HEAD", 3)
    monkeypatch.setattr(listening, "_GIVEN", 2)
    genres = [("A", "B", "C"), ("A",), ("A", "B"), ("A",), ("B",)]
    found = list(visitors(rated([9, 5, 8, 4, 2], genres), least_ratings=18))
    assert len(found) == 2  # A has 26 ratings and B 19; C has 9
    bears, given = found[0]
    assert bears.tolist() == [True, True, True, True, False]
    assert given.tolist() == [1, 2]  # of titles 0, 2 and 1; title 3 is pure, but no head
    assert found[1][1].tolist() == [4, 2]


def test_data_without_labels_or_with_too_few_ratings_of_each_are_refused():
    board = checkerboard()
    with pytest.raises(ConfigurationError, match="no feature of 'checkerboard' labels titles"):
        list(visitors(replace(board, schema=Schema())))
    with pytest.raises(ConfigurationError, match="more than 3,000 ratings"):
        list(visitors(board))


class Obedient:
    """Lists titles of the first one's colour after high stars, of the other colour after low ones."""

    def __init__(self, stars):
        self.stars, self.asked = stars, []

    def __call__(self, **asked):
        self.asked.append(asked)
        first, stars = asked["history_items"].numpy()[0], asked["history_stars"].numpy()[0]
        colour = (first + (stars < 3)) % 2
        rows = [row for row in range(colour, SIZE, 2) if row not in asked["excluded"].numpy()]
        given = self.stars if stars < 3 else 5.0
        return {
            "items": tf.constant([rows[: asked["k"].numpy()]]),
            "stars": tf.fill([1, min(len(rows), asked["k"].numpy())], np.float32(given)),
        }


@pytest.mark.parametrize(("stars", "low"), [(2.5, 1.0), (3.0, 0.0), (np.nan, None)])
def test_shares_are_those_of_the_titles_listed(stars, low):
    board, model = checkerboard(), Obedient(stars)
    system = System("obedient", {"retrieve": model}, None, board, board.take(np.arange(200)))
    # One of the two genres is that of the most rated title, which a middling rating does not turn away from.
    assert listen(system, least_ratings=100) == Heard(nothing=0.5, liked=1.0, hated=0.0, low_after_hating=low)
    histories = [(asked["history_stars"].numpy().tolist(), asked["viewer"].numpy()[0]) for asked in model.asked]
    assert histories == [([3.0], 0), *[([5.0] * 5, 0), ([1.0] * 5, 0)] * 2]
    assert {asked["at"].numpy()[0] for asked in model.asked} == {board.timestamps[:200].max()}


def test_table_and_json_hold_every_model(tmp_path, capsys):
    data, out = write_checkerboard_as_ml100k(tmp_path / "data"), tmp_path / "heard.json"
    command = ["--bundles", "--models", "popularity", "ease", "--data", str(data), "--least-ratings", "100"]
    listening.main([*command, "--json", str(out)])
    found = json.loads(out.read_text("utf-8"))
    assert found["popularity"]["liked"] == found["popularity"]["hated"]
    assert found["ease"]["liked"] == found["ease"]["hated"] == 0.7  # seven of the twelve of a colour are left to list
    assert found["ease"]["low_after_hating"] is None
    assert f"| ease | {found['ease']['nothing']:.2f} | " in capsys.readouterr().out
    with pytest.raises(SystemExit, match="no model 'oracle'"):
        listening.main(["--bundles", "--models", "oracle", "--data", str(data)])
