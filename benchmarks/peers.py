"""Specialists of one task each, behind the `Scorer` protocol, so that our models are set beside the best of their kind.

The libraries (`benchmarks/requirements.txt`) are imported where they are used: those that are not installed can be left
out. Settings were chosen on validation parts, never on test.
"""

import importlib.util
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data import Ratings
from recommender.data.schema import RatingScale
from recommender.evaluation import Ease, EaseSettings, Popularity, Scorer

Settings = Mapping[str, Any]
Floats = npt.NDArray[np.floating]
Rows = npt.NDArray[np.integer]


@dataclass(frozen=True)
class Peer:
    """One system to compare with.

    Attributes:
      fit: trains it on these interactions, with this seed and these settings.
      module: what must be installed; None if nothing but Matinee.
      chosen: the settings it is examined with: the best of `grid` on validation.
      grid: setting -> values to try.
    """

    fit: Callable[[Ratings, int, Settings], Scorer]
    module: str | None = None
    chosen: Settings = field(default_factory=dict)
    grid: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    @property
    def installed(self) -> bool:
        """Whether it can run here."""
        return self.module is None or importlib.util.find_spec(self.module) is not None

    def points(self) -> Iterator[dict[str, Any]]:
        """All settings of the grid."""
        for values in itertools.product(*self.grid.values()):
            yield dict(zip(self.grid, values, strict=True))


@dataclass(frozen=True)
class FactorModel:
    """Biases and an inner product of factors; its score is its prediction.

    Attributes:
      users: [n_users, size].
      items: [n_titles, size].
      user_biases: [n_users].
      item_biases: [n_titles].
      scale: of the predicted stars; None for a model that predicts none.
    """

    users: Floats
    items: Floats
    user_biases: Floats
    item_biases: Floats
    scale: RatingScale | None = None

    def score(self, user_rows: Rows, timestamps: Rows) -> Floats:
        """[n, n_titles]."""
        inner: Floats = self.users[user_rows] @ self.items.T
        return inner + self.user_biases[user_rows, None] + self.item_biases

    def rate(self, user_rows: Rows, item_rows: Rows, timestamps: Rows) -> Floats | None:
        """[n] stars, or None."""
        if self.scale is None:
            return None
        inner = np.einsum("nf,nf->n", self.users[user_rows], self.items[item_rows])
        stars = inner + self.user_biases[user_rows] + self.item_biases[item_rows]
        return np.clip(stars, self.scale.low, self.scale.high)


class BestSellersForStrangers:
    """A ranking that gives viewers without a training rating the best-seller list, as anybody would deploy it."""

    def __init__(self, scorer: Scorer, training_part: Ratings) -> None:
        self._scorer, self._popularity = scorer, Popularity(training_part)
        self._has_ratings = np.bincount(training_part.user_rows, minlength=len(training_part.users)) > 0

    def score(self, user_rows: Rows, timestamps: npt.NDArray[np.int64]) -> Floats:
        """[n, n_titles]."""
        best_sellers = self._popularity.score(user_rows, timestamps)
        return np.where(self._has_ratings[user_rows, None], self._scorer.score(user_rows, timestamps), best_sellers)

    def rate(self, user_rows: Rows, item_rows: Rows, timestamps: npt.NDArray[np.int64]) -> Floats | None:
        """What the ranking itself says."""
        return self._scorer.rate(user_rows, item_rows, timestamps)


def _seen_table(training_part: Ratings) -> Any:
    """[n_users, n_titles] sparse table of ones where a viewer has seen a title."""
    from scipy import sparse

    shape = (len(training_part.users), len(training_part.items))
    table = sparse.csr_matrix(
        (np.ones(len(training_part), np.float32), (training_part.user_rows, training_part.item_rows)), shape
    )
    table.data[:] = 1.0  # a title rated twice was summed
    return table


def _fit_popularity(training_part: Ratings, seed: int, settings: Settings) -> Scorer:
    return Popularity(training_part)


def _fit_ease(training_part: Ratings, seed: int, settings: Settings) -> Scorer:
    return Ease(training_part, EaseSettings(**settings))


def _fit_als(training_part: Ratings, seed: int, settings: Settings) -> Scorer:
    from implicit.cpu.als import AlternatingLeastSquares

    return _fit_implicit(lambda: AlternatingLeastSquares(random_state=seed, **settings), training_part)


