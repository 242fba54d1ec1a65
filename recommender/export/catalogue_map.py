"""A map of the catalogue: titles that are near each other in a model's space, near each other on a plane."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommender.data.catalogue_limits import MOST_TITLES_MAPPED

FEWEST_TITLES = 10  # of fewer there is no neighbourhood to keep
NEIGHBOURS = 10
_PERPLEXITY = 30.0  # scikit-learn's default: how many neighbours a title has, roughly
_ITERATIONS = 500  # twice as many moved the trustworthiness of the flagship's map by 0.0002
_SEED = 1
_DECIMALS = 4


@dataclass(frozen=True)
class PlaneMap:
    """Places of titles on a plane.

    Attributes:
      places: [n, 2] in [-1, 1], both axes to the same scale; only nearness means something, no direction does.
      trustworthiness: in [0, 1], how far the nearest neighbours on the map are neighbours in the space as well (Venna
        and Kaski, 2001, equation 1), for `NEIGHBOURS` neighbours or as many as there can be.
      neighbours: that number.
      perplexity: of the t-SNE.
      seed: of the t-SNE.
    """

    places: npt.NDArray[np.float64]
    trustworthiness: float
    neighbours: int
    perplexity: float
    seed: int


def draw_map(candidates: npt.NDArray[np.float32]) -> PlaneMap | None:
    """Lays titles out on a plane by t-SNE (van der Maaten and Hinton, 2008) of their cosines, always in the same way.

    Args:
      candidates: [n_titles, size] places in a model's space, `MOST_TITLES_MAPPED` at most.

    Returns:
      The map; None where the space has fewer than two dimensions, all its titles in one place, or the
      catalogue fewer than `FEWEST_TITLES` titles.

    Raises:
      ValueError: if there are too many titles.
    """
    n_titles, size = candidates.shape
    if n_titles > MOST_TITLES_MAPPED:
        raise ValueError(f"{n_titles:,} titles are too many for a map; choose {MOST_TITLES_MAPPED:,}")
    if size < 2 or n_titles < FEWEST_TITLES:
        return None
    if not np.isfinite(candidates).all() or not np.ptp(candidates, axis=0).max() > 0:
        return None  # a model that learned nothing is a bundle all the same
    from sklearn.manifold import TSNE, trustworthiness
    from threadpoolctl import threadpool_limits

    perplexity = min(_PERPLEXITY, (n_titles - 1) / 3)
    neighbours = min(NEIGHBOURS, (n_titles - 1) // 2)
    # One thread: on two shared cores scikit-learn's threads wait for each other, and it takes four times as long.
    with threadpool_limits(1):
        places = TSNE(
            metric="cosine", init="pca", perplexity=perplexity, max_iter=_ITERATIONS, random_state=_SEED, n_jobs=1
        ).fit_transform(candidates)
        places = places.astype(np.float64) - (places.max(axis=0) + places.min(axis=0)) / 2
        places = np.round(places / max(float(np.abs(places).max()), 1e-12), _DECIMALS)
        kept = float(trustworthiness(candidates, places, n_neighbors=neighbours, metric="cosine"))
    return PlaneMap(places, kept, neighbours, perplexity, _SEED)
