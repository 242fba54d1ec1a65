import numpy as np
import pytest
from scipy import sparse

from recommender.features.encoding import EncodedFeature
from recommender.models.flagship import factor_chain
from recommender.models.flagship.factor_chain import (
    FactorChain,
    FactorPrior,
    FactorSide,
    constant_group,
    feature_group,
    implicit_group,
)

RNG = np.random.default_rng(0)
ROWS, OTHERS = np.array([0, 2, 0, 2, 2, 0]), np.array([1, 0, 3, 2, 3, 0])  # of row 1 nothing is known
STARS = RNG.normal(size=6)
OF_SIDES = np.array([1.0, 2.0, 0.5]), np.array([1.0, 3.0, 0.25, 2.0])
PRECISIONS = OF_SIDES[0][ROWS] * OF_SIDES[1][OTHERS]


@pytest.mark.parametrize("block", [1, 500_000], ids=["in blocks", "at once"])
def test_mean_of_a_row_is_the_ridge_solution_given_the_other_side(block, monkeypatch):
    monkeypatch.setattr(factor_chain, "_BLOCK", block)
    prior = FactorPrior([constant_group(3)], 3)
    prior.mean, prior.precision = RNG.normal(size=(3, 3)), np.diag([1.0, 2.0, 4.0])
    others = RNG.normal(size=(4, 3))
    side = FactorSide(ROWS, OTHERS, prior)
    mean, precision = prior.mean.copy(), prior.precision.copy()
    side.draw(others, STARS, OF_SIDES, RNG)
    for row in range(3):
        read = np.flatnonzero(row == ROWS)
        inputs = np.concatenate([np.ones((len(read), 1)), others[OTHERS[read], 1:]], axis=1)
        weighted = inputs * PRECISIONS[read][:, None]
        left = precision + weighted.T @ inputs
        right = precision @ mean[row] + weighted.T @ (STARS[read] - others[OTHERS[read], 0])
        np.testing.assert_allclose(side.means[row], np.linalg.solve(left, right), atol=1e-8)


def test_draws_scatter_around_the_mean_as_the_precision_says():
    prior = FactorPrior([constant_group(3)], 2)
    side = FactorSide(ROWS, OTHERS, prior)
    others = np.ones((4, 2))
    deviations = []
    for _ in range(1_000):
        prior.mean, prior.precision = np.zeros((3, 2)), np.diag([4.0, 1.0])
        side.draw(others, STARS, OF_SIDES, RNG)
        deviations.append(side.draws[0] - side.means[0])
    inputs = np.ones((3, 2))
    precision = np.diag([4.0, 1.0]) + inputs.T @ (inputs * PRECISIONS[ROWS == 0][:, None])
    np.testing.assert_allclose(np.cov(np.array(deviations).T), np.linalg.inv(precision), atol=0.04)


def test_prior_learns_what_a_feature_says_of_rows():
    """Rows of two kinds, far apart: their prior means follow, and what is left is narrow."""
    kinds = np.arange(60) % 2
    feature = feature_group(EncodedFeature("kind", 3, 1 + kinds[:, None]), 8)
    prior = FactorPrior([constant_group(60), feature], 2)
    rows = np.where(kinds[:, None] == 0, [1.0, -2.0], [3.0, 2.0]) + 0.1 * RNG.normal(size=(60, 2))
    for _ in range(30):
        prior.draw(rows, RNG)
    np.testing.assert_allclose(prior.mean, np.where(kinds[:, None] == 0, [1.0, -2.0], [3.0, 2.0]), atol=0.4)
    assert np.linalg.inv(prior.precision).diagonal().max() < 0.2


def test_feature_nobody_has_is_no_group():
    assert feature_group(EncodedFeature("kind", 1, np.zeros((5, 2), np.int32)), 4) is None


def test_directions_of_who_rated_what_give_back_the_shares_of_a_row():
    seen = sparse.csr_matrix(np.array([[1.0, 1, 0, 0], [0, 1, 1, 1], [1, 0, 0, 0]]))
    group, directions = implicit_group(seen, 3, shrinkage=2.0)
    lengths = np.array([4.0, 5.0, 3.0])
    np.testing.assert_allclose(
        group.directions * group.scales, seen.toarray() @ directions / np.sqrt(lengths)[:, None], atol=1e-6
    )
    np.testing.assert_allclose(group.directions.T @ group.directions, np.eye(3), atol=1e-6)


def test_chain_finds_the_ratings_it_was_not_given():
    """Ratings of biases and one factor, a tenth held out: told nearly to the noise, and far better than by the mean."""
    viewers, titles = (part.ravel() for part in np.meshgrid(np.arange(30), np.arange(30), indexing="ij"))
    of_viewer, of_title = RNG.normal(size=(2, 30))
    bias = RNG.normal(size=30)
    stars = bias[titles] + of_viewer[viewers] * of_title[titles] + 0.1 * RNG.normal(size=900)
    kept = RNG.random(900) > 0.1
    groups = [constant_group(30)]
    chain = FactorChain(viewers[kept], titles[kept], stars[kept], groups, groups, 2, np.random.default_rng(1))
    for _ in range(20):
        chain.sweep()
    samples = [chain.sample() for _ in range(5)]
    predicted = np.mean([predict(sample, viewers, titles, stars, kept) for sample in samples], axis=0)
    held = ~kept
    assert np.sqrt(np.mean((predicted - stars)[held] ** 2)) < 0.2 * stars[held].std()


def predict(sample, viewers, titles, stars, kept):
    """Viewers folded in with the sample's titles, and scored with its mean titles."""
    found = np.empty(len(stars))
    for viewer in range(30):
        read = (viewers == viewer) & kept
        read_titles = sample.read_titles[titles[read]]
        inputs = np.concatenate([np.ones((read.sum(), 1)), read_titles[:, 1:]], axis=1)
        noise = sample.usual_precision * sample.title_precisions[titles[read]]
        mean = sample.weights[0][0] * factor_chain.CONSTANT_SCALE
        left = sample.precision + inputs.T @ (inputs * noise[:, None])
        right = sample.precision @ mean + inputs.T @ (noise * (stars[read] - read_titles[:, 0]))
        row = np.linalg.solve(left, right)
        wanted = viewers == viewer
        of_titles = sample.mean_titles[titles[wanted]]
        found[wanted] = row[0] + of_titles[:, 0] + of_titles[:, 1:] @ row[1:]
    return found
