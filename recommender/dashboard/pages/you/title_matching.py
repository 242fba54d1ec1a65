"""Finds titles of other places in a catalogue, by name and year; pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from recommender.data.titles import APOSTROPHES, ARTICLES, spoken_name, without_id, words_of

_ARTICLES = frozenset(word for article in ARTICLES for word in words_of(article))
_NUMBERS = frozenset({"i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"})
_BRACKETS = re.compile(r"\(([^()]*)\)")
# Below it, pairs of different films appear: "The Mask" and "The Mark" are 75 alike, "Seven" and "Se7en" 80.
_LEAST_ALIKE = 85.0
_LEAST_ALIKE_WITHOUT_YEAR = 92.0


@dataclass(frozen=True)
class Match:
    """A title of the catalogue that a name may stand for.

    Attributes:
      title: as the catalogue writes it.
      how: what speaks for it, in words.
      sure: nothing speaks against it.
    """

    title: str
    how: str
    sure: bool


class TitleMatcher:
    """A catalogue that is asked for titles by name and year.

    Articles, accents, punctuation and case do not count; "Name, The (1997)" is what "The Name" of 1997 is; a name in
    brackets ("Seven (Se7en)") is another name of the same title.

    Args:
      titles: [n_titles] titles of the catalogue.
      item_ids: [n_titles] their ids.
    """

    def __init__(self, titles: Sequence[str], item_ids: Sequence[str]) -> None:
        self._by_id = dict(zip(item_ids, titles, strict=True))
        self._exactly = frozenset(titles)
        self._known: dict[str, list[tuple[int | None, str]]] = defaultdict(list)
        self._keys_of_year: dict[int | None, list[str]] = defaultdict(list)
        for title in titles:
            name, year = spoken_name(without_id(title))
            for key in _keys(name):
                self._known[key].append((year, title))
                self._keys_of_year[year].append(key)

    def by_id(self, item_id: str) -> Match | None:
        """The title with this id; only for ids of the same publisher."""
        title = self._by_id.get(item_id)
        return None if title is None else Match(title, "id", True)

    def find(self, title: str, year: int | None) -> Match | None:
        """The title of the catalogue that a name most probably stands for; None if none is near.

        Args:
          title: the name; if no year is given, one at its end, in brackets, counts.
          year: the year, or None.
        """
        if title in self._exactly:
            return Match(title, "title", True)
        name, written = spoken_name(without_id(title))
        year = written if year is None else year
        keys = _keys(name)
        for key in keys:
            if found := self._same_name(key, year):
                return found
        return (self._alike(keys[0], year) or self._part(name, year)) if keys else None

    def _same_name(self, key: str, year: int | None) -> Match | None:
        options = self._known.get(key, [])
        for other, title in options:
            if other == year:
                return Match(
                    title, "title" if year is None else "title and year", len(options) == 1 or year is not None
                )
        for other, title in options:
            if year is not None and other is not None and abs(other - year) == 1:
                return Match(title, f"title; here {other}", True)
        if len(options) == 1 and (year is None or options[0][0] is None):
            return Match(options[0][1], "title; no year to compare", options[0][0] is None)
        if options and year is None:
            return Match(options[0][1], f"title; one of {len(options)} of that name", False)
        return None

    def _part(self, name: str, year: int | None) -> Match | None:
        """Of "Name: Another Name" either alone, in the same year: Léon: The Professional is The Professional here."""
        for key in (_key(part) for part in name.split(": ") if year is not None and ": " in name):
            for other, title in self._known.get(key, []):
                if other == year:
                    return Match(title, "part of the title, and year", False)
        return None

    def _alike(self, key: str, year: int | None) -> Match | None:
        from rapidfuzz import fuzz, process

        if year is None:
            choices, least = list(self._known), _LEAST_ALIKE_WITHOUT_YEAR
        else:
            near = (year, year - 1, year + 1, None)
            choices, least = [other for of in near for other in self._keys_of_year.get(of, ())], _LEAST_ALIKE
        for other, alike, _ in process.extract(key, choices, scorer=fuzz.ratio, score_cutoff=least, limit=5):
            if _numbers(other) == _numbers(key):  # of Rocky II and Rocky III, neither is the other misspelt
                fitting = [
                    title for of, title in self._known[other] if year is None or of is None or abs(of - year) <= 1
                ]
                return Match(fitting[0], f"spelling, {alike:.0f}% alike", False)
        return None


def match_rows(matcher: TitleMatcher, rows: pd.DataFrame, *, ids_agree: bool) -> pd.DataFrame:
    """Adds to exported ratings what they match.

    Args:
      matcher: the catalogue.
      rows: `item_id`, `title`, `year` and `stars` (see `ExportedRatings`), oldest first.
      ids_agree: whether the ids of the export are those of the catalogue.

    Returns:
      The rows with `match` (a title of the catalogue; None without), `how` and `sure`. Of several rows that match one
      title only the last is kept, and one that is sure before one that is not.
    """
    found: list[Match | None] = []
    for item_id, title, year in zip(rows["item_id"], rows["title"], rows["year"], strict=True):
        if title:
            found.append(matcher.find(title, None if year is pd.NA else int(year)))
        else:
            found.append(matcher.by_id(item_id) if ids_agree else None)
    matched = rows.assign(
        match=pd.Series([None if match is None else match.title for match in found], dtype=object, index=rows.index),
        how=["" if match is None else match.how for match in found],
        sure=[match is not None and match.sure for match in found],
    )
    order = matched.sort_values("sure", kind="stable")
    repeated = order["match"].duplicated(keep="last") & order["match"].notna()
    return matched[~repeated.reindex(matched.index)].reset_index(drop=True)


def _keys(name: str) -> list[str]:
    """A name without what does not count, its other names after it, and each in one word: Spider-Man is Spiderman."""
    inside = [re.sub(r"^a\.?k\.?a\.?\s+", "", part.strip(), flags=re.IGNORECASE) for part in _BRACKETS.findall(name)]
    names = [_BRACKETS.sub(" ", name), *(spoken_name(part).name for part in inside), name]
    keys = [key for key in map(_key, names) if key]
    return list(dict.fromkeys([*keys, *(key.replace(" ", "") for key in keys)]))


def _key(name: str) -> str:
    return " ".join(_without_article(words_of(name.replace("&", " and "), joining=f"{APOSTROPHES}.")))


def _without_article(words: list[str]) -> list[str]:
    return words[1:] if len(words) > 1 and words[0] in _ARTICLES else words


def _numbers(key: str) -> Iterable[str]:
    return sorted(word for word in key.split() if word.isdecimal() or word in _NUMBERS)
