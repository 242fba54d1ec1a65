"""Sampled factors of viewers and titles, their means linear in who rated what and in the titles' features."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from recommender.features import EncodedFeature

Floats = npt.NDArray[np.floating]
Rows = npt.NDArray[np.integer]

# Ratings, and rows, whose outer products are held at once; they bound the memory of a sweep.
_BLOCK = 500_000
_SUMMED = 4_000_000  # ratings whose errors are summed at once
_MOST_ROWS = 20_000
_TITLE_DEGREES = 12.0  # ratings' worth of belief that a title's noise is the usual one
VIEWER_DEGREES = 8.0  # the same for viewers
_USUAL_PRECISION = 1.5  # where the noise's precision starts, in the standardised ratings' units
CONSTANT_SCALE = 10.0  # of the feature that all rows share, so that its weight is hardly shrunk
_FACTOR_VARIANCE = 0.02  # the Wishart prior's guess of a factor's variance


class FeatureGroup(NamedTuple):
    """Features of all rows of one side in their principal axes, which share one prior variance of their weights.

    Attributes:
      directions: [n, rank] orthonormal.
      scales: [rank] singular values.
    """

    directions: Floats
    scales: Floats


class FactorPrior:
    """Gaussian prior of one side's [bias, factor] rows: a mean that is linear in features, and a full precision.

    Args:
      groups: features, a group for each variance.
      size: numbers of a row.
    """

    def __init__(self, groups: Sequence[FeatureGroup], size: int) -> None:
        self._groups = groups
        self._coefficients = [np.zeros((len(group.scales), size)) for group in groups]
        self._penalties = [float(np.mean(group.scales**2)) for group in groups]
        self.precision: Floats = np.eye(size) * 10.0
        self.mean: Floats = np.zeros((len(groups[0].directions), size))

    def draw(self, rows: Floats, rng: np.random.Generator) -> None:
        """Draws weights, their variances and the precision, given [n, size] rows (Simm et al. 2017, Macau)."""
        n, size = rows.shape
        spread = np.linalg.cholesky(_symmetric(np.linalg.inv(self.precision)))
        scatter, degrees = np.eye(size) * size * _FACTOR_VARIANCE, size + n
        for g, (directions, scales) in enumerate(self._groups):
            # In the principal axes the weights' posterior is one number a direction: no matrix of features is solved.
            self.mean -= directions @ self._coefficients[g]
            seen = directions.T @ (rows - self.mean)
            kept = scales**2 / (scales**2 + self._penalties[g])
            self._coefficients[g] = kept[:, None] * seen + np.sqrt(kept)[:, None] * (
                rng.normal(size=seen.shape) @ spread.T
            )
            self.mean += directions @ self._coefficients[g]
            weights = self.weights(g)
            norm = float(np.sum((weights @ self.precision) * weights))
            usual = float(np.mean(scales**2))
            self._penalties[g] = float(
                np.clip(rng.gamma(1 + weights.size / 2) / (norm / 2 + 1e-6), 1e-4 * usual, 1e6 * usual)
            )
            scatter += self._penalties[g] * weights.T @ weights
            degrees += len(scales)
        deviations = rows - self.mean
        self.precision = _draw_wishart(_symmetric(np.linalg.inv(scatter + deviations.T @ deviations)), degrees, rng)

    @property
    def n_groups(self) -> int:
        """Groups of features."""
        return len(self._groups)

    def weights(self, group: int) -> Floats:
        """[rank, size] weights of a group's principal axes."""
        return self._coefficients[group] / self._groups[group].scales[:, None]


