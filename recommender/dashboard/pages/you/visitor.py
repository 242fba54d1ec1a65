"""What a visitor has said of themselves, for as long as the session lasts; nothing of it is written anywhere.

What is said is kept by data set: another model of the same data is asked with the same ratings.
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
      said: all that the model was asked with when the page was last drawn.
      said_before: the same before the last click that changed it; None until then.
      files: counts the uploads, so that each has a widget of its own.
    """

    stars: dict[str, float] = field(default_factory=dict)
    picks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    only_matching: bool = True
    said: Stars | None = None
    said_before: Stars | None = None
    files: int = 0

    @property
    def has_picked(self) -> bool:
        """Whether anything is picked."""
        return any(self.picks.values())

    def rate(self, title: str, stars: float | None) -> None:
        """Gives a title stars, or takes them away."""
        self.stars.pop(title, None)
        if stars is not None:
            self.stars[title] = stars

    def take_in(self, stars: Mapping[str, float]) -> None:
        """Gives many titles stars at once; those given here before are replaced."""
        for title, value in stars.items():
            self.rate(title, value)

    def ask_about(self, title: str) -> None:
        """Puts a title before them, first of all."""
        self.asked = [title, *(other for other in self.asked if other != title)]

    def ask_others(self) -> None:
        """Takes what is before them away; what was left unrated does not come again until all has been."""
        self.passed |= {title for title in self.asked if title not in self.stars}
        self.asked = []

    def fill(self, order: Iterable[str], n: int) -> None:
        """Puts titles before them, if none are, in this order, without those rated or passed."""
        if self.asked:
            return
        order = list(order)
        left = [title for title in order if title not in self.stars and title not in self.passed]
        if not left:
            self.passed.clear()
            left = [title for title in order if title not in self.stars]
        self.asked = left[:n]

    def note(self, said: Stars) -> None:
        """Notes with what the model is asked now, and with it what it was asked with before the last change."""
        if self.said is not None and said != self.said:
            self.said_before = self.said
        self.said = said


def visitor_of(data: str) -> Visitor:
    """The session's visitor to a data set.

    Args:
      data: the data set's checksum.
    """
    visitors: dict[str, Visitor] = st.session_state.setdefault(_VISITORS, {})
    return visitors.setdefault(data, Visitor())


def forget(data: str) -> None:
    """Forgets all the visitor has said to a data set; for callbacks."""
    old = visitor_of(data)
    st.session_state[_VISITORS][data] = Visitor(said=old.said, said_before=old.said_before, files=old.files + 1)
