"""What a visitor has said, kept in memory for as long as the session lasts.

It is kept by data set: another model of the same data is asked with the same ratings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import streamlit as st

_VISITORS = "_visitors"

Stars = tuple[tuple[str, float], ...]  # title and stars, oldest first; hashable, so that answers can be cached by it


@dataclass
class Visitor:
    """Somebody the model has never seen.

    Attributes:
      stars: title -> stars, the last given at the end.
      picks: category of titles -> the values picked.
      passed: titles that were put before them and left unrated.
      asked: the titles that are before them now.
      only_matching: list only titles that match what is picked.
      history: what the model read of them when the page was last drawn; None before that.
      history_before: what it read before the last click that changed it; None until then.
      rated, rated_before: their ratings at the same two moments.
      n_uploads: how many uploads were used; the next one has a widget of its own.
    """

    stars: dict[str, float] = field(default_factory=dict)
    picks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    only_matching: bool = True
    history: Stars | None = None
    history_before: Stars | None = None
    rated: Stars = ()
    rated_before: Stars = ()
    n_uploads: int = 0

    @property
    def has_picked(self) -> bool:
        """Whether anything is picked."""
        return any(self.picks.values())

    def rate(self, title: str, stars: float | None) -> None:
        """Gives a title stars; None removes them."""
        self.stars.pop(title, None)
        if stars is not None:
            self.stars[title] = stars

    def rate_all(self, stars: Mapping[str, float]) -> None:
        """Gives many titles stars; those that were given to one of them before are replaced."""
        for title, value in stars.items():
            self.rate(title, value)

    def ask_about(self, title: str) -> None:
        """Puts a title before them, above the others."""
        self.asked = [title, *(other for other in self.asked if other != title)]

    def ask_others(self) -> None:
        """Clears what is before them; titles left unrated come again only after all others have come."""
        self.passed |= {title for title in self.asked if title not in self.stars}
        self.asked = []

    def fill(self, order: Iterable[str], n: int) -> None:
        """Puts the first n titles of an order before them that are neither rated nor passed, if none are there."""
        if self.asked:
            return
        order = list(order)
        left = [title for title in order if title not in self.stars and title not in self.passed]
        if not left:
            self.passed.clear()
            left = [title for title in order if title not in self.stars]
        self.asked = left[:n]

    def note(self, history: Stars) -> None:
        """Notes what the model reads now; if it has changed, what it read before becomes `history_before`."""
        if self.history is not None and history != self.history:
            self.history_before, self.rated_before = self.history, self.rated
        self.history, self.rated = history, tuple(self.stars.items())


def visitor_of(data: str) -> Visitor:
    """The session's visitor to a data set.

    Args:
      data: the data set's checksum.
    """
    visitors: dict[str, Visitor] = st.session_state.setdefault(_VISITORS, {})
    return visitors.setdefault(data, Visitor())


def forget(data: str) -> None:
    """Forgets all that the visitor has said, but for the lists that moves are counted from; for callbacks."""
    old = visitor_of(data)
    st.session_state[_VISITORS][data] = Visitor(
        history=old.history, history_before=old.history_before, rated=old.rated, n_uploads=old.n_uploads + 1
    )