class FactorSide:
    """Viewers or titles in the chain: their ratings side by side, and their prior.

    Args:
      rows: [n_ratings] the side's row of each rating.
      others: [n_ratings] the other side's.
      prior: of the rows.

    Attributes:
      counts: [n] ratings of each row.
    """

    def __init__(self, rows: Rows, others: Rows, prior: FactorPrior) -> None:
        n, size = prior.mean.shape
        self.prior, self.rows = prior, rows
        self._order = np.argsort(rows, kind="stable").astype(np.int32)
        self._others = others[self._order]
        self.counts = np.bincount(rows, minlength=n)
        self._ends = np.cumsum(self.counts)
        self.means: Floats = np.zeros((n, size))
        self.draws: Floats = np.zeros((n, size))

    def draw(
        self,
        others: Floats,
        stars: Floats,
        precisions: tuple[Floats, Floats],
        rng: np.random.Generator,
        errors: npt.NDArray[np.float64] | None = None,
    ) -> None:
        """Draws all rows given the other side's, and keeps their conditional means.

        Args:
          others: [n_others, size] the other side's rows: bias first, then the factor.
          stars: [n_ratings] standardised.
          precisions: [n] of the noise by this side's rows, and [n_others] what the other side's multiply them with.
          rng: source of chance.
          errors: [n_ratings] if given, is filled with what the draws leave of the stars.
        """
        n, size = self.means.shape
        starts = np.concatenate([[0], self._ends[:-1]])
        first = 0
        while first < n:
            last = max(int(np.searchsorted(self._ends, starts[first] + _BLOCK, side="right")), first + 1)
            last = min(last, first + _MOST_ROWS)
            ratings = slice(starts[first], self._ends[last - 1])
            read = others[self._others[ratings]]
            order = self._order[ratings]
            residuals = stars[order] - read[:, 0]
            read[:, 0] = 1.0  # the bias of this side
            edges = np.append(starts[first:last], self._ends[last - 1]) - starts[first]
            of_ratings = np.repeat(precisions[0][first:last], np.diff(edges)) * precisions[1][self._others[ratings]]
            weighted, beside = read * of_ratings[:, None], np.concatenate([read, residuals[:, None]], axis=1)
            right = self.prior.mean[first:last] @ self.prior.precision
            # Of rows without a rating, which most titles of a long catalogue are, the prior is all there is.
            roots = np.broadcast_to(
                np.linalg.inv(np.linalg.cholesky(self.prior.precision)), (last - first, size, size)
            ).copy()
            holding = np.flatnonzero(np.diff(edges))
            if len(holding):
                bounds = zip(edges[holding], edges[holding + 1], strict=True)
                moments = np.stack([weighted[a:b].T @ beside[a:b] for a, b in bounds])
                roots[holding] = np.linalg.inv(np.linalg.cholesky(moments[:, :, :size] + self.prior.precision))
                right[holding] += moments[:, :, size]
            turned = roots.transpose(0, 2, 1)
            self.means[first:last] = (turned @ (roots @ right[:, :, None]))[:, :, 0]
            noise = (turned @ rng.normal(size=(last - first, size, 1)))[:, :, 0]
            self.draws[first:last] = self.means[first:last] + noise
            if errors is not None:
                own = np.repeat(self.draws[first:last], np.diff(edges), axis=0)
                errors[order] = residuals - np.einsum("nk,nk->n", read, own)
            first = last
        self.prior.draw(self.draws, rng)


class FactorSample(NamedTuple):
    """One member: a sample of the titles to read histories with, and what predictions need.

    Attributes:
      read_titles: [n_titles, size] float32 sampled [bias, factor] rows.
      precision: [size, size] of the viewers' prior.
      weights: of the viewers' groups of features, [rank, size] each.
      usual_precision: of the median viewer's noise.
      title_precisions: [n_titles] the titles' factors of it.
      mean_titles: [n_titles, size] float32 means of the titles given the viewers that were drawn from `read_titles`;
        they carry half the noise of another draw.
    """

    read_titles: npt.NDArray[np.float32]
    precision: Floats
    weights: list[Floats]
    usual_precision: float
    title_precisions: Floats
    mean_titles: npt.NDArray[np.float32]


class TitlesDrawn(NamedTuple):
    """Where a chain has come to, as far as another of the same titles can start from it.

    Attributes:
      factors: [n_titles, size] the last drawn [bias, factor] rows.
      precisions: [n_titles] the titles' factors of the noise's precision.
    """

    factors: Floats
    precisions: Floats


class FactorChain:
    """A Gibbs sampler of biases and factors on both sides, with noise that differs by viewer and by title.

    Bayesian matrix factorization (Salakhutdinov and Mnih 2008) whose prior means are linear in features (Simm et al.
    2017), among them who rated what on both sides ("SVD++ flipped", Rendle et al. 2019) in a few principal directions;
    the noise as in Lakshminarayanan et al. (2011). A sweep costs in proportion to the ratings.

    Args:
      viewers: [n_ratings] rows.
      titles: [n_ratings] rows.
      stars: [n_ratings] standardised.
      viewer_groups: features of viewers: a constant, and who rated what.
      title_groups: features of titles.
      factor_size: numbers of a factor.
      rng: source of chance.
    """

    def __init__(
        self,
        viewers: Rows,
        titles: Rows,
        stars: Floats,
        viewer_groups: Sequence[FeatureGroup],
        title_groups: Sequence[FeatureGroup],
        factor_size: int,
        rng: np.random.Generator,
    ) -> None:
        self._rng, self._stars = rng, stars
        self._viewers = FactorSide(viewers, titles, FactorPrior(viewer_groups, factor_size + 1))
        self._titles = FactorSide(titles, viewers, FactorPrior(title_groups, factor_size + 1))
        self._titles.draws[:, 1:] = rng.normal(scale=0.1, size=(len(self._titles.draws), factor_size))
        self._viewer_precisions: Floats = np.full(len(self._viewers.draws), _USUAL_PRECISION)
        self._title_precisions: Floats = np.ones(len(self._titles.draws))

    @property
    def titles_drawn(self) -> TitlesDrawn:
        """Where it has come to."""
        return TitlesDrawn(self._titles.draws.copy(), self._title_precisions)

    def start_from(self, drawn: TitlesDrawn) -> None:
        """Goes on from where another chain has come to."""
        self._titles.draws[:] = drawn.factors
        self._title_precisions = drawn.precisions

    def sweep(self) -> None:
        """Draws everything once."""
        rng, viewers, titles = self._rng, self._viewers, self._titles
        of_viewers, of_titles = self._viewer_precisions, self._title_precisions
        viewers.draw(titles.draws, self._stars, (of_viewers, of_titles), rng)
        errors = np.empty(len(self._stars))
        titles.draw(viewers.draws, self._stars, (of_titles, of_viewers), rng, errors)
        sums = _sums_of_squares(viewers.rows, errors, of_titles, titles.rows, len(of_viewers))
        self._viewer_precisions = of_viewers = _draw_precisions(viewers.counts, sums, of_viewers, VIEWER_DEGREES, rng)
        sums = _sums_of_squares(titles.rows, errors, of_viewers, viewers.rows, len(of_titles))
        self._title_precisions = _draw_precisions(titles.counts, sums, of_titles, _TITLE_DEGREES, rng)

    def sample(self) -> FactorSample:
        """Sweeps once, and gives the member that viewers are read with before and scored with after."""
        prior = self._viewers.prior
        before = (
            self._titles.draws.astype(np.float32),
            prior.precision,
            [prior.weights(group) for group in range(prior.n_groups)],
            float(np.median(self._viewer_precisions)),
            self._title_precisions,
        )
        self.sweep()
        return FactorSample(*before, self._titles.means.astype(np.float32))


