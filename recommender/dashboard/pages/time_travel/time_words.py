"""Moments and lengths of time as the page Time travel writes them."""

from datetime import UTC, datetime

_TICKS = 7
_STEPS = [60 * m for m in (1, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 20160)]  # of hours and days
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)


def time_ticks(start: int, end: int) -> list[tuple[int, str]]:
    """A few moments worth a label, UTC seconds with their labels."""
    step = next((step for step in _STEPS if (end - start) / step <= _TICKS), None)
    if step is not None:
        ticks = range(-(-start // step) * step, end + 1, step)
        pattern = "%-d %b, %H:%M" if step < 86_400 else "%-d %b %Y" if step > 86_400 * 5 else "%-d %b"
        return [(at, datetime.fromtimestamp(at, UTC).strftime(pattern)) for at in ticks]
    first, last = (datetime.fromtimestamp(at, UTC) for at in (start, end))
    months = (last.year - first.year) * 12 + last.month - first.month
    every = next((m for m in _MONTHS if months / m <= _TICKS), _MONTHS[-1])
    count = range(-(-(first.year * 12 + first.month) // every) * every, last.year * 12 + last.month, every)
    days = [datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in count]
    pattern = "%Y" if every >= 12 else "%b %Y"
    return [(int(d.timestamp()), d.strftime(pattern)) for d in days if start <= d.timestamp() <= end]


def clock_time(seconds: int) -> str:
    """UTC seconds as day and minute: 22 Apr, 23:10."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %b, %H:%M")


def duration(seconds: int) -> str:
    """A length of time in one or two figures: 45 minutes, 3.5 hours, 12 days."""
    for name, size in (("year", 365.25 * 86_400), ("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * size or name == "minute":
            number = f"{seconds / size:.1f}" if seconds < 9.95 * size else f"{seconds / size:,.0f}"
            number = number.removesuffix(".0")
            return f"{number} {name}{'s' * (number != '1')}"
    raise AssertionError("unreachable")
