"""Approximate indexes: the best titles of a query without a look at every title.

An index is built over the candidates at export, saved beside the SavedModel and searched outside TensorFlow. The
libraries are optional extras, so they are imported only when an index of theirs is asked for.
"""

import bisect
import importlib
import importlib.metadata
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from recommender.data.catalogue_limits import MOST_TITLES_SEARCHED
from recommender.data.ranking import best_rows
from recommender.errors import ConfigurationError

EXACT, AUTO = "exact", "auto"
RECALL_DEPTH = 100  # indexes are tuned and measured on lists of this length
_SEED = 1
_MIN_LIST = 39  # faiss wants as many vectors for each centre it learns (`Clustering.min_points_per_centroid`)
_WANTED_RECALL = 0.95
_TUNED_ON = 100  # queries
_N_TREES = 10  # as TensorFlow Recommenders' tutorials of the time built them

Vectors = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


class MissingExtraError(ConfigurationError):
    """The library of an index is not installed; the message says how to install it."""


class ApproximateIndex(Protocol):
    """An index over the candidates of a catalogue; safe to search from many threads.

    Attributes:
      parameters: what it was built with, by name.
    """

    parameters: dict[str, int]

    def save(self, path: Path) -> None:
        """Writes the index to one file."""

    def search(self, queries: Vectors, k: int) -> tuple[Rows, Vectors]:
        """The candidates with the largest inner products, as far as the index finds them.

        Args:
          queries: [batch, size].
          k: length of the lists.

        Returns:
          Rows and inner products, [batch, k] each, best first; where fewer are found, -1 and -inf at the end.
        """