def _symmetric(matrix: Floats) -> Floats:
    return (matrix + matrix.T) / 2


def _draw_wishart(scale: Floats, degrees: float, rng: np.random.Generator) -> Floats:
    """A draw of a Wishart matrix by Bartlett's decomposition."""
    size = len(scale)
    lower = np.tril(rng.normal(size=(size, size)), -1)
    lower[np.diag_indices(size)] = np.sqrt(rng.chisquare(degrees - np.arange(size)))
    root = np.linalg.cholesky(scale) @ lower
    drawn: Floats = root @ root.T
    return drawn


def _sums_of_squares(rows: Rows, errors: Floats, weights: Floats, others: Rows, n: int) -> Floats:
    """[n] sums over each row's ratings of the squared errors [n_ratings] times the other side's weights [n_others]."""
    sums = np.zeros(n)
    for first in range(0, len(rows), _SUMMED):  # of all at once the copies would be the widest tables of a chain
        part = slice(first, first + _SUMMED)
        sums += np.bincount(rows[part], errors[part] ** 2 * weights[others[part]], n)
    return sums


def _draw_precisions(
    counts: npt.NDArray[np.integer], sums: Floats, last: Floats, degrees: float, rng: np.random.Generator
) -> Floats:
    """[n] draws of each row's precision of the noise, around the median of the last ones."""
    drawn: Floats = rng.gamma((degrees + counts) / 2) / ((degrees / np.median(last) + sums) / 2)
    return drawn


def constant_group(n: int) -> FeatureGroup:
    """The feature that all rows share."""
    return FeatureGroup(np.full((n, 1), 1 / np.sqrt(n)), np.array([np.sqrt(n) * CONSTANT_SCALE]))


def implicit_group(seen: sparse.csr_matrix, size: int, shrinkage: float) -> tuple[FeatureGroup, Floats]:
    """Who rated what in principal directions, each row by the square root of its length, as in SVD++ (Koren 2008).

    Args:
      seen: [n, n_columns] holds something, whatever it is, where a row has a column.
      size: how many directions.
      shrinkage: added to the lengths.

    Returns:
      The group, and [n_columns, size] what a column adds, before the division, to the features of a row that has it.
    """
    lengths = np.diff(seen.indptr)
    shares = np.repeat(1 / np.sqrt(np.maximum(lengths + shrinkage, 1.0)), lengths)
    shared = sparse.csr_matrix((shares, seen.indices, seen.indptr), seen.shape)
    left, scales, right = randomized_svd(shared, size, n_iter=4, random_state=0)
    return FeatureGroup(left, scales), right.T


def feature_group(feature: EncodedFeature, size: int) -> FeatureGroup | None:
    """An encoded feature in principal directions; None if no row has it."""
    entry, slot = np.nonzero(feature.rows)
    if not len(entry):
        return None
    lengths = np.count_nonzero(feature.rows, axis=1)
    bags = sparse.csr_matrix(
        (1 / np.sqrt(lengths[entry]), (entry, feature.rows[entry, slot])), (len(feature.rows), feature.size)
    )
    left, scales, _ = randomized_svd(bags, min(size, *bags.shape), n_iter=4, random_state=0)
    known = scales > 1e-6
    return FeatureGroup(left[:, known], scales[known])
