"""A recommender without TensorFlow: what `recommender.serving.recommender` promises, over twelve titles."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from recommender.bundle.dials import Dials
from recommender.bundle.manifest import (
    DataFacts,
    Identifiers,
    Manifest,
    MapFacts,
    ScaleFacts,
    Sizes,
    SplitFacts,
    TrainingFacts,
)
from recommender.bundle.signatures import History
from recommender.data.ratings import Ratings
from recommender.data.schema import TAKEN, TAKEN_OR_NOT, Feature, Kind, RatingScale, Schema
from recommender.serving.changes import Changes, Supposed
from recommender.serving.rows import ModelRows
from recommender.serving.viewer_kinds import ViewerKinds

FIRST, LAST = 874_724_700, 893_286_600  # 1997-09-20T03:05 and 1998-04-22T23:10, UTC
LAST_AS_TYPED = "1998-04-22T23:10"
OWN_LAST = {"1": FIRST + 60, "4": FIRST + 3 * 86_400 + 240, "6": FIRST + 5 * 86_400 + 360}  # see `small_ratings`
TITLES = (
    "Star Wars (1977)",
    "Postman, The (1997)",
    "M*A*S*H (1970)",
    "Fargo (1996)",
    "Casablanca (1942)",
    "Alien (1979)",
    "Emma (1996)",
    "Psycho (1960)",
    "Babe (1995)",
    "Heat (1995)",
    "Ran (1985)",
    "unknown",
)
GENRES = (
    ("Sci-Fi", "Action"),
    ("Drama",),
    ("Comedy", "War"),
    ("Crime",),
    ("Romance", "Drama"),
    ("Sci-Fi", "Horror"),
    ("Romance",),
    ("Horror",),
    ("Comedy",),
    ("Crime", "Action"),
    ("Drama", "War"),
    (),
)
_FIVE_STARS = RatingScale()
# What other bundles are: of data without times, and a reference that knows no viewers and no space of titles.
TIMELESS = {
    "data_name": "anime",
    "source": "somewhere",
    "has_timestamps": False,
    "scale": RatingScale(1, 10, 1),
    "inputs": ("user_id", "title_id"),
}
REFERENCE = {"model": "popularity", "tasks": ("retrieval",), "inputs": ("title_id",), "embedding_size": 0}
TAKEN_ONLY = {
    "data_name": "plays",
    "source": "somewhere",
    "has_ratings": False,
    "scale": TAKEN_OR_NOT,
    "tasks": ("retrieval",),
    "inputs": ("history", "timestamp", "title_id"),
}
USERS = ("1", "2", "3", "4", "5", "6", "10", "20")
SCHEMA = Schema(
    (Feature("age", Kind.NUMBER), Feature("occupation", Kind.CATEGORY)), (Feature("genres", Kind.MULTI_CATEGORY),)
)


def small_ratings() -> Ratings:
    """Viewer n has rated the first n titles, at most eleven; viewer 1 gave one star, the others three to five."""
    rows = [
        (
            user,
            str(item + 1),
            1.0 if user == "1" else 3.0 + (item + int(user)) % 3,
            FIRST + 86_400 * item + int(user) * 60,
        )
        for user in USERS
        for item in range(min(int(user), 11))
    ]
    return Ratings(
        name="ml-100k",
        interactions=pd.DataFrame(rows, columns=["user_id", "item_id", "rating", "timestamp"]),
        items=pd.DataFrame({"item_id": [str(i + 1) for i in range(len(TITLES))], "title": TITLES, "genres": GENRES}),
        users=pd.DataFrame({"user_id": USERS, "age": [24.0] * len(USERS), "occupation": ["writer"] * len(USERS)}),
        scale=RatingScale(),
        schema=SCHEMA,
    )


def figures(rmse: float | None, share: float) -> dict[str, Any]:
    """Of an examination; told the second, all shares are a tenth higher."""
    return {**_asked(rmse, share), "held_out": _asked(rmse, 1.1 * share)}


def _asked(rmse: float | None, share: float) -> dict[str, Any]:
    shares = {k: share * part for k, part in (("1", 0.1), ("5", 0.2), ("10", 0.3), ("50", 0.8), ("100", 1.0))}
    return {
        "n_test": 20,
        "n_repeated": 2,
        "n_ties": 5,
        "rmse": rmse,
        "nll": None,
        "interval_80_covers": None,
        "mae": None if rmse is None else rmse * 0.8,
        "top_k_all": shares,
        "top_k_unseen": shares,
        "ndcg_at_10": share / 2,
        "recall_at_10": share / 3,
        "liked_ndcg_at_10": share / 4,
        "below_own_mean_at_10": None if rmse is None else 0.25,
        "coverage_at_10": 0.4,
        "novelty_at_10": 9.0,
        "says_nothing": {},
    }


def taken_titles() -> Ratings:
    """The same interactions without ratings."""
    rated = small_ratings()
    schema = Schema(SCHEMA.user_features, SCHEMA.item_features, has_ratings=False)
    taken = rated.interactions.assign(rating=TAKEN)
    return Ratings("plays", taken, rated.items, rated.users, TAKEN_OR_NOT, schema)


def timeless_ratings() -> Ratings:
    """The same viewers and titles without times, on a scale of 1 to 10; titles have a type, an audience and studios."""
    timed = small_ratings()
    interactions = timed.interactions.drop(columns="timestamp").assign(rating=timed.interactions["rating"] * 2)
    items = timed.items[["item_id", "title"]].assign(
        type=["Movie", "TV"] * 6, audience=timed.items["genres"], studios=[("North", "South")] * 6 + [()] * 6
    )
    features = (
        Feature("type", Kind.CATEGORY),
        Feature("audience", Kind.MULTI_CATEGORY),
        Feature("studios", Kind.MULTI_CATEGORY),
    )
    schema = Schema(item_features=features, has_timestamps=False)
    return Ratings("anime", interactions, items, timed.users[["user_id"]], RatingScale(1, 10, 1), schema)


def bare_ratings() -> Ratings:
    """The same interactions, and nothing said of viewers or titles."""
    timed = small_ratings()
    items = timed.items[["item_id"]].assign(title=[f"Title {number}" for number in range(len(TITLES))])
    return Ratings("bare", timed.interactions, items, timed.users[["user_id"]], timed.scale, Schema())


def manifest(
    data_name: str = "ml-100k",
    model: str = "flagship",
    tasks: tuple[str, ...] = ("retrieval", "rating"),
    inputs: tuple[str, ...] = ("user_id", "timestamp", "history", "title_id"),
    has_timestamps: bool = True,
    has_ratings: bool = True,
    scale: RatingScale = _FIVE_STARS,
    embedding_size: int = 4,
    source: str | None = None,
) -> Manifest:
    rates = "rating" in tasks
    return Manifest(
        model=model,
        description="a double for tests",
        preset="default",
        tasks=tasks,
        inputs=inputs,
        configuration={"embedding_size": 4, "learning_rate": 0.002, "user_features": ["age"]},
        data=DataFacts(
            name=data_name,
            source=source,
            checksum="ab" * 32 if data_name == "ml-100k" else data_name.encode().hex().ljust(64, "0")[:64],
            n_interactions=51,
            n_users=len(USERS),
            n_titles=400,  # so that a list of a hundred says something
            has_timestamps=has_timestamps,
            has_ratings=has_ratings,
            scale=ScaleFacts(low=scale.low, high=scale.high, step=scale.step),
        ),
        split=SplitFacts(name="random", seed=42, n_train=40, n_validation=4, n_test=7),
        training=TrainingFacts(
            seed=7,
            epochs_run=4,
            best_epoch=3,
            seconds=12.5,
            finished_at="2026-11-21T20:41:07+00:00",
            first_moment=FIRST if has_timestamps else 0,
            last_moment=LAST if has_timestamps else 0,
        ),
        sizes=Sizes(n_parameters=1234, embedding_size=embedding_size, bytes=56_789),
        metrics={
            "train": {"rmse": 0.8} if rates else {"retrieval_loss": 7.0},
            "validation": figures(0.91 if rates else None, 0.6),
            "test": figures(0.9 if rates else None, 0.65),
        },
        references={"popularity": figures(None, 0.41)},
        versions={"tensorflow": "2.21.0"},
        map=MapFacts(n_titles=len(TITLES), trustworthiness=0.9, neighbours=5, perplexity=3, seed=1, seconds=0.1)
        if embedding_size
        else None,
        files={},
    )


@lru_cache(maxsize=8)
def rows_of(users: tuple[str, ...], item_ids: tuple[str, ...], titles: tuple[str, ...]) -> ModelRows:
    return ModelRows(Identifiers(users=users, item_ids=item_ids, titles=titles))


def _as_supposed(rated: pd.DataFrame, supposed: Supposed) -> pd.DataFrame:
    """Ratings, newest first, with those that are supposed instead: the newest."""
    stars = {title: given for title, given in supposed.changes.ratings if given is not None}
    left = rated[~rated["title"].isin([title for title, _ in supposed.changes.ratings])]
    ids = [str(TITLES.index(title) + 1) for title in stars]
    new = {"item_id": ids, "title": list(stars), "rating": list(stars.values()), "timestamp": supposed.at}
    return pd.concat([pd.DataFrame(new), left], ignore_index=True) if stars else left.reset_index(drop=True)


class DoubleRecommender:
    """Scores fall with the title's place, turned by viewer and moment; stars are the score squeezed into the scale."""

    def __init__(self, titles: tuple[str, ...] = TITLES, users: tuple[str, ...] = USERS, **facts: Any) -> None:
        self.manifest = manifest(**facts)
        self.learning_curves = pd.DataFrame(
            [
                (epoch, phase, metric, 1.0 / epoch)
                for epoch in range(1, 5)
                for phase in ("train", "validation")
                for metric in ("total_loss", "rmse", "top_100_unseen", "something_else")
                if not (metric == "top_100_unseen" and phase == "train")
            ],
            columns=["epoch", "phase", "metric", "value"],
        )
        self.user_ids, self.titles = users, titles
        self.item_ids = tuple(str(i + 1) for i in range(len(titles)))
        self.scale = RatingScale(**self.manifest.data.scale.model_dump())
        self.first_moment = self.manifest.training.first_moment
        self.last_moment = self.manifest.training.last_moment
        self.ratings: Ratings | None = None
        self.known_by: int | None = None
        self.dials = Dials()
        self.supposed: Supposed | None = None
        self.index_note = ""
        turns = np.linspace(0, 2 * np.pi, len(titles), endpoint=False)
        places = pd.DataFrame({"item_id": self.item_ids, "x": np.cos(turns), "y": np.sin(turns)})
        self.catalogue_map: pd.DataFrame | None = places if self.manifest.has_space else None
        self.calls: list[str] = []
        self.asked_by_visitors: list[tuple[int, dict[str, float]]] = []  # moment and history

    def with_ratings(self, ratings: Ratings) -> DoubleRecommender:
        joined = copy.copy(self)
        joined.ratings = ratings
        return joined

    def with_dials(self, dials: Dials) -> DoubleRecommender:
        turned = copy.copy(self)
        turned.dials = dials
        return turned

    def as_if(self, user_id: str, changes: Changes, at: int) -> DoubleRecommender:
        changed = copy.copy(self)
        changed.supposed = Supposed(user_id, changes, at, self.viewer_kinds().stand_in(user_id, changes.features))
        return changed

    def viewer_kinds(self) -> ViewerKinds:
        return ViewerKinds(self.manifest, self.ratings, self.user_ids)

    def as_of(self, at: int) -> DoubleRecommender:
        if self.premieres is None:
            return self
        then = copy.copy(self)
        then.known_by = at
        return then

    @property
    def premieres(self) -> np.ndarray | None:
        """Every title is out from the start."""
        timed = self.manifest.has_clock and self.ratings is not None and self.ratings.schema.has_timestamps
        return np.zeros(len(self.titles), np.int64) if timed else None

    @property
    def has_ratings(self) -> bool:
        return self.ratings is not None

    @property
    def rows(self) -> ModelRows:
        return rows_of(self.user_ids, self.item_ids, self.titles)

    def _scores(self, user: str | None, at: int, history: Any = None) -> np.ndarray:
        """A visitor is viewer 0, as everybody is to the dial's end; each title of a history lifts the one after it."""
        self.rows.row_of_viewer(user)
        days = (at - FIRST) // 86_400 if self.manifest.reads_clock else 0
        n, who = len(self.titles), 0 if self.dials.personal == -1 else int(user or 0)
        scores = np.array([((i * 7 + who * 5 + days * (i % 3)) % 23) / 5 for i in range(n)])
        if history is not None and "history" in self.manifest.inputs:
            for title, stars in history.stars.items():
                scores[(self.rows.row_of_title(title) + 1) % n] += stars
        return scores

    def _stars(self, scores: np.ndarray) -> np.ndarray:
        if not self.manifest.rates:
            return np.full(len(scores), np.nan)
        return np.clip(self.scale.low + scores, self.scale.low, self.scale.high)

    def retrieve(
        self,
        user_id,
        at: int,
        k: int = 10,
        *,
        history=None,
        include_seen: bool = False,
        include_future: bool = False,
        among=None,
    ) -> pd.DataFrame:
        self.calls.append("retrieve")
        if user_id is None and among is None:
            self.asked_by_visitors.append((at, {} if history is None else dict(history.stars)))
        if self.supposed is not None and user_id == self.supposed.user:  # what is supposed is read as it is given
            history = History(dict(self.history_read(user_id)[["title", "stars"]].itertuples(index=False)))
        scores = self._scores(user_id, at, history)
        seen = None if history is None else set(history.stars)
        if user_id is not None and self.ratings is not None:
            seen = (seen or set()) | set(self.rated(user_id)["title"])
        frame = pd.DataFrame(
            {
                "item_id": self.item_ids,
                "title": self.titles,
                "score": scores,
                "stars": self._stars(scores),
                "seen": pd.array([pd.NA if seen is None else title in seen for title in self.titles], "boolean"),
                "future": False,
            }
        )
        if among is not None:
            frame = frame[among]
        frame = frame.sort_values("score", ascending=False, kind="stable")
        if not include_seen and seen is not None:
            frame = frame[~frame["seen"]]
        frame = frame.head(k).reset_index(drop=True)
        frame.insert(0, "rank", np.arange(1, len(frame) + 1))
        places = np.arange(1, len(frame) + 1)
        places[:2] = places[:2][::-1] if self.manifest.rates else places[:2]  # praise has swapped the first two
        return frame.assign(retrieved=places)

    def _says(self, user: str, moments: Sequence[int], history: History | None, kept: Any) -> np.ndarray:
        """[n_moments, n_titles] scores: each title of a history that is read adds its stars to the title after it."""
        found = np.stack([self._scores(user, at) for at in moments])
        for place, (title, stars) in enumerate(({} if history is None else history.stars).items()):
            read = np.ones(len(moments)) if kept is None else kept[:, place]
            found[:, (self.rows.row_of_title(title) + 1) % len(self.titles)] += stars / 10 * read
        return found

    def sweep(
        self, user_id: str, moments: Sequence[int], titles: Sequence[str], *, history=None, kept=None, popular_at=None
    ) -> pd.DataFrame:
        self.calls.append("sweep")
        scores = self._says(user_id, moments, history, kept)[:, self.rows.rows_of_titles(titles)]
        return pd.DataFrame(
            {
                "at": np.repeat(np.asarray(moments, np.int64), len(titles)),
                "item_id": [self.item_ids[self.rows.row_of_title(title)] for title in titles] * len(moments),
                "title": list(titles) * len(moments),
                "stars": self._stars(scores.ravel()),
                "low": np.floor(self._stars(scores.ravel())),
                "high": np.ceil(self._stars(scores.ravel())),
                "score": scores.ravel(),
                "ranked": scores.ravel(),
            }
        )

    def scores(self, user_id: str, moments: Sequence[int], *, history=None, kept=None, popular_at=None) -> np.ndarray:
        self.calls.append("scores")
        return self._says(user_id, moments, history, kept)

    @property
    def signatures(self) -> dict[str, Any]:
        """The functions of the model that are called by name; no two titles lie alike."""

        def rate_pairs(viewer: Any, items: Any, at: Any) -> dict[str, np.ndarray]:
            self.calls.append("rate_pairs")
            asked = zip(*(np.asarray(part).tolist() for part in (viewer, items, at)), strict=True)
            pairs = [self._scores(self.user_ids[row - 1], moment)[item] for row, item, moment in asked]
            return {"stars": self._stars(np.array(pairs))}

        def embed(items: Any) -> dict[str, Any]:
            return {"candidates": SimpleNamespace(numpy=lambda: np.eye(len(self.titles))[items])}

        return {"rate_pairs": rate_pairs, "embed": embed}

    knows_what_was_read = True

    def last_known_moment(self, user_id: str | None) -> int:
        rated = self.rated(user_id) if user_id is not None and self.ratings is not None else []
        return int(rated["timestamp"].max()) if len(rated) and self.manifest.has_clock else self.last_moment

    def history_read(self, user_id: str, *, earlier: bool = False) -> pd.DataFrame:
        seen = self.rated(user_id)
        seen = seen[seen["title"].isin(self.titles)]
        seen = (seen if earlier else seen.drop_duplicates("item_id"))[::-1]
        return seen.rename(columns={"rating": "stars"}).drop(columns="item_id").reset_index(drop=True)

    def similar(self, title: str, k: int = 10) -> pd.DataFrame:
        others = [t for t in self.titles if t != title][: k if self.manifest.has_space else 0]
        ranks = range(1, len(others) + 1)
        return pd.DataFrame(
            {
                "rank": ranks,
                "item_id": [self.item_ids[self.rows.row_of_title(t)] for t in others],
                "title": others,
                "similarity": 0.5,
            }
        )

    def likeness(self, titles: Sequence[str], others: Sequence[str]) -> np.ndarray:
        """A title is like the one before it, which lifts it."""
        rows, before = self.rows.rows_of_titles(titles), self.rows.rows_of_titles(others)
        return (rows[:, None] == (before[None, :] + 1) % len(self.titles)).astype(float)

    def rated(self, user_id: str) -> pd.DataFrame:
        self.rows.row_of_viewer(user_id)
        if self.ratings is None:
            return pd.DataFrame(columns=["item_id", "title", "rating", "timestamp"])
        rows = self.ratings.interactions.merge(self.ratings.items[["item_id", "title"]], on="item_id")
        rows = rows[rows["user_id"] == user_id]
        if not self.ratings.schema.has_timestamps:
            return rows[["item_id", "title", "rating"]].reset_index(drop=True)
        rows = rows.sort_values("timestamp", ascending=False, kind="stable")
        rows = rows if self.known_by is None else rows[rows["timestamp"] <= self.known_by]
        rows = rows[["item_id", "title", "rating", "timestamp"]].reset_index(drop=True)
        return rows if self.supposed is None or user_id != self.supposed.user else _as_supposed(rows, self.supposed)

    def nearest_rated(self, user_id: str, title: str, k: int = 5) -> pd.DataFrame:
        seen = self.rated(user_id)
        seen = seen[seen["title"] != title].head(k)
        return pd.DataFrame({"title": seen["title"], "stars": seen["rating"], "similarity": 0.7})
