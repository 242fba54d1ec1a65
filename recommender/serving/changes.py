"""What is supposed of a viewer: ratings given otherwise than they were, or other features."""

from dataclasses import dataclass

Rating = tuple[str, float | None]


@dataclass(frozen=True)
class Changes:
    """How a viewer is supposed to be otherwise than they are.

    Attributes:
      ratings: title and stars as if they had been given; None in the place of stars as if the title had never been
        rated. Each title once.
      features: name and value of what is said of the viewer, as `ViewerKinds` writes them. Each name once.
    """

    ratings: tuple[Rating, ...] = ()
    features: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ratings or self.features)

    def rated(self, title: str, stars: float | None) -> "Changes":
        """The same with one title given these stars, or never rated."""
        return Changes((*self.with_rating_kept(title).ratings, (title, stars)), self.features)

    def with_rating_kept(self, title: str) -> "Changes":
        """The same with one title rated as it really was."""
        return Changes(tuple(pair for pair in self.ratings if pair[0] != title), self.features)

    def described(self, name: str, value: str | None) -> "Changes":
        """The same with another value of one feature; None for the one that it really has."""
        others = tuple(pair for pair in self.features if pair[0] != name)
        return Changes(self.ratings, others if value is None else (*others, (name, value)))

    def and_then(self, later: "Changes") -> "Changes":
        """These and others on top of them."""
        found = self
        for title, stars in later.ratings:
            found = found.rated(title, stars)
        for name, value in later.features:
            found = found.described(name, value)
        return found


NO_CHANGES = Changes()


@dataclass(frozen=True)
class Supposed:
    """A viewer who is supposed to be otherwise.

    Attributes:
      user: their id.
      changes: how.
      at: UTC seconds at which ratings that they never gave are supposed to be given.
      stand_in: the viewer whose features are read in place of theirs; `user` where these are as they are.
    """

    user: str
    changes: Changes
    at: int
    stand_in: str
