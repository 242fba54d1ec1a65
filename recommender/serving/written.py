"""Moments and ratings as people write them, on a command line or in an address."""

import datetime
from collections.abc import Callable, Sequence

from recommender.bundle.signatures import History
from recommender.errors import ConfigurationError

_LAST_SECOND = 253_402_300_799  # of the year 9999, the last that a date can have


def read_moment(text: str | None, called: str = "--at") -> int | None:
    """UTC seconds from seconds or an ISO date-time; None from None.

    Args:
      text: what was written.
      called: how whoever wrote it calls a moment, for messages.

    Raises:
      ConfigurationError: if the text is neither, or no moment of the years 1970 to 9999.
    """
    if text is None:
        return None
    try:
        seconds = int(text)
    except ValueError:
        pass
    else:
        return _checked(seconds, text, called)
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"{called} {text!r} is no moment; give seconds since 1970, or a date-time such as 1997-11-09T06:38 in UTC."
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    return _checked(int(moment.timestamp()), text, called)


def _checked(seconds: int, text: str, called: str) -> int:
    if 0 <= seconds <= _LAST_SECOND:
        return seconds
    for size, name in ((10**3, "milliseconds"), (10**6, "microseconds"), (10**9, "nanoseconds")):
        if 0 <= seconds // size <= _LAST_SECOND and seconds > 0:
            raise ConfigurationError(
                f"{called} {text!r} looks like {name}; give seconds since 1970: {called} {seconds // size}."
            )
    raise ConfigurationError(f"{called} {text!r} lies outside the years 1970 to 9999; give seconds since 1970.")


def read_rated(
    entries: Sequence[str] | None,
    called: str = "--rated",
    between: str = "=",
    say: Callable[[str], None] | None = None,
) -> History | None:
    """The history that some TITLE=STARS give; None from None.

    Args:
      entries: what was written, oldest first; of a title given twice the last counts.
      called: how whoever wrote them calls ratings, for messages.
      between: what stands between a title, which may hold it too, and its stars.
      say: is told of titles given twice.

    Raises:
      ConfigurationError: if one has no stars.
    """
    if entries is None:
        return None
    stars: dict[str, float] = {}
    for entry in entries:
        title, _, value = entry.rpartition(between)
        try:
            given = float(value)
        except ValueError:
            raise ConfigurationError(
                f"{called} {entry!r}: expected TITLE{between}STARS, for instance 'Fargo (1996){between}5'."
            ) from None
        if title in stars:
            before = stars.pop(title)
            if say is not None:
                say(f"note: {title!r} is rated twice, {before:g} and {given:g}; the last counts.")
        stars[title] = given
    return History(stars)
