import numpy as np
import pytest
import tensorflow as tf

from benchmarks import visitors
from benchmarks.visitors import LIKE, VISITORS, Asked, Catalogue, Visitor
from recommender.bundle import MODEL_STORE
from recommender.bundle.manifest import Identifiers
from recommender.errors import ConfigurationError
from tests.checkerboard import checkerboard, title_in_ml100k, write_checkerboard_as_ml100k


def test_twelve_visitors_rate_titles_of_movielens_100k_with_stars_of_its_scale():
    known = Identifiers.model_validate_json(
        (MODEL_STORE / "flagship-100k" / "identifiers.json").read_text("utf-8")
    ).titles
    assert len({visitor.name for visitor in VISITORS}) == 12
    assert {title for visitor in VISITORS for title in visitor.stars} <= set(known)
    assert set(LIKE) <= set(known)
    assert all(1 <= stars <= 5 for visitor in VISITORS for stars in visitor.stars.values())
    assert any(stars % 1 for visitor in VISITORS for stars in visitor.stars.values())


def test_catalogue_counts_genres_and_places_titles_by_their_ratings():
    catalogue = Catalogue.from_ratings(checkerboard())
    assert sorted(catalogue.popularity.values()) == list(range(1, len(catalogue.popularity) + 1))
    small = Catalogue({"A": ("War", "Drama"), "B": ("Drama",), "C": ()}, {"A": 2, "B": 1, "C": 3})
    assert small.bear(["A", "B", "C"], ("War", "Horror")) == 1
    assert small.bear(["A", "B"], ()) == 0
    assert small.describe("A") == "A  (no. 2; War, Drama)"
    assert small.describe("C") == "C  (no. 3; no genre)"


def test_list_leaves_out_what_was_rated_and_keeps_half_stars():
    told = []

    def retrieve(**asked):
        told.append({name: value.numpy().tolist() for name, value in asked.items()})
        return {"items": tf.constant([[2, 0]]), "stars": tf.constant([[4.5, 2.0]])}

    asked = Asked("double", {"retrieve": retrieve}, ["A", "B", "C", "D"], 77)
    titles, stars = asked.list_for(Visitor("anybody", {"D": 4.5, "B": 1}))
    assert (titles, stars.tolist()) == (["C", "A"], [4.5, 2.0])
    assert (told[0]["history_items"], told[0]["history_stars"]) == ([3, 1], [4.5, 1.0])
    assert (told[0]["excluded"], told[0]["at"]) == ([[3, 1]], [77])
    with pytest.raises(ConfigurationError, match="double does not know 'E'"):
        asked.list_for(Visitor("somebody", {"E": 4}))


def test_titles_are_like_those_in_the_same_direction():
    places = np.array([[1.0, 0.0], [0.0, 1.0], [3.0, 3.0]], np.float32)
    asked = Asked("double", {"embed": lambda items: {"candidates": tf.constant(places[items])}}, ["A", "B", "C"], 0)
    assert [title for title, _ in asked.like("A")] == ["C", "B"]
    assert [cosine for _, cosine in asked.like("A")] == pytest.approx([0.5**0.5, 0.0])


def test_lists_of_a_reference_are_printed_with_what_was_wanted(tmp_path, capsys, monkeypatch):
    first, second = title_in_ml100k(0), title_in_ml100k(1)
    monkeypatch.setattr(visitors, "VISITORS", (Visitor("friend", {first: 5}, wants=("Odd",), shuns=("Horror",)),))
    data = write_checkerboard_as_ml100k(tmp_path / "data")
    visitors.main(["--model", "--references", "popularity", "--like", second, "--data", str(data)])
    printed = capsys.readouterr().out
    assert f"popularity, friend\n  rated: {first} 5\n   1  -     " in printed
    assert " of 10 wanted; 0 shunned; median place by ratings " in printed
    assert f"popularity, like {second}  (no. " in printed


def test_unknown_titles_and_missing_bundles_are_said(tmp_path):
    data = write_checkerboard_as_ml100k(tmp_path / "data")
    with pytest.raises(SystemExit, match=r"popularity does not know 'Star Wars \(1977\)'"):
        visitors.main(["--model", "--references", "popularity", "--data", str(data)])
    with pytest.raises(SystemExit, match="no bundle of flagship, but no bundle"):
        visitors.main(["--models", str(tmp_path), "--data", str(data)])
