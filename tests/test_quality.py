"""The flagship trained as a user would train it, on the real data, against the floors it promises."""

import json
import os
import subprocess
import sys

import pytest

from recommender.data import cached_ml100k, load_ratings
from recommender.errors import FetchError

pytestmark = pytest.mark.slow

FLOORS = {
    "top-100 unseen": (lambda figures: figures["top_k_unseen"]["100"], 0.622),
    "top-10 unseen": (lambda figures: figures["top_k_unseen"]["10"], 0.168),
    "NDCG@10": (lambda figures: figures["ndcg_at_10"], 0.433),
    "liked NDCG@10": (lambda figures: figures["liked_ndcg_at_10"], 0.38),
    "80% interval covers": (lambda figures: figures["interval_80_covers"], 0.78),
}
GREATEST_RMSE = 0.885


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """What `evaluate` says of a flagship trained on the random split with seed 42."""
    try:
        load_ratings("ml-100k")
    except FetchError as error:
        pytest.skip(f"MovieLens 100K is not on this machine and cannot be fetched: {error}")
    assert cached_ml100k() is not None
    out = tmp_path_factory.mktemp("store") / "flagship"
    program = [sys.executable, "-m", "recommender"]
    subprocess.run([*program, "train", "flagship", "--seed", "42", "--out", str(out)], check=True, env={**os.environ})
    done = subprocess.run([*program, "evaluate", str(out), "--json"], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def test_predicted_ratings_are_near_the_given_ones(figures):
    assert figures["n_test"] == 20_000
    assert figures["rmse"] <= GREATEST_RMSE


@pytest.mark.parametrize("figure", FLOORS)
def test_held_out_titles_are_retrieved(figures, figure):
    read, floor = FLOORS[figure]
    assert read(figures) >= floor
