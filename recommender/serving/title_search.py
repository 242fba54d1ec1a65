"""Finds titles by what people type: partial words, no accents, articles anywhere, and typing errors."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommender.data.titles import words_of

_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8"}  # those that are no letter or word
_LIKE = 0.66  # a word less like the one typed than this is another word
_ENOUGH = 0.72  # a title below it, over all words typed, is not what was meant
_PREFIX = 0.95  # the beginning of a word counts nearly as the word
_INSIDE = 0.85  # and a part from its middle or end, as 95 of 1995, somewhat less
_SHORTEST_INSIDE = 4  # letters; shorter ones are inside of everything, but two digits of a year are meant
_JOINED = 0.9  # a name written without its spaces
_USUAL = 0.02  # words in more than this share of the titles tell little ("the", "of")
_USUAL_WEIGHT = 0.25
_LENGTH_BONUS = 0.08  # for a title of which little is left over, so that Alien comes before Alien Resurrection


class TitleSearch:
    """An index over titles. Words are compared, not whole titles: each word that was typed with the nearest of a title.

    Args:
      titles: the catalogue, those to prefer among equals first.
    """

    def __init__(self, titles: Sequence[str]) -> None:
        self.titles = tuple(titles)
        words = [compared_words(title) for title in self.titles]
        shares = Counter(word for of_title in words for word in set(of_title))
        self._vocabulary = sorted(shares)
        number = {word: place for place, word in enumerate(self._vocabulary)}
        # A title without a word (a name of signs alone) holds the word -1, which is like nothing.
        flat = [[number[word] for word in of_title] or [-1] for of_title in words]
        self._lengths = np.array([len(of_title) for of_title in flat])
        self._starts = np.concatenate([[0], np.cumsum(self._lengths)[:-1]]).astype(np.int64)
        self._words = np.array([word for of_title in flat for word in of_title], np.int64)
        self._usual = {word for word, count in shares.items() if count > max(2, _USUAL * len(self.titles))}
        self._joined = ["".join(word for word in of_title if not _is_year(word)) for of_title in words]

    def find(self, words: str, limit: int = 8) -> list[str]:
        """The titles that were most likely meant.

        Args:
          words: as typed: words or beginnings of words in any order, a year, typing errors.
          limit: how many at most.

        Returns:
          Titles, the most likely first; none if nothing was typed or no title is like it.
        """
        typed = compared_words(words)
        if not typed or not self.titles:
            return []
        weights = np.array([_USUAL_WEIGHT if word in self._usual else 1.0 for word in typed])
        alike = np.stack([self._likeness(word) for word in typed])  # [n_typed, n_titles]
        scores = weights @ alike / weights.sum()
        scores = np.maximum(scores, self._joined_likeness("".join(typed)))
        scores[scores < _ENOUGH] = 0.0
        scores += (scores > 0) * _LENGTH_BONUS * np.minimum(1.0, len(typed) / np.maximum(self._lengths, 1))
        best = np.argsort(-scores, kind="stable")[:limit]
        return [self.titles[row] for row in best if scores[row] > 0]

    def _likeness(self, word: str) -> npt.NDArray[np.float64]:
        """[n_titles] how like the typed word the nearest word of each title is."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cdist

        of_words = np.zeros(len(self._vocabulary) + 1)  # the last one is that of no word
        if _is_year(word):  # a year is right or wrong: 1994 is not nearly 1995
            near = np.zeros(len(self._vocabulary))
        else:
            near = cdist([word], self._vocabulary, scorer=OSA.normalized_similarity, score_cutoff=_LIKE)[0]
        of_words[:-1] = near
        if len(word) >= (2 if word.isdecimal() else _SHORTEST_INSIDE):
            holds = np.array([word in other for other in self._vocabulary])
            of_words[:-1] = np.maximum(of_words[:-1], _INSIDE * holds)
        begins = slice(bisect_left(self._vocabulary, word), bisect_left(self._vocabulary, f"{word}\U0010ffff"))
        of_words[begins] = np.maximum(of_words[begins], _PREFIX)
        if self._vocabulary[begins][:1] == [word]:
            of_words[begins.start] = 1.0
        return np.maximum.reduceat(of_words[self._words], self._starts)

    def _joined_likeness(self, typed: str) -> npt.NDArray[np.float64]:
        """[n_titles] how like all that was typed a title is, both without their spaces."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cdist

        near = cdist([typed], self._joined, scorer=OSA.normalized_similarity, score_cutoff=_ENOUGH)[0]
        return near.astype(np.float64) * _JOINED


def compared_words(text: str) -> list[str]:
    """The words of a text, see `words_of`; a Roman number is a number: Part II is part, 2."""
    return [_ROMAN.get(word, word) for word in words_of(text)]


def _is_year(word: str) -> bool:
    return len(word) == 4 and word.isdecimal()