def _fit_bpr(training_part: Ratings, seed: int, settings: Settings) -> Scorer:
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    # On one thread: on several the same seed gives another model each time.
    return _fit_implicit(
        lambda: BayesianPersonalizedRanking(random_state=seed, num_threads=1, **settings), training_part
    )


def _fit_implicit(make: Callable[[], Any], training_part: Ratings) -> Scorer:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):  # implicit has threads of its own, and warns of those of BLAS
        model = make()
        model.fit(_seen_table(training_part), show_progress=False)
    users, items = model.user_factors, model.item_factors
    return BestSellersForStrangers(FactorModel(users, items, np.zeros(len(users)), np.zeros(len(items))), training_part)


def _fit_lightfm(training_part: Ratings, seed: int, settings: Settings) -> Scorer:
    from lightfm import LightFM

    rest = dict(settings)
    epochs, alpha = rest.pop("epochs"), rest.pop("alpha")
    model = LightFM(loss="warp", user_alpha=alpha, item_alpha=alpha, random_state=seed, **rest)
    model.fit(_seen_table(training_part).tocoo(), epochs=epochs)
    factors = FactorModel(model.user_embeddings, model.item_embeddings, model.user_biases, model.item_biases)
    return BestSellersForStrangers(factors, training_part)


def _fit_biases(training_part: Ratings, seed: int, settings: Settings) -> Scorer:
    from surprise import BaselineOnly

    return _fit_surprise(BaselineOnly(bsl_options={"method": "als", **settings}, verbose=False), training_part)


def _fit_svd(training_part: Ratings, seed: int, settings: Settings) -> Scorer:
    from surprise import SVD

    return _fit_surprise(SVD(random_state=seed, **settings), training_part)


def _fit_svdpp(training_part: Ratings, seed: int, settings: Settings) -> Scorer:
    from surprise import SVDpp

    return _fit_surprise(SVDpp(random_state=seed, cache_ratings=True, **settings), training_part)


def _fit_surprise(model: Any, training_part: Ratings) -> Scorer:
    """Its model as one matrix product; as in Surprise, those it has not seen have neither bias nor factors."""
    from surprise import Dataset, Reader

    frame = pd.DataFrame(
        {"user": training_part.user_rows, "item": training_part.item_rows, "stars": training_part.stars}
    )
    reader = Reader(rating_scale=(training_part.scale.low, training_part.scale.high))
    trainset = Dataset.load_from_df(frame, reader).build_full_trainset()
    model.fit(trainset)
    user_rows = np.array([trainset.to_raw_uid(user) for user in trainset.all_users()])
    item_rows = np.array([trainset.to_raw_iid(item) for item in trainset.all_items()])
    users, items = (
        getattr(model, "pu", np.zeros((len(user_rows), 0))),
        getattr(model, "qi", np.zeros((len(item_rows), 0))),
    )
    if hasattr(model, "yj"):  # SVD++: Koren (2008), equation 15
        seen = (np.array([item for item, _ in trainset.ur[user]]) for user in trainset.all_users())
        users = users + np.stack([model.yj[titles].sum(axis=0) / np.sqrt(len(titles)) for titles in seen])

    def placed(values: Floats, rows: Rows, n: int) -> Floats:
        whole = np.zeros((n, *values.shape[1:]))
        whole[rows] = values
        return whole

    return FactorModel(
        placed(users, user_rows, len(training_part.users)),
        placed(items, item_rows, len(training_part.items)),
        placed(model.bu, user_rows, len(training_part.users)) + trainset.global_mean,
        placed(model.bi, item_rows, len(training_part.items)),
        training_part.scale,
    )


