"""A model that is not the one that its bundle is about is refused when it is loaded."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recommender.bundle import MODEL_STORE
from recommender.errors import BundleError
from recommender.serving.agreement import check_answer, check_rows, check_stars
from recommender.serving.recommender import Recommender
from tests.sealing import reseal


def shorten(bundle: Path, *kinds: str) -> None:
    names = json.loads((bundle / "identifiers.json").read_text())
    names.update({kind: names[kind][:-7] for kind in kinds})
    (bundle / "identifiers.json").write_text(json.dumps(names))


def fewer_titles(bundle: Path) -> None:
    shorten(bundle, "titles", "item_ids")
    (bundle / "catalogue_map.csv").unlink()
    reseal(bundle, lambda content: (content.pop("map"), content["data"].update(n_titles=1664 - 7)))


def fewer_viewers(bundle: Path) -> None:
    shorten(bundle, "users")
    reseal(bundle)


def other_places(bundle: Path) -> None:
    reseal(bundle, lambda content: content["sizes"].update(embedding_size=7))


def other_scale(bundle: Path) -> None:
    reseal(bundle, lambda content: content["data"].update(scale={"low": 1, "high": 2, "step": 1}))


def no_stars(bundle: Path) -> None:
    reseal(bundle, lambda content: content.update(tasks=["retrieval"]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (fewer_titles, "its table of titles does not have 1,657 rows"),
        (fewer_viewers, "its table of viewers does not have 937 rows"),
        (other_places, "places are 1664 x 50 numbers where 1664 x 7 were asked for"),
        (other_scale, "it predicts stars outside 1-2"),
        (no_stars, "it predicts stars, and the manifest says that it does not"),
    ],
)
def test_model_of_another_bundle_is_refused(change: Callable[[Path], None], message: str, tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(MODEL_STORE / "matrix-factorization", tmp_path / "theirs"))
    change(bundle)
    with pytest.raises(BundleError, match=message):
        Recommender.load(bundle)


def test_answers_are_as_many_and_as_large_as_was_asked_for() -> None:
    answer = {"scores": np.zeros((2, 3))}
    check_answer(answer, (2, 3), "scores")
    with pytest.raises(BundleError, match="scores are 2 x 3 numbers where 2 x 4 were asked for"):
        check_answer(answer, (2, 4), "scores")
    with pytest.raises(BundleError, match="stars are nothing"):
        check_answer(answer, (2, 3), "stars")
    with pytest.raises(BundleError, match="a title beyond the 3"):
        check_rows(np.array([0, 3]), 3)
    check_stars(np.array([1.0, 5.0]), 1.0, 5.0, rates=True)
    with pytest.raises(BundleError, match="outside 1-5"):
        check_stars(np.array([1.0, np.nan]), 1.0, 5.0, rates=True)
