"""The search of titles, built once for a catalogue and shared by all viewers."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.title_search import TitleSearch


@lru_cache(maxsize=8)  # an index of 60,000 titles takes seconds
def search_of(titles: tuple[str, ...]) -> "TitleSearch":
    """The search over these titles, those to prefer among equals first."""
    from recommender.title_search import TitleSearch

    return TitleSearch(titles)
