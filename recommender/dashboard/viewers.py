"""Who a viewer is, from what they rated; pure pandas."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from recommender.data.ratings import Ratings
from recommender.data.schema import Kind

GENRES = "genres"
_WELL_KNOWN = 50  # ratings from which on a mean or a taste says something

# genre -> what to call its greatest friend
_DEVOTEES = {
    "Sci-Fi": "Sci-fi devotee",
    "Romance": "Romance lover",
    "Horror": "Horror fan",
    "Children's": "Family night",
    "Children": "Family night",
    "Film-Noir": "Noir connoisseur",
}


@dataclass(frozen=True)
class Persona:
    """A telling viewer: a name, the viewer, and what makes them so."""

    name: str
    user_id: str
    reason: str


@dataclass(frozen=True)
class Profile:
    """A viewer in figures.

    Attributes:
      n_ratings: how many ratings they gave.
      mean: their mean, in stars.
      genres: up to three genres they like more than others do, most marked first.
      first: their first rating, UTC seconds; None if the data have no times.
      last: their last.
      about: age, occupation and the like, as far as the data tell.
    """

    n_ratings: int
    mean: float
    genres: tuple[str, ...]
    first: int | None
    last: int | None
    about: tuple[str, ...]


def has_genres(ratings: Ratings) -> bool:
    """True if the catalogue says which genres a title belongs to."""
    return any(f.name == GENRES and f.kind is Kind.MULTI_CATEGORY for f in ratings.schema.item_features)


def genres_by_title(ratings: Ratings) -> dict[str, tuple[str, ...]]:
    """item_id -> the genres of that title; empty where nothing is known of genres."""
    if not has_genres(ratings):
        return {}
    return dict(zip(ratings.items["item_id"], ratings.items[GENRES], strict=True))


def genre_shares(item_ids: Iterable[str], genres: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    """For each genre, the share of these interactions whose title belongs to it."""
    items = list(item_ids)
    counts = Counter(genre for item in items for genre in genres.get(item, ()))
    return {genre: count / len(items) for genre, count in counts.items()}


def profile(
    ratings: Ratings,
    seen: pd.DataFrame,
    user_id: str,
    genres: Mapping[str, tuple[str, ...]],
    usual: Mapping[str, float],
) -> Profile | None:
    """A viewer in figures.

    Args:
      ratings: the data set.
      seen: the viewer's own ratings: `item_id`, `rating` and, where there are times, `timestamp`.
      user_id: the viewer.
      genres: `genres_by_title` of the data set.
      usual: the `genre_shares` of all its interactions.

    Returns:
      The profile, or None for a viewer without ratings.
    """
    if seen.empty:
        return None
    stars = seen["rating"].to_numpy(float)
    liked = genre_shares(seen["item_id"].to_numpy()[stars >= stars.mean()], genres)
    marked = sorted(liked, key=lambda genre: usual.get(genre, 0.0) - liked[genre])
    times = seen["timestamp"] if "timestamp" in seen and ratings.schema.has_timestamps else None
    return Profile(
        n_ratings=len(seen),
        mean=float(stars.mean()),
        genres=tuple(genre for genre in marked if liked[genre] > usual.get(genre, 0.0))[:3],
        first=None if times is None else int(times.min()),
        last=None if times is None else int(times.max()),
        about=_about(ratings, user_id),
    )


def find_personas(ratings: Ratings, known: Iterable[str]) -> tuple[Persona, ...]:
    """Viewers worth meeting, each another one.

    Args:
      ratings: the data set.
      known: the viewers the model knows.

    Returns:
      Those the data set has: friends of a genre, the harshest, the kindest, the busiest, the newest.
    """
    rows = ratings.interactions[ratings.interactions["user_id"].isin(set(known))]
    if rows.empty:
        return ()
    figures = rows.groupby("user_id")["rating"].agg(["size", "mean"])
    settled = figures[figures["size"] >= _WELL_KNOWN]
    found: dict[str, Persona] = {}

    def add(name: str, candidates: pd.Series, reason: str) -> None:
        """Takes the first candidate nobody else is."""
        for user, value in candidates.head(len(found) + 1).items():
            if str(user) not in found:
                found[str(user)] = Persona(name, str(user), reason.format(value=value))
                return

    if has_genres(ratings) and len(settled):
        liked = rows[rows["user_id"].isin(settled.index) & (rows["rating"] >= rows["user_id"].map(figures["mean"]))]
        tagged = liked[["user_id", "item_id"]].merge(ratings.items[["item_id", GENRES]], on="item_id")
        sizes = tagged.groupby("user_id").size()
        exploded = tagged.explode(GENRES)
        for genre, name in _DEVOTEES.items():
            of_genre = exploded[exploded[GENRES] == genre].groupby("user_id").size()
            shares = (of_genre / sizes.reindex(of_genre.index)).sort_values(ascending=False, kind="stable")
            if len(shares) and name not in {persona.name for persona in found.values()}:
                add(name, shares, f"{{value:.0%}} of what they liked is {genre.lower()}")
    if len(settled):
        means = settled["mean"].sort_values(kind="stable")
        add("Harsh critic", means, "gives {value:.1f} stars on average")
        add("Easy to please", means.iloc[::-1], "gives {value:.1f} stars on average")
    counts = figures["size"].sort_values(kind="stable")
    add("Seen it all", counts.iloc[::-1], "has rated {value:,} titles")
    add("Newcomer", counts, "has rated {value:,} titles only")
    return tuple(found.values())


def _about(ratings: Ratings, user_id: str) -> tuple[str, ...]:
    rows = ratings.users[ratings.users["user_id"] == user_id]
    if rows.empty:
        return ()
    row = rows.iloc[0]
    facts = []
    for name in ("age", "occupation"):
        value = row.get(name)
        if value is None or value == "" or pd.isna(value) or value in ("other", "none"):
            continue
        facts.append(f"{value:g}" if isinstance(value, float) else str(value))
    return tuple(facts)
