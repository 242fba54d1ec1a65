import importlib.util
import sys

import numpy as np
import pytest

from recommender.bundle.indexes import KINDS, MissingExtraError, check_index, exact_best_rows, recall, usual_index
from recommender.errors import ConfigurationError

N, SIZE, N_QUERIES = 2_000, 16, 40


def needs(kind):
    """Skips, and says so, where the library of an index is not installed."""
    package = KINDS[kind].package
    missing = importlib.util.find_spec(KINDS[kind].module) is None
    return pytest.param(
        kind, marks=pytest.mark.skipif(missing, reason=f"{package} is not installed: pip install {package}")
    )


every_kind = pytest.mark.parametrize("kind", [needs(kind) for kind in KINDS])


@pytest.fixture(scope="module")
def vectors():
    return np.random.default_rng(7).standard_normal((N, SIZE), np.float32)


@pytest.fixture(scope="module")
def queries():
    return np.random.default_rng(8).standard_normal((N_QUERIES, SIZE), np.float32)


@every_kind
def test_saved_and_loaded_index_answers_alike(kind, vectors, queries, tmp_path):
    built = KINDS[kind].build(vectors, queries)
    file = tmp_path / KINDS[kind].file
    built.save(file)
    loaded = KINDS[kind].load(file, SIZE)
    for one, other in zip(built.search(queries, 50), loaded.search(queries, 50), strict=True):
        np.testing.assert_array_equal(one, other)
    assert loaded.parameters == built.parameters


@every_kind
def test_same_vectors_give_the_same_index(kind, vectors, queries):
    first, second = (KINDS[kind].build(vectors, queries).search(queries, 20)[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


@every_kind
def test_scores_are_inner_products_and_fall(kind, vectors, queries):
    rows, scores = KINDS[kind].build(vectors, queries).search(queries, 30)
    assert (rows >= 0).all()
    products = np.einsum("qs,qks->qk", queries, vectors[rows])
    np.testing.assert_allclose(scores, products, rtol=1e-4, atol=1e-4)
    assert (np.diff(scores, axis=1) <= 0).all()


@every_kind
def test_no_title_is_found_twice(kind, vectors, queries):
    rows, _ = KINDS[kind].build(vectors, queries).search(queries, 100)
    assert all(len(set(found.tolist())) == 100 for found in rows)


@every_kind
def test_recall_is_that_of_a_full_sort(kind, vectors, queries):
    rows, _ = KINDS[kind].build(vectors, queries).search(queries, 100)
    best = np.argsort(-(queries @ vectors.T), axis=1)[:, :100]
    expected = np.mean(
        [len(set(one.tolist()) & set(other.tolist())) / 100 for one, other in zip(rows, best, strict=True)]
    )
    assert recall(rows, exact_best_rows(vectors, queries, 100)) == pytest.approx(expected)
    assert 0.2 < expected < 1  # neither by chance (0.05) nor by looking at everything


def test_exact_best_rows_are_the_head_of_a_full_sort(vectors, queries):
    best = np.argsort(-(queries @ vectors.T), axis=1)[:, :7]
    np.testing.assert_array_equal(exact_best_rows(vectors, queries, 7), best)


def test_recall_counts_gaps_as_missed():
    assert recall(np.array([[0, -1], [2, 1]]), np.array([[0, 1], [1, 0]])) == 0.5


@pytest.mark.parametrize("kind", [needs("faiss")])
def test_as_few_lists_are_searched_as_find_95_percent(kind, vectors, queries):
    index = KINDS[kind].build(vectors, queries)
    best = exact_best_rows(vectors, queries, 100)
    n_probe = index.parameters["n_probe"]
    assert 1 < n_probe < index.parameters["n_lists"] == 45
    assert recall(index.search(queries, 100)[0], best) >= 0.95
    index._index.nprobe = n_probe - 1
    assert recall(index.search(queries, 100)[0], best) < 0.95


@pytest.mark.parametrize("kind", [needs("faiss")])
def test_titles_that_everybody_likes_lie_together_so_that_few_lists_are_searched(kind, vectors, queries):
    """Their vectors are long; by directions alone they are spread over all lists."""
    longer = np.random.default_rng(10).lognormal(0, 2, (N, 1)).astype(np.float32)
    liked, queries = np.abs(vectors) * longer, np.abs(queries)
    index = KINDS[kind].build(liked, queries)
    assert recall(index.search(queries, 100)[0], exact_best_rows(liked, queries, 100)) >= 0.95
    sizes = sorted(index._index.get_list_size(place) for place in range(index.parameters["n_lists"]))
    assert sum(sizes[-index.parameters["n_probe"] :]) < N / 2


@every_kind
def test_k_larger_than_catalogue_leaves_gaps_at_the_end(kind, queries):
    vectors = np.random.default_rng(9).standard_normal((5, SIZE), np.float32)
    rows, scores = KINDS[kind].build(vectors, queries).search(queries, 8)
    assert rows.shape == scores.shape == (N_QUERIES, 8)
    for found, score in zip(rows.tolist(), scores, strict=True):
        assert sorted(found[:5]) == [0, 1, 2, 3, 4]
        assert found[5:] == [-1] * 3
        assert np.isneginf(score[5:]).all()


@every_kind
@pytest.mark.parametrize("content", [b"", b"no index at all, whoever reads it"], ids=["empty", "of another kind"])
def test_file_that_is_no_index_is_refused(kind, content, tmp_path):
    file = tmp_path / KINDS[kind].file
    file.write_bytes(content)
    with pytest.raises(ValueError, match=KINDS[kind].file):
        KINDS[kind].load(file, SIZE)


@pytest.mark.parametrize("kind", list(KINDS))
def test_missing_extra_is_a_sentence_with_the_command(kind, monkeypatch, vectors, queries, tmp_path):
    monkeypatch.setitem(sys.modules, KINDS[kind].module, None)
    command = f"`pip install {KINDS[kind].package}`"
    for attempt in (
        lambda: check_index(kind),
        lambda: KINDS[kind].build(vectors, queries),
        lambda: KINDS[kind].load(tmp_path / "x", SIZE),
    ):
        with pytest.raises(MissingExtraError, match=command):
            attempt()


def test_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(ConfigurationError, match=r"'scann'.*exact, faiss, annoy"):
        check_index("scann")


def test_exact_index_needs_no_extra(monkeypatch):
    for kind in KINDS.values():
        monkeypatch.setitem(sys.modules, kind.module, None)
    check_index("exact")
    check_index("auto")


def test_usual_index_is_exact_and_of_a_long_catalogue_faiss_where_it_is_installed(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "faiss")
    assert (usual_index(50_000), usual_index(50_001)) == ("exact", "faiss")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert usual_index(50_001) == "exact"