def _fit_bayesian_fm(training_part: Ratings, seed: int, settings: Settings) -> Scorer:
    """A factorization machine with "SVD++ flipped" features.

    Rendle, Zhang and Koren (2019), "On the Difficulty of Evaluating Baselines": ids, the titles the viewer rated and
    the viewers who rated the title, the latter two divided by the square root of their number.
    """
    from myfm import MyFMRegressor, RelationBlock
    from scipy import sparse

    seen = _seen_table(training_part)

    def block(table: Any) -> Any:
        counts = np.asarray(table.sum(axis=1)).ravel()
        shares = sparse.diags_array(1.0 / np.sqrt(np.maximum(counts, 1)))
        return sparse.csr_matrix(sparse.hstack([sparse.eye_array(table.shape[0]), shares @ table]), dtype=np.float64)

    sides = [block(seen), block(seen.T.tocsr())]
    rows = [training_part.user_rows.astype(np.int64), training_part.item_rows.astype(np.int64)]
    model = MyFMRegressor(rank=settings["rank"], random_seed=seed)
    model.fit(
        sparse.csr_matrix((len(training_part), 0)),
        training_part.stars.astype(np.float64),
        X_rel=[RelationBlock(row, side) for row, side in zip(rows, sides, strict=True)],
        n_iter=settings["n_iter"],
        n_kept_samples=settings["n_kept_samples"],
        group_shapes=[seen.shape[0], seen.shape[1], seen.shape[1], seen.shape[0]],
    )
    samples = model.predictor_.samples
    start, factors, biases = 0, [], []
    for side in sides:
        columns = slice(start, start + side.shape[1])
        start += side.shape[1]
        # Rendle (2010), lemma 3.1: the pairs within one side are a bias, those across are an inner product.
        vectors = [side @ sample.V[columns] for sample in samples]
        within = [
            side @ sample.w[columns]
            + 0.5 * ((vector**2).sum(axis=1) - side.power(2) @ (sample.V[columns] ** 2).sum(axis=1))
            for sample, vector in zip(samples, vectors, strict=True)
        ]
        # The mean over samples of inner products is one inner product of all their factors.
        factors.append(np.concatenate(vectors, axis=1) / np.sqrt(len(samples)))
        biases.append(np.mean(within, axis=0))
    constant = np.mean([sample.w0 for sample in samples])
    return FactorModel(factors[0], factors[1], biases[0] + constant, biases[1], training_part.scale)


# The chosen settings are the best of each grid by `python -m benchmarks.quality --tune --seeds 1 2`; for SVD and SVD++,
# which take longest, by `--seeds 1`. The factorization machine is not tuned.
PEERS: Mapping[str, Peer] = MappingProxyType(
    {
        "popularity": Peer(_fit_popularity),
        "ease": Peer(
            _fit_ease,
            chosen={"ease_l2": 300.0},
            grid={"ease_l2": (100.0, 200.0, 300.0, 400.0, 500.0, 800.0)},
        ),
        "als": Peer(
            _fit_als,
            "implicit",
            chosen={"factors": 32, "regularization": 30.0, "alpha": 4.0},
            grid={"factors": (16, 24, 32, 48), "regularization": (10.0, 20.0, 30.0), "alpha": (2.0, 4.0)},
        ),
        "biases": Peer(
            _fit_biases,
            "surprise",
            chosen={"reg_u": 5.0, "reg_i": 1.0, "n_epochs": 20},
            grid={"reg_u": (3.0, 5.0, 8.0), "reg_i": (1.0, 3.0, 6.0), "n_epochs": (20,)},
        ),
        "svd": Peer(
            _fit_svd,
            "surprise",
            chosen={"n_factors": 100, "n_epochs": 80, "lr_all": 0.01, "reg_all": 0.12},
            grid={
                "n_factors": (100,),
                "n_epochs": (40, 80),
                "lr_all": (0.01,),
                "reg_all": (0.1, 0.12, 0.15),
            },
        ),
        "svd++": Peer(
            _fit_svdpp,
            "surprise",
            chosen={"n_factors": 20, "n_epochs": 40, "lr_all": 0.007, "reg_all": 0.1},
            grid={"n_factors": (20,), "n_epochs": (20, 40), "lr_all": (0.007,), "reg_all": (0.05, 0.1)},
        ),
        "lightfm": Peer(
            _fit_lightfm,
            "lightfm",
            chosen={"no_components": 32, "learning_rate": 0.05, "alpha": 0.0, "epochs": 20},
            grid={
                "no_components": (16, 32, 64),
                "learning_rate": (0.05,),
                "alpha": (0.0,),
                "epochs": (5, 10, 20),
            },
        ),
        "bpr": Peer(
            _fit_bpr,
            "implicit",
            chosen={"factors": 32, "learning_rate": 0.01, "regularization": 0.01, "iterations": 50},
            grid={
                "factors": (16, 32, 64),
                "learning_rate": (0.01, 0.02),
                "regularization": (0.01,),
                "iterations": (15, 30, 50),
            },
        ),
        "bayesian-fm": Peer(
            _fit_bayesian_fm,
            "myfm",
            chosen={"rank": 10, "n_iter": 300, "n_kept_samples": 250},
        ),
    }
)
