"""The smallest change that moves a title across the end of a list, checked by asking for the list again."""

from pathlib import Path

import numpy as np
import pytest

from recommender.bundle import MODEL_STORE
from recommender.data import load_ratings
from recommender.serving.changes import Changes
from recommender.serving.recommender import Recommender
from recommender.serving.smallest_change import MOST_CHANGES, Crossing, Question, smallest_change

K, USER = 4, "3"


class Asked:
    """A model, a viewer and a moment, and how often the list was asked for."""

    def __init__(self, recommender: Recommender, user: str, at: int) -> None:
        self.recommender, self.user, self.at, self.n_asked = recommender, user, at, 0

    def titles(self, ratings=()) -> list[str]:
        supposed = self.recommender.as_if(self.user, Changes(tuple(ratings)), self.at).as_of(self.at)
        found: list[str] = supposed.retrieve(self.user, self.at, len(self.recommender.titles))["title"].tolist()
        return found

    def place(self, title: str, ratings=()) -> int | None:
        titles = self.titles(ratings)
        return titles.index(title) + 1 if title in titles else None

    def search(self, title: str, k: int) -> Crossing | None:
        competing = np.isin(np.array(self.recommender.titles, object), self.titles())
        question = Question(self.user, self.at, title, k, competing)

        def place_of(ratings) -> int | None:
            self.n_asked += 1
            return self.place(title, ratings)

        return smallest_change(self.recommender.as_of(self.at), question, place_of)


@pytest.fixture(scope="module")
def board(checkerboard_bundle: Path, checkerboard_folder: Path) -> Asked:
    joined = Recommender.load(checkerboard_bundle).with_ratings(load_ratings(checkerboard_folder))
    return Asked(joined, USER, joined.last_moment)


def single_changes(board: Asked, title: str) -> list[tuple[str, float | None]]:
    """Every rating taken back or given one star or five, and every other title given one or five."""
    given = board.recommender.as_of(board.at).history_read(board.user)["title"].tolist()
    others = [other for other in board.titles() if other != title]
    return [*((other, None) for other in given), *((other, s) for other in [*given, *others] for s in (1.0, 5.0))]


def test_one_change_is_found_where_one_suffices_and_the_list_says_so_again(board):
    titles, found = board.titles(), {}
    for title in titles[: 2 * K]:
        crossing = found[title] = board.search(title, K)
        if crossing is not None:
            assert crossing.place_before == titles.index(title) + 1
            assert crossing.place == board.place(title, crossing.ratings)
            assert (crossing.place <= K) != (crossing.place_before <= K)
            assert 1 <= len(crossing.ratings) <= MOST_CHANGES
    alone = [title for title, crossing in found.items() if crossing is not None and len(crossing.ratings) == 1]
    assert alone


def test_where_more_are_said_to_be_needed_no_single_one_that_was_tried_suffices(board):
    """Tried are ratings taken back, turned to the far end, and titles added at the end that helps."""
    for place, title in enumerate(board.titles()[: 2 * K], start=1):
        crossing = board.search(title, K)
        if crossing is None or len(crossing.ratings) > 1:
            inwards = place > K
            tried = [c for c in single_changes(board, title) if c[1] in (None, 5.0 if inwards else 1.0)]
            places = [board.place(title, [change]) for change in tried]
            assert not [p for p in places if p is not None and (p <= K) == inwards]
            return
    pytest.skip("every title of this model needs one change alone")


def test_title_without_a_place_is_not_searched_for(board):
    seen = board.recommender.rated(USER)["title"].iloc[0]
    assert board.search(seen, K) is None
    assert board.n_asked


def test_list_as_long_as_the_catalogue_cannot_be_left(board):
    title = board.titles()[-1]
    assert board.search(title, len(board.recommender.titles)) is None


def test_committed_flagship_gives_the_same_place_when_it_is_asked_again():
    flagship = Recommender.load(MODEL_STORE / "flagship").with_ratings(load_ratings("ml-latest-small"))
    asked = Asked(flagship, "583", flagship.last_known_moment("583"))  # who rated twenty titles
    title = asked.titles()[10]
    crossing = asked.search(title, 10)
    assert crossing is not None
    assert crossing.place_before == 11
    assert crossing.place <= 10
    assert asked.place(title, crossing.ratings) == crossing.place
    assert len(crossing.ratings) == 1
