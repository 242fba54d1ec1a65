import numpy as np
import pytest

from recommender.data.catalogue_limits import MOST_TITLES_MAPPED
from recommender.export.catalogue_map import FEWEST_TITLES, draw_map


def clusters(per_cluster: int = 15, n_clusters: int = 4, size: int = 8) -> np.ndarray:
    """Titles around a few directions at right angles, of very different lengths: only the angle is to count."""
    generator = np.random.default_rng(3)
    directions = np.eye(size)[np.repeat(np.arange(n_clusters), per_cluster)]
    noisy = directions + generator.normal(0, 0.05, directions.shape)
    return (noisy * generator.uniform(0.1, 10, (len(noisy), 1))).astype(np.float32)


def test_titles_of_one_direction_lie_together():
    drawn = draw_map(clusters())
    assert drawn is not None
    apart = np.linalg.norm(drawn.places[:, None] - drawn.places[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    own = np.repeat(np.arange(4), 15)
    assert (own[apart.argmin(axis=1)] == own).all()
    assert drawn.trustworthiness > 0.85


def test_same_titles_give_the_same_map():
    first, second = draw_map(clusters()), draw_map(clusters())
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first.places, second.places)


def test_map_fills_the_plane_from_minus_one_to_one():
    drawn = draw_map(clusters())
    assert drawn is not None
    assert np.abs(drawn.places).max() == 1.0
    np.testing.assert_allclose(drawn.places.max(axis=0) + drawn.places.min(axis=0), 0, atol=2e-4)


@pytest.mark.parametrize("shape", [(FEWEST_TITLES - 1, 8), (50, 1), (50, 0)], ids=["few titles", "a line", "no space"])
def test_nothing_to_map_is_no_map(shape):
    assert draw_map(np.ones(shape, np.float32)) is None


def test_title_of_no_length_has_a_place_as_well():
    titles = clusters()
    titles[7] = 0
    drawn = draw_map(titles)
    assert drawn is not None
    assert np.isfinite(drawn.places).all()


def test_too_many_titles_are_refused():
    with pytest.raises(ValueError, match="too many"):
        draw_map(np.zeros((MOST_TITLES_MAPPED + 1, 2), np.float32))
