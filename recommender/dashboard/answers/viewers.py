"""Who a viewer is, from what they rated; pure pandas."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from recommender.dashboard.drawing.words import day
from recommender.data.clock import minute_of
from recommender.data.ratings import Ratings
from recommender.data.schema import Kind

HARSH, REGULAR = "Harsh critic", "Regular"
_ENOUGH_RATINGS = 50  # for a mean or a taste to say something
_MOST_OF_A_REGULAR = 300  # ratings; who has rated more has seen most of what would be listed
_DAYS_OF_A_REGULAR = 20

_MOST_FANS = 4  # of labels that have no name of their own below
_SAYS_NOTHING = ("other", "none", "unknown", "")
_MOST_ASKED = 8  # viewers whose lists are looked at for a label: with the eight names below, not quite sixty lists
_BORNE_BY = 0.6  # share of a list that must bear the label whose name the viewer is given

# label -> what to call the viewer who likes it most
_FANS = {
    "Sci-Fi": "Sci-fi devotee",
    "Romance": "Romance lover",
    "Horror": "Horror fan",
    "Children's": "Family night",
    "Children": "Family night",
    "Film-Noir": "Noir connoisseur",
    "Comedy": "Comedy lover",
    "Action": "Action fan",
}


@dataclass(frozen=True)
class Persona:
    """A viewer who stands for a taste: what to call them, who it is, and what makes them so."""

    name: str
    user_id: str
    reason: str


@dataclass(frozen=True)
class Regular:
    """The viewer who came back most often, so that turning the clock shows something.

    Attributes:
      user_id: the viewer.
      n_days: on how many days they rated.
      span: their first and last rating, UTC seconds.
      middle: half of what they rated came before it; UTC seconds, to the minute.
    """

    user_id: str
    n_days: int
    span: tuple[int, int]
    middle: int

    @property
    def persona(self) -> Persona:
        """What to call them."""
        first, last = (day(moment) for moment in self.span)
        return Persona(REGULAR, self.user_id, f"rated on {self.n_days:,} days, {first} to {last}")


@dataclass(frozen=True)
class Profile:
    """A viewer in figures.

    Attributes:
      n_ratings: how many ratings they gave.
      mean: their mean, in stars; None where the data have no ratings.
      likes: up to three labels (genres, where titles have them) they like more than others do, most marked first.
      span: their first and last rating, UTC seconds; None if the data have no times.
      about: age, occupation or whatever else the data say of viewers.
    """

    n_ratings: int
    mean: float | None
    likes: tuple[str, ...]
    span: tuple[int, int] | None
    about: tuple[str, ...]


def labelling_feature(ratings: Ratings) -> str | None:
    """The feature that labels titles: the first one of which a title may have several values."""
    return next((f.name for f in ratings.schema.item_features if f.kind is Kind.MULTI_CATEGORY), None)


def labels_by_title(ratings: Ratings) -> dict[str, tuple[str, ...]]:
    """item_id -> the labels of that title; empty where no feature labels titles."""
    feature = labelling_feature(ratings)
    return {} if feature is None else dict(zip(ratings.items["item_id"], ratings.items[feature], strict=True))


def label_shares(counts: Mapping[str, int], labels: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    """For each label, the share of interactions whose title carries it.

    Args:
      counts: item id -> how many interactions are with it.
      labels: item id -> its labels.
    """
    of_labels = Counter[str]()
    for item, count in counts.items():
        of_labels.update(dict.fromkeys(labels.get(item, ()), count))
    total = sum(counts.values())
    return {label: count / total for label, count in of_labels.items() if count}


def other_categories(ratings: Ratings, item_id: str) -> dict[str, str]:
    """What else the data say a title is: feature -> its value or values, without the labels and without blanks."""
    row = ratings.items[ratings.items["item_id"] == item_id]
    found = {}
    for feature in ratings.schema.item_features:
        if feature.name == labelling_feature(ratings) or row.empty:
            continue
        value = row.iloc[0][feature.name]
        if feature.kind is Kind.CATEGORY:
            found[feature.name] = str(value)
        elif feature.kind is Kind.MULTI_CATEGORY:
            found[feature.name] = ", ".join(value)
    return {name: value for name, value in found.items() if value}


def profile(
    ratings: Ratings,
    seen: pd.DataFrame,
    user_id: str,
    labels: Mapping[str, tuple[str, ...]],
    usual: Mapping[str, float],
) -> Profile | None:
    """A viewer in figures.

    Args:
      ratings: the data set.
      seen: the viewer's own ratings: `item_id`, `rating` and, where there are times, `timestamp`.
      user_id: the viewer.
      labels: `labels_by_title` of the data set.
      usual: the `label_shares` of all its interactions.

    Returns:
      The profile, or None for a viewer without ratings.
    """
    if seen.empty:
        return None
    stars = seen["rating"].to_numpy(float)
    liked = label_shares(Counter(seen["item_id"][stars >= stars.mean()]), labels)
    marked = sorted(liked, key=lambda label: usual.get(label, 0.0) - liked[label])
    times = seen["timestamp"] if "timestamp" in seen and ratings.schema.has_timestamps else None
    return Profile(
        n_ratings=len(seen),
        mean=float(stars.mean()) if ratings.schema.has_ratings else None,
        likes=tuple(label for label in marked if liked[label] > usual.get(label, 0.0))[:3],
        span=None if times is None else (int(times.min()), int(times.max())),
        about=_about(ratings, user_id),
    )


def find_regular(ratings: Ratings, options: Iterable[str]) -> Regular | None:
    """Who rated on most days, of those with 50 to 300 ratings among `options`; None if nobody did on twenty."""
    if not ratings.schema.has_timestamps or not len(ratings):
        return None
    counts = np.bincount(ratings.user_rows, minlength=len(ratings.users))
    may_be = (counts >= _ENOUGH_RATINGS) & (counts <= _MOST_OF_A_REGULAR)
    may_be &= ratings.users["user_id"].isin(set(options)).to_numpy()
    of_them = may_be[ratings.user_rows]
    times, rows = ratings.timestamps[of_them], ratings.user_rows[of_them]
    pairs = pd.DataFrame({"row": rows, "day": times // 86_400}).drop_duplicates()
    days = np.bincount(pairs["row"], minlength=len(ratings.users))
    row = int(days.argmax())
    if days[row] < _DAYS_OF_A_REGULAR:
        return None
    own = np.sort(times[rows == row])
    return Regular(
        str(ratings.users["user_id"].iloc[row]),
        int(days[row]),
        (int(own[0]), int(own[-1])),
        int(minute_of(own[len(own) // 2])),
    )


def find_personas(
    ratings: Ratings, options: Iterable[str], list_of: Callable[[str], Sequence[str]]
) -> tuple[Persona, ...]:
    """Viewers who each stand for another taste, or for a way of rating.

    A name that speaks of titles must hold of those that are shown: a viewer is given it if six of ten titles listed
    bear the label. Of the viewers who like it most, the first of whom that is true.

    Args:
      ratings: the data set.
      options: the viewers the model knows.
      list_of: the ids of the titles listed for a viewer; asked for at most eight viewers of each label.

    Returns:
      Those whom data and lists have: who came back most often, who likes a label, the harshest, the kindest, who rated
      most and who rated least.
    """
    options = set(options)
    users, stars = ratings.users["user_id"], ratings.exact_stars
    sizes = np.bincount(ratings.user_rows, minlength=len(users))
    means_of_rows = np.bincount(ratings.user_rows, stars, len(users)) / np.maximum(sizes, 1)
    figures = pd.DataFrame({"size": sizes, "mean": means_of_rows}, index=users)
    figures = figures[(sizes > 0) & users.isin(options).to_numpy()].sort_index()
    if figures.empty:
        return ()
    settled = figures[figures["size"] >= _ENOUGH_RATINGS]
    found: dict[str, Persona] = {}
    regular = find_regular(ratings, options)
    if regular is not None:
        found[regular.user_id] = regular.persona

    def add(name: str, candidates: pd.Series, reason: Callable[[float], str]) -> None:
        """Takes the first candidate nobody else is."""
        for user, value in candidates.head(len(found) + 1).items():
            if str(user) not in found:
                found[str(user)] = Persona(name, str(user), reason(value))
                return

    feature = labelling_feature(ratings)
    if feature is not None and len(settled):
        labels = labels_by_title(ratings)
        are_settled = users.isin(settled.index).to_numpy()[ratings.user_rows]
        liked = ratings.take(np.flatnonzero(are_settled & (stars >= means_of_rows[ratings.user_rows]))).interactions
        tagged = liked[["user_id", "item_id"]].merge(ratings.items[["item_id", feature]], on="item_id")
        n_liked = tagged.groupby("user_id").size()
        exploded = tagged.explode(feature)
        for label, name in _names_of_fans(exploded[feature]).items():
            of_label = exploded[exploded[feature] == label].groupby("user_id").size()
            shares = (of_label / n_liked.reindex(of_label.index)).sort_values(ascending=False, kind="stable")
            if name not in {persona.name for persona in found.values()}:
                fans = shares[~shares.index.isin(found)].head(_MOST_ASKED)
                who = next((user for user in fans.index if _bears(list_of(str(user)), label, labels)), None)
                if who is not None:
                    add(name, fans.loc[[who]], partial(_fondness, label))
    means = settled["mean"].sort_values(kind="stable")
    if len(means) and means.iloc[0] < means.iloc[-1]:
        add(HARSH, means, lambda mean: f"gives {mean:.1f} on average, on a scale of {ratings.scale}")
        add(
            "Easy to please",
            means.iloc[::-1],
            lambda mean: f"gives {mean:.1f} on average, on a scale of {ratings.scale}",
        )
    counts = figures["size"].sort_values(kind="stable")
    did = "rated" if ratings.schema.has_ratings else "taken"
    add("Seen it all", counts.iloc[::-1], lambda count: f"has {did} {count:,} titles")
    add("Newcomer", counts, lambda count: f"has {did} {count:,} titles only")
    return tuple(found.values())


def _bears(listed: Sequence[str], label: str, labels: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether enough of a list, of which there must be something, bears a label."""
    return bool(listed) and label_shares(Counter(listed), labels).get(label, 0.0) >= _BORNE_BY


def _names_of_fans(labels: pd.Series) -> dict[str, str]:
    """Label -> what to call the viewer who likes it most; the most frequent labels where none has a name above."""
    frequent = labels.value_counts().index.tolist()
    named = {label: name for label, name in _FANS.items() if label in frequent}
    return named or {label: f"{label} fan" for label in frequent[:_MOST_FANS]}


def _fondness(label: str, share: float) -> str:
    return f"{share:.0%} of what they liked is {label.lower()}"


def _about(ratings: Ratings, user_id: str) -> tuple[str, ...]:
    rows = ratings.users[ratings.users["user_id"] == user_id]
    if rows.empty:
        return ()
    row = rows.iloc[0]
    facts = []
    for feature in ratings.schema.user_features:
        value = row[feature.name]
        if feature.kind is Kind.NUMBER and not pd.isna(value):
            facts.append(f"{feature.name} {value:g}")
        elif feature.kind is Kind.CATEGORY and str(value).lower() not in _SAYS_NOTHING:
            facts.append(str(value))
    return tuple(facts)
