"""A bundle with an approximate index answers as one without, but for what the index misses."""

import copy
import functools
import json
import shutil
import sys

import numpy as np
import pandas as pd
import pytest

from recommender.bundle.indexes import KINDS, MissingExtraError
from recommender.bundle.manifest import Manifest, sha256_of
from recommender.bundle.reader import read_manifest
from recommender.bundle.signatures import History
from recommender.data import load_ratings
from recommender.errors import BundleError
from recommender.serving import retrieval
from recommender.serving.recommender import Recommender
from tests.bundle.test_indexes import every_kind
from tests.sealing import reseal

MOMENT = 880_500_000
SIZE = 24


class RecordedIndex:
    """Gives the rows it was made with, and keeps what it was asked."""

    parameters: dict[str, int] = {}

    def __init__(self, rows):
        self._rows = np.array(rows)
        self.depths = []

    def save(self, path):
        raise NotImplementedError

    def search(self, queries, k):
        self.depths.append(k)
        rows = np.full(k, -1)
        rows[: len(self._rows)] = self._rows[:k]
        return rows[None], np.zeros((1, k), np.float32)


@pytest.fixture(scope="module")
def bundles(export_checkerboard):
    """Bundles by the kind of their index, each exported once."""
    return functools.cache(lambda kind: export_checkerboard(index=kind))


@pytest.fixture(scope="module")
def loaded(bundles):
    """The same, each loaded once."""
    return functools.cache(lambda kind: Recommender.load(bundles(kind)))


@pytest.fixture(scope="module")
def exact(checkerboard_bundle):
    return Recommender.load(checkerboard_bundle)


@pytest.fixture
def recorded(exact):
    """The exact bundle with a recorded index in it."""

    def make(rows):
        recommender = copy.copy(exact)
        recommender._retrieval = copy.copy(exact._retrieval)
        recommender._retrieval.index = RecordedIndex(rows)
        return recommender, recommender._retrieval.index

    return make


