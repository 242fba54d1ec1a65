"""What a visitor has said, and whom they watch with; kept in memory for as long as the session lasts.

It is kept by data set: another model of the same data is asked with the same ratings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import streamlit as st

_COMPANIES = "_companies"
YOU, FRIEND, BOTH = "you", "friend", "both"

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
      key: what the keys of their widgets begin with.
      name: what somebody else is called; empty until they have a name.
      n_brought: how often ratings were brought along; the view goes to the list then.
      n_to_list: how often somebody asked to be taken to the list.
      n_cleared: how often all was forgotten.
      cleared: what was rated before that, to be brought back.
      in_browser: what the browser is to do with the ratings: "read" what it kept, "keep" them, "forget" or "rest".
      unknown: title -> stars of what the browser kept and this catalogue does not have.
      trouble: why the browser does not keep them, in Markdown; empty if nothing is wrong.
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
    key: str = YOU
    name: str = ""
    n_brought: int = 0
    n_to_list: int = 0
    n_cleared: int = 0
    cleared: dict[str, float] = field(default_factory=dict)
    in_browser: Literal["read", "keep", "forget", "rest"] = "read"
    unknown: dict[str, float] = field(default_factory=dict)
    trouble: str = ""

    @property
    def has_picked(self) -> bool:
        """Whether anything is picked."""
        return any(self.picks.values())

    def rate(self, title: str, stars: float | None) -> None:
        """Gives a title stars; None removes them."""
        self.stars.pop(title, None)
        if stars is not None:
            self.stars[title] = stars

    def bring(self, stars: Mapping[str, float]) -> None:
        """Gives many titles stars; those that were given to one of them before are replaced."""
        for title, value in stars.items():
            self.rate(title, value)
        self.n_brought += 1

    def go_to_list(self) -> None:
        """Lets the view go to the list."""
        self.n_to_list += 1

    def undo_clear(self) -> None:
        """Brings back what was rated before all was forgotten, below what was rated since."""
        self.stars, self.cleared = {**self.cleared, **self.stars}, {}

    def clear(self) -> None:
        """Forgets all that was said, but for the list that the next change is told from."""
        self.cleared = self.stars
        self.stars, self.picks, self.unknown = {}, {}, {}
        self.passed, self.asked = set(), []
        self.n_cleared += 1

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


@dataclass
class Company:
    """Who uses the page: the visitor, and perhaps somebody they want to watch with.

    Attributes:
      you: the visitor.
      friend: the other one, or None.
      shown: whose page it is now: `YOU`, `FRIEND` or `BOTH`.
    """

    you: Visitor = field(default_factory=Visitor)
    friend: Visitor | None = None
    shown: str = YOU

    @property
    def asked(self) -> Visitor:
        """Who is asked for ratings."""
        return self.friend if self.friend is not None and self.shown == FRIEND else self.you

    @property
    def title(self) -> str:
        """Whose page it is."""
        return {YOU: "You", FRIEND: self.friend_called[:1].upper() + self.friend_called[1:], BOTH: "You two"}[
            self.shown
        ]

    @property
    def friend_called(self) -> str:
        """What the other one is called inside a sentence."""
        return (self.friend.name if self.friend is not None else "") or "your friend"

    def invite(self) -> None:
        """Adds somebody who has said nothing yet, and asks them."""
        self.friend, self.shown = Visitor(key=FRIEND), FRIEND

    def bring_friend(self, stars: Mapping[str, float]) -> None:
        """Adds somebody with these ratings, or gives them to who is there, and shows the list for both."""
        if self.friend is None:
            self.invite()
        assert self.friend is not None
        self.friend.bring(stars)
        self.shown = BOTH

    def part(self) -> None:
        """Forgets the other one."""
        self.friend, self.shown = None, YOU


def company_of(data: str) -> Company:
    """Who uses the page in this session with a data set.

    Args:
      data: the data set's checksum.
    """
    companies: dict[str, Company] = st.session_state.setdefault(_COMPANIES, {})
    return companies.setdefault(data, Company())
