import numpy as np
import pytest

from recommender.data.schema import RatingScale
from recommender.models.flagship.factor_chain import FactorSample
from recommender.models.flagship.rating_settings import RatingSettings
from recommender.models.flagship.star_reader import StarReader
from tests.models.flagship.reading import histories_of

SETTINGS = RatingSettings(n_members=2, factor_size=2, implicit_size=3, implicit_shrinkage=4.0)
SCALE, MEAN, DEVIATION = RatingScale(1, 5, 1), 3.5, 1.25
N_TITLES = 6
READ = [[(0, 5.0, 0), (3, 1.0, 1), (5, 4.0, 2)], [], [(2, 2.0, 0)]]


def samples(rng):
    for _ in range(2):
        root = rng.normal(size=(3, 3))
        yield FactorSample(
            read_titles=rng.normal(size=(N_TITLES, 3)),
            precision=root @ root.T + 2 * np.eye(3),
            weights=[rng.normal(size=(1, 3)) / 10, rng.normal(size=(3, 3))],
            usual_precision=float(rng.uniform(1, 2)),
            title_precisions=rng.uniform(0.5, 2, N_TITLES),
            mean_titles=rng.normal(size=(N_TITLES, 3)),
        )


@pytest.fixture(scope="module")
def members():
    return list(samples(np.random.default_rng(0)))


@pytest.fixture(scope="module")
def directions():
    rng = np.random.default_rng(1)
    return rng.normal(size=(N_TITLES, 3)), rng.normal(size=3)


@pytest.fixture(scope="module")
def known(members, directions):
    """What the reader knows of `READ`: a row for each viewer."""
    reader = StarReader(N_TITLES, 3, SETTINGS, SCALE, MEAN, DEVIATION)
    reader.assign(members, *directions, np.array([0.1, 0.1, 0.2, 0.3, 0.3]))
    read = histories_of(*READ)
    return reader(read).numpy()


def solved(member, directions, precisions, ratings):
    """The posterior mean of the docstring, and the noise that two rounds of expectation find."""
    items = np.array([title for title, *_ in ratings], int)
    left_over = (np.array([stars for _, stars, _ in ratings]) - MEAN) / DEVIATION - member.read_titles[items, 0]
    inputs = np.concatenate([np.ones((len(items), 1)), member.read_titles[items, 1:]], axis=1)
    per_title, usual = directions
    implicit = per_title[items].sum(axis=0) / np.sqrt(len(items) + 4.0)
    implicit += max(0.0, 1 - len(items) / 4.0) * usual
    prior = 10.0 * member.weights[0][0] + implicit @ member.weights[1]
    noise = member.usual_precision
    for _ in range(2):
        left = member.precision + noise * inputs.T @ (inputs * precisions[items][:, None])
        right = member.precision @ prior + noise * inputs.T @ (precisions[items] * left_over)
        mean, spread = np.linalg.solve(left, right), np.linalg.inv(left)
        expected = (left_over - inputs @ mean) ** 2 + np.einsum("ni,ij,nj->n", inputs, spread, inputs)
        noise = (8 + len(items)) / (8 / member.usual_precision + np.sum(precisions[items] * expected))
    return mean, noise


def test_viewer_is_the_posterior_mean_given_what_they_rated(known, members, directions):
    precisions = np.exp(np.mean([np.log(member.title_precisions) for member in members], axis=0))
    for row, ratings in zip(known, READ, strict=True):
        solutions = [solved(member, directions, precisions, ratings) for member in members]
        np.testing.assert_allclose(row[:6], np.concatenate([mean for mean, _ in solutions]), atol=2e-4)
        noises = [noise / member.usual_precision for (_, noise), member in zip(solutions, members, strict=True)]
        np.testing.assert_allclose(row[7], np.log(noises).mean(), atol=2e-4)


def test_length_and_use_of_the_levels_stand_beside_it(known):
    np.testing.assert_allclose(known[:, 6], np.log1p([3, 0, 1]), rtol=1e-5)
    shares = np.array([0.1, 0.1, 0.2, 0.3, 0.3])
    used = np.array([[1, 0, 0, 1, 1], [0] * 5, [0, 1, 0, 0, 0]])
    expected = (used + 8 * shares) / (used.sum(axis=1, keepdims=True) + 8)
    np.testing.assert_allclose(known[:, 8:], np.log(expected / shares), atol=1e-5)