class FaissIndex:
    """IVF-Flat of faiss: vectors in lists around learned centres, of which a query looks into those it likes best.

    A vector is in the list of the centre nearest to it, and a query likes centres as it likes titles, by inner product.
    Centres are of one length, as faiss learns them over inner products, or as long as the vectors they stand for:
    directions tell tastes apart, and lengths the titles that everybody watches, a thousand times longer than others,
    which directions alone spread over all lists.

    Args:
      index: a trained `IndexIVFFlat` over inner products.
    """

    def __init__(self, index: Any) -> None:
        self._index = index
        self.parameters = {"n_lists": int(index.nlist), "n_probe": int(index.nprobe)}

    @classmethod
    def build(cls, vectors: Vectors, queries: Vectors) -> "FaissIndex":
        """Learns about as many centres as the square root of n, and how many lists a query must look into.

        Args:
          vectors: [n, size].
          queries: [n_queries, size] such as will be asked; as few lists are searched as find 95% of the best 100, of
            centres of one length or of their own, whichever needs fewer.
        """
        vectors = np.ascontiguousarray(vectors, np.float32)
        sample = np.ascontiguousarray(queries[:: max(1, len(queries) // _TUNED_ON)], np.float32)
        best = exact_best_rows(vectors, sample, min(RECALL_DEPTH, len(vectors)))
        of_one_length, own = (cls._centres(vectors, of_one_length=of_one_length) for of_one_length in (True, False))
        n_probe = cls._cut(vectors, sample, best, of_one_length).parameters["n_probe"]
        # One at a time: each holds all vectors once more.
        found = cls._cut(vectors, sample, best, own)
        return found if found.parameters["n_probe"] < n_probe else cls._cut(vectors, sample, best, of_one_length)

    @classmethod
    def _centres(cls, vectors: Vectors, *, of_one_length: bool) -> Vectors:
        """[n_lists, size] centres, as many as about the square root of n."""
        faiss = library("faiss")
        n, size = vectors.shape
        n_lists = max(1, min(round(n**0.5), n // _MIN_LIST))
        index = faiss.IndexIVFFlat(faiss.IndexFlatL2(size), size, n_lists, faiss.METRIC_INNER_PRODUCT)
        index.cp.seed, index.cp.spherical = _SEED, of_one_length
        index.cp.min_points_per_centroid = 1  # a catalogue smaller than one full list is no reason for a warning
        index.train(vectors)
        centres: Vectors = index.quantizer.reconstruct_n(0, n_lists)
        return centres

    @classmethod
    def _cut(cls, vectors: Vectors, queries: Vectors, best: Rows, centres: Vectors) -> "FaissIndex":
        """An index around these centres, of which as few lists are searched as find 95% of the best rows."""
        faiss = library("faiss")
        n_lists, size = centres.shape
        nearest = faiss.IndexFlatL2(size)
        nearest.add(centres)
        index = faiss.IndexIVFFlat(nearest, size, n_lists, faiss.METRIC_INNER_PRODUCT)
        index.train(vectors)  # of given centres nothing is learned
        index.add(vectors)
        liked_best = faiss.IndexFlatIP(size)
        liked_best.add(centres)
        liked_best.this.disown()  # it goes with the index, as one that was read has its own
        index.quantizer, index.own_fields = liked_best, True

        def recall_with(n_probe: int) -> float:
            index.nprobe = n_probe
            return recall(index.search(queries, best.shape[1])[1], best)

        index.nprobe = 1 + bisect.bisect_left(range(1, n_lists), _WANTED_RECALL, key=recall_with)
        return cls(index)

    @classmethod
    def load(cls, path: Path, size: int) -> "FaissIndex":
        """Reads what `save` wrote.

        Raises:
          MissingExtraError: if faiss is not installed.
          ValueError: if the file holds no such index of vectors of this size.
        """
        faiss = library("faiss")
        try:
            index = faiss.read_index(str(path))
        except RuntimeError as error:
            raise ValueError(f"{path} cannot be read by faiss: {str(error).strip().splitlines()[-1]}") from error
        if not isinstance(index, faiss.IndexIVFFlat) or index.d != size:
            raise ValueError(f"{path} holds no IVF-Flat index of vectors of {size} numbers")
        return cls(index)

    def save(self, path: Path) -> None:
        """Writes the index to one file."""
        library("faiss").write_index(self._index, str(path))

    def search(self, queries: Vectors, k: int) -> tuple[Rows, Vectors]:
        """See `ApproximateIndex`."""
        scores, rows = self._index.search(np.ascontiguousarray(queries, np.float32), k)
        return rows, np.where(rows < 0, np.float32(-np.inf), scores)


class AnnoyIndex:
    """A forest of annoy over inner products: trees of random cuts, which a query descends together.

    Args:
      index: a built or loaded `annoy.AnnoyIndex` with the metric "dot".
    """

    def __init__(self, index: Any) -> None:
        self._index = index
        self.parameters = {"n_trees": int(index.get_n_trees())}

    @classmethod
    def build(cls, vectors: Vectors, queries: Vectors) -> "AnnoyIndex":
        """Grows ten trees over [n, size] vectors; nothing is tuned, so the queries are not looked at."""
        index = library("annoy").AnnoyIndex(vectors.shape[1], "dot")
        index.set_seed(_SEED)
        for row, vector in enumerate(vectors):
            index.add_item(row, vector)
        index.build(_N_TREES, n_jobs=1)  # with one thread, the same vectors give the same trees
        return cls(index)

    @classmethod
    def load(cls, path: Path, size: int) -> "AnnoyIndex":
        """Maps what `save` wrote into memory.

        Raises:
          MissingExtraError: if annoy is not installed.
          ValueError: if the file holds no index of vectors of this size.
        """
        index = library("annoy").AnnoyIndex(size, "dot")
        try:
            index.load(str(path))
        except OSError as error:
            raise ValueError(f"{path} cannot be read by annoy as vectors of {size} numbers: {error}") from error
        return cls(index)

    def save(self, path: Path) -> None:
        """Writes the index to one file."""
        self._index.save(str(path))

    def search(self, queries: Vectors, k: int) -> tuple[Rows, Vectors]:
        """See `ApproximateIndex`."""
        rows = np.full((len(queries), k), -1, np.int64)
        scores = np.full((len(queries), k), -np.inf, np.float32)
        for place, query in enumerate(queries):
            found, products = self._index.get_nns_by_vector(query, k, include_distances=True)
            rows[place, : len(found)], scores[place, : len(found)] = found, products
        return rows, scores


@dataclass(frozen=True)
class IndexLibrary:
    """How to make a kind of index: its module, the package that pip installs for it, and its file in a bundle."""

    module: str
    package: str
    file: str
    build: Callable[[Vectors, Vectors], ApproximateIndex]
    load: Callable[[Path, int], ApproximateIndex]


KINDS = {
    "faiss": IndexLibrary("faiss", "faiss-cpu", "index.faiss", FaissIndex.build, FaissIndex.load),
    "annoy": IndexLibrary("annoy", "annoy", "index.ann", AnnoyIndex.build, AnnoyIndex.load),
}


def library(kind: str) -> ModuleType:
    """The library behind a kind of index.

    Raises:
      MissingExtraError: if it is not installed.
    """
    try:
        return importlib.import_module(KINDS[kind].module)
    except ImportError as error:
        raise MissingExtraError(
            f"the index {kind} needs the package {KINDS[kind].package}, which is not installed; "
            f"run `pip install {KINDS[kind].package}`, or take --index exact."
        ) from error


def usual_index(n_titles: int) -> str:
    """The kind that "auto" stands for: exact, and of more than 50,000 titles faiss where it is installed."""
    return "faiss" if n_titles > MOST_TITLES_SEARCHED and importlib.util.find_spec("faiss") else EXACT


def check_index(kind: str) -> None:
    """Finds out before a long training whether an index of this kind can be built.

    Args:
      kind: "exact", "auto", or a key of `KINDS`.

    Raises:
      MissingExtraError: if its library is not installed.
      ConfigurationError: if there is no such kind.
    """
    if kind in (EXACT, AUTO):
        return
    if kind not in KINDS:
        raise ConfigurationError(f"there is no index {kind!r}; take one of {', '.join([AUTO, EXACT, *KINDS])}.")
    library(kind)


def exact_best_rows(vectors: Vectors, queries: Vectors, k: int) -> Rows:
    """[n_queries, k] rows of [n, size] vectors with the largest inner products, best first; k is at most n."""
    return np.stack([best_rows((vectors @ query)[None], k)[0] for query in queries])


def recall(found: Rows, best: Rows) -> float:
    """Mean share of the best rows that are among those found.

    Args:
      found: [n_queries, any] rows by an index, -1 for gaps.
      best: [n_queries, k] rows of the exact answer.

    Returns:
      A share in [0, 1].
    """
    return float(np.mean([np.isin(wanted, rows).mean() for wanted, rows in zip(best, found, strict=True)]))