@every_kind
def test_manifest_says_what_the_index_is(kind, bundles):
    manifest = read_manifest(bundles(kind))
    file = bundles(kind) / KINDS[kind].file
    assert manifest.files[KINDS[kind].file] == sha256_of(file)
    facts = manifest.index
    assert (facts.kind, facts.bytes, facts.n_queries) == (kind, file.stat().st_size, SIZE // 2)
    assert facts.build_seconds > 0
    assert facts.recall_at_100 == 1.0  # of 24 titles all are looked at
    assert KINDS[kind].package in manifest.versions
    assert set(facts.parameters) == {"faiss": {"n_lists", "n_probe"}, "annoy": {"n_trees"}}[kind]


def test_exact_index_is_the_default_and_has_no_file_of_its_own(checkerboard_bundle):
    manifest = read_manifest(checkerboard_bundle)
    facts = manifest.index
    assert (facts.kind, facts.recall_at_100) == ("exact", 1.0)
    assert facts.bytes == 4 * SIZE * facts.candidate_size
    assert not {kind.file for kind in KINDS.values()} & set(manifest.files)


def test_manifest_without_an_index_is_of_an_exact_one(checkerboard_bundle):
    content = json.loads((checkerboard_bundle / "manifest.json").read_text())
    del content["index"]
    assert Manifest.model_validate(content).index.kind == "exact"


@every_kind
@pytest.mark.parametrize(
    "question",
    [
        {"user_id": "3", "at": MOMENT, "k": 5},
        {"user_id": None, "at": MOMENT, "k": 4, "history": History({"Title 3 (1990)": 5.0, "Title 4 (1990)": 1.0})},
        {"user_id": "3", "at": MOMENT, "k": 10**6, "include_seen": True},
    ],
    ids=["a viewer", "a visitor", "the whole catalogue"],
)
def test_frame_is_that_of_the_exact_index(kind, question, loaded, exact):
    found = loaded(kind).retrieve(**question)
    pd.testing.assert_frame_equal(found, exact.retrieve(**question), rtol=1e-4)


@every_kind
def test_titles_of_a_history_never_come_back(kind, loaded):
    recommender = loaded(kind)
    for first in range(0, SIZE - 1):
        history = History({recommender.titles[first]: 5.0, recommender.titles[first + 1]: 5.0})
        found = recommender.retrieve(None, MOMENT, 4, history=history)
        assert len(found) == 4
        assert not set(found["title"]) & set(history.stars)


def test_what_the_index_gives_is_ranked_as_the_exact_index_ranks_it(recorded, exact):
    recommender, index = recorded([7, 2, 9])
    found = recommender.retrieve("3", MOMENT, 3)
    assert index.depths == [SIZE]  # as deep as recall was measured
    assert sorted(found["item_id"]) == sorted(recommender.item_ids[row] for row in (7, 2, 9))
    assert sorted(found["retrieved"]) == [1, 2, 3]
    everything = exact.retrieve("3", MOMENT, SIZE).set_index("title")
    assert list(found["title"]) == [title for title in everything.index if title in set(found["title"])]
    np.testing.assert_allclose(found["score"], everything.loc[found["title"], "score"], rtol=1e-5)
    np.testing.assert_allclose(found["stars"], everything.loc[found["title"], "stars"], rtol=1e-5)


def test_best_of_all_that_the_index_gives_are_listed(recorded, exact):
    """What it found further down may be ranked higher, by praise."""
    recommender, _ = recorded(range(SIZE))
    found = recommender.retrieve("3", MOMENT, 3)
    pd.testing.assert_frame_equal(found, exact.retrieve("3", MOMENT, 3), rtol=1e-4)
    assert set(found["item_id"]) != set(recommender.item_ids[:3])


def test_left_out_titles_that_the_index_gives_are_dropped(recorded):
    recommender, _ = recorded([3, 7, 4, 2, 9])
    history = History({recommender.titles[3]: 5.0, recommender.titles[4]: 1.0})
    found = recommender.retrieve(None, MOMENT, 3, history=history)
    assert set(found["item_id"]) == {recommender.item_ids[row] for row in (7, 2, 9)}


def test_too_few_titles_by_the_index_are_made_up_for_by_the_exact_one(recorded, exact):
    recommender, index = recorded([7, 2])
    pd.testing.assert_frame_equal(recommender.retrieve("3", MOMENT, 3), exact.retrieve("3", MOMENT, 3))
    assert index.depths == [SIZE]


@pytest.mark.parametrize(("k", "n_rated", "asked"), [(6, 0, True), (7, 0, False), (5, 2, True), (6, 2, False)])
def test_index_answers_up_to_a_quarter_of_what_is_not_left_out(recorded, k, n_rated, asked):
    recommender, index = recorded(range(SIZE))
    history = History(dict.fromkeys(recommender.titles[:n_rated], 5.0)) if n_rated else None
    recommender.retrieve(None, MOMENT, k, history=history)
    assert bool(index.depths) == asked


@pytest.mark.parametrize(
    ("rows", "depths", "listed"),
    [(range(SIZE), [5, 8], (6, 7)), ([0, 1, 2], [5], None), ([0, 6, 7], [5], (6, 7))],
    ids=["further down", "it finds no more", "at once"],
)
def test_where_the_best_are_left_out_it_is_searched_further_down(rows, depths, listed, recorded, exact, monkeypatch):
    monkeypatch.setattr(retrieval, "RECALL_DEPTH", 2)
    recommender, index = recorded(rows)
    history = History(dict.fromkeys(recommender.titles[:6], 5.0))
    found = recommender.retrieve(None, MOMENT, 2, history=history)
    assert index.depths == depths
    by_exact = exact.retrieve(None, MOMENT, 2, history=history)["item_id"]
    assert set(found["item_id"]) == (set(by_exact) if listed is None else {recommender.item_ids[row] for row in listed})


@every_kind
def test_nothing_is_left_to_list(kind, loaded):
    assert not len(loaded(kind).retrieve(None, MOMENT, 3, among=np.zeros(SIZE, np.bool_)))


def test_seen_titles_of_a_viewer_stay_out(recorded, checkerboard_folder):
    recommender, index = recorded(range(SIZE))
    joined = recommender.with_ratings(load_ratings(checkerboard_folder))
    seen = set(joined.rated("3")["title"])
    found = joined.retrieve("3", MOMENT, 10)
    assert not index.depths  # half of the catalogue is left out
    assert not seen & set(found["title"])


@every_kind
def test_bundle_without_the_extra_serves_exactly_and_says_so(kind, bundles, exact, monkeypatch):
    monkeypatch.setitem(sys.modules, KINDS[kind].module, None)
    recommender = Recommender.load(bundles(kind))
    assert f"`pip install {KINDS[kind].package}`" in recommender.index_note
    pd.testing.assert_frame_equal(recommender.retrieve("3", MOMENT, 3), exact.retrieve("3", MOMENT, 3))


@every_kind
def test_bundle_with_the_extra_has_nothing_to_say(kind, loaded, exact):
    assert loaded(kind).index_note == exact.index_note == ""


@every_kind
def test_export_without_the_extra_is_refused(kind, export_checkerboard, monkeypatch):
    monkeypatch.setitem(sys.modules, KINDS[kind].module, None)
    with pytest.raises(MissingExtraError, match="pip install"):
        export_checkerboard(index=kind)


@every_kind
def test_damaged_index_is_refused_by_its_checksum(kind, bundles, tmp_path):
    damaged = shutil.copytree(bundles(kind), tmp_path / "damaged")
    file = damaged / KINDS[kind].file
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(BundleError, match=f"{file.name}.*checksum.*train it again"):
        Recommender.load(damaged)


@every_kind
def test_index_that_nobody_has_verified_is_refused(kind, bundles, tmp_path):
    damaged = shutil.copytree(bundles(kind), tmp_path / "damaged")
    reseal(damaged, lambda content: content["files"].pop(KINDS[kind].file))
    with pytest.raises(BundleError, match=f"no checksum of {KINDS[kind].file}"):
        Recommender.load(damaged)


@every_kind
def test_index_of_other_vectors_is_refused(kind, bundles, tmp_path):
    damaged = shutil.copytree(bundles(kind), tmp_path / "damaged")
    reseal(damaged, lambda content: content["index"].update(candidate_size=content["index"]["candidate_size"] + 1))
    with pytest.raises(BundleError, match=f"{KINDS[kind].file}.*train it again"):
        Recommender.load(damaged)
