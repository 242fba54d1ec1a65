"""How moments, stars, features and settings are written on a page."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from recommender.data.schema import RatingScale

_NUMBERS = ("no", "one", "two", "three", "four", "five")


def day(seconds: int) -> str:
    """UTC seconds as a day: 22 Apr 1998."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b %Y")


def moment(seconds: int) -> str:
    """UTC seconds to the minute: 22 Apr 1998, 23:10 UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b %Y, %H:%M UTC")


def sortable_moment(seconds: int) -> str:
    """UTC seconds as a spreadsheet reads and sorts them: 1998-04-22 23:10."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def duration(seconds: float) -> str:
    """How long something takes, as people say it: about 40 s, about 3 min."""
    if seconds < 90:
        return f"about {max(1, round(seconds / 5) * 5 if seconds > 10 else round(seconds))} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 90 else f"about {minutes // 60} h {minutes % 60:02} min"


def gave_in_words(stars: float, scale: RatingScale) -> str:
    """As people say it: five stars, one and a half stars; of scales that are not of five stars, 9 of 10."""
    if scale.high != len(_NUMBERS) - 1 or scale.low < 0 or stars * 2 != int(stars * 2):
        return f"{stars:g} of {scale.high:g}"
    whole, half = int(stars), stars != int(stars)
    if half:
        return f"{_NUMBERS[whole]} and a half stars" if whole else "half a star"
    return f"{_NUMBERS[whole]} star{'s' * (whole != 1)}"


def in_a_row(parts: Sequence[str]) -> str:
    """Several in one: a, b and c."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def sentence_case(feature: str) -> str:
    """A feature's name as a heading: release_type is Release type."""
    words = feature.replace("_", " ").strip()
    return f"{words[:1].upper()}{words[1:]}"


def setting_text(value: Any) -> str:
    """A setting of a model, as a manifest holds it, as text."""
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
