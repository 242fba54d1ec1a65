"""Which titles a list may hold: kinds, years, the fewest stars, and titles put aside; and how the address says it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NAMES = KINDS, YEARS, LEAST, ASIDE = "kinds", "years", "least", "aside"  # parameters of the address
_YEARS = re.compile(r"(\d{4})-(\d{4})")


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; a list that is narrowed to nothing holds every title.

    Attributes:
      kinds: labels (genres, where titles have them) of which a title bears one; any if empty.
      years: the first and the last year; None for all. A title without a year lies in none.
      least: the fewest predicted stars; None for any.
      aside: titles that are not wanted.
    """

    kinds: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    least: float | None = None
    aside: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != NO_FILTERS

    def in_words(self) -> str:
        """What is left of a list: Only Drama or War, 1990 to 1999, 3.5 stars or more. 2 titles put aside."""
        years = ""
        if self.years is not None:
            years = " to ".join(str(year) for year in dict.fromkeys(self.years))
        parts = [" or ".join(self.kinds), years, "" if self.least is None else f"{self.least:g} stars or more"]
        only = f"Only {', '.join(filter(None, parts))}." if any(parts) else ""
        n = len(self.aside)
        return f"{only} {n} title{'s' * (n != 1)} put aside.".strip() if n else only


NO_FILTERS = Filters()


def read(asked: Mapping[str, Sequence[str]]) -> Filters:
    """The filters that an address asks for; what cannot be is left out.

    Args:
      asked: the values of each parameter, as the address has them.
    """
    years = _YEARS.fullmatch(_last(asked, YEARS))
    return Filters(
        kinds=tuple(asked.get(KINDS, ())),
        years=(int(years[1]), int(years[2])) if years and years[1] <= years[2] else None,
        least=_number(_last(asked, LEAST)),
        aside=tuple(asked.get(ASIDE, ())),
    )


def write(filters: Filters) -> dict[str, list[str]]:
    """The parameters of the address that ask for these filters, also those that ask for nothing."""
    return {
        KINDS: list(filters.kinds),
        YEARS: [] if filters.years is None else ["{}-{}".format(*filters.years)],
        LEAST: [] if filters.least is None else [f"{filters.least:g}"],
        ASIDE: list(filters.aside),
    }


def wrong_in(asked: Mapping[str, Sequence[str]]) -> list[str]:
    """Parameters of an address that say nothing; see `read`."""
    found = read(asked)
    unread = {YEARS: found.years is None, LEAST: found.least is None}
    return [name for name, failed in unread.items() if asked.get(name) and failed]


def _last(asked: Mapping[str, Sequence[str]], name: str) -> str:
    values = asked.get(name, ())
    return values[-1] if values else ""


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,3}(\.\d{1,2})?", text) else None
