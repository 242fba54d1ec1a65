"""Titles as text: the name and the year in one, and its words as they are compared.

Titles are compared by their words without case, accents and signs, in the search of the pages as well as when ratings
of other places are matched with a catalogue.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

ARTICLES = ("The", "A", "An", "Le", "La", "Les", "L'", "Il", "Das", "Der", "Die", "El", "Los", "Las", "O")
APOSTROPHES = "'’`´"

_YEAR = re.compile(r"\s*\((\d{4})\)\s*$")
# MovieLens files articles behind the name, so that lists sort: "Postman, The (1997)".
_ARTICLE = re.compile(rf"^(?P<name>.+), (?P<article>{'|'.join(ARTICLES)})$")
_ASIDE = re.compile(r"\s*\([^()]*\)$")  # names in other languages, and "a.k.a."
_WORD = re.compile(r"[^\W_]+")
_ID = re.compile(r" \[[^\]]*\]$")


class Name(NamedTuple):
    """A title as people say it, and its year if the title holds one."""

    name: str
    year: int | None


@lru_cache(maxsize=20_000)  # a page says the same few hundred at each change
def spoken_name(title: str) -> Name:
    """Takes the year off a catalogue title and puts its article first: "Postman, The (1997)" is The Postman, 1997."""
    found = _YEAR.search(title)
    name = _YEAR.sub("", title)
    article = _ARTICLE.match(name)
    if article:
        glue = "" if article["article"].endswith("'") else " "
        name = f"{article['article']}{glue}{article['name']}"
    return Name(name or title, int(found[1]) if found else None)


def short_name(title: str) -> str:
    """The name without what stands in brackets behind it: "Amelie (Fabuleux destin, Le) (2001)" is Amelie."""
    name = spoken_name(title).name
    return spoken_name(_ASIDE.sub("", name) or name).name


def with_ids(titles: pd.Series, ids: pd.Series) -> pd.Series:
    """[n_titles] titles that differ: those that several items share have the item's id behind them, `Emma [4107]`.

    Args:
      titles: [n_titles] text.
      ids: [n_titles] the items' ids, all different.
    """
    return titles.where(~titles.duplicated(keep=False), titles + " [" + ids + "]")


def without_id(title: str) -> str:
    """The title as it was before `with_ids`."""
    return _ID.sub("", title)


def words_of(text: str, joining: str = APOSTROPHES) -> list[str]:
    """The words of a text as they are compared: without case, accents and signs.

    Args:
      text: a title, or what somebody typed.
      joining: signs that part no words, as in Schindler's, which is schindlers.
    """
    plain = text.translate(dict.fromkeys(map(ord, joining))).casefold()
    if not plain.isascii():
        plain = "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))
    return _WORD.findall(plain)
