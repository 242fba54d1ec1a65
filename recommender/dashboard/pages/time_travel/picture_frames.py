"""The sweep of a viewer, shaped for `charts.turning_clock`: places on the picture, and texts for each moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from recommender.charts import QUIET, SEPARATOR, ClockLayout
from recommender.dashboard.drawing.words import moment
from recommender.dashboard.pages.time_travel.over_time import Lists, Values
from recommender.data.titles import spoken_name
from recommender.serving.time_travel import NOBODY, Rows

_MOST_DOORS = 60  # dots where titles enter and leave; more of them hide the lines
_TICKS = 7
_STEPS = [60 * m for m in (1, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 20160)]  # of hours and days
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_NUMBER, _TEXT, _FLAG = pa.float64(), pa.string(), pa.bool_()
_GAP = 26  # pixels between the rows of the curves' titles


@dataclass(frozen=True)
class Shown:
    """All that the picture shows.

    Attributes:
      lists: the lists, moment by moment.
      now: place of the bar's clock among the moments.
      titles: all titles of the catalogue.
      followed: the titles with curves, each with its colour.
      curves: [n_moments, n_followed] their stars, or scores.
      means: [n_moments, n_followed] the same averaged over viewers.
      given: what the viewer rated of them: `title`, `rating`, `timestamp`.
      scale: the rating scale; None where the curves are scores.
      first, last: the training span, UTC seconds.
      pinned: the pinned moment, UTC seconds, or None.
      told: [n] when the ratings were given that the model saw, sorted; None if nobody knows.
    """

    lists: Lists
    now: int
    titles: Sequence[str]
    followed: Mapping[str, str]
    curves: Values
    means: Values
    given: pd.DataFrame
    scale: tuple[float, float] | None
    first: int
    last: int
    pinned: int | None
    told: Rows | None

    @property
    def start(self) -> int:
        """The first moment shown."""
        return int(self.lists.moments[0])

    @property
    def end(self) -> int:
        """The last one."""
        return max(int(self.lists.moments[-1]), self.start + 1)

    def share(self, seconds: Values | Rows | int) -> Values:
        """Moments as shares of the time shown."""
        return (np.asarray(seconds, np.float64) - self.start) / (self.end - self.start)


def with_moment(lists: Lists, one: Lists) -> tuple[Lists, int]:
    """Lists with that of one more moment among them, and its place there."""
    place = int(np.searchsorted(lists.moments, one.moments[0]))
    if place < len(lists.moments) and lists.moments[place] == one.moments[0]:
        return lists, place
    return Lists(*(np.insert(many, place, single[0], axis=0) for many, single in zip(lists, one, strict=True))), place


def frames_of(shown: Shown, layout: ClockLayout) -> dict[str, pa.Table]:
    """The frames that `charts.turning_clock` names.

    Tables of Arrow, as the browser gets them: turning eleven frames of pandas into these takes longer than the model.
    """
    low, high, ticks = _curve_axis(shown)
    ys = layout.curves_bottom - (np.stack([shown.curves, shown.means]) - low) / (high - low) * (
        layout.curves_bottom - layout.curves_top
    )
    edges = _edges(shown)
    ranks, doors = _ranks(shown, layout)
    bins, seen = _bins(shown, layout, edges)
    rows = [(layout.row(place), str(place)) for place in range(1, layout.n_rows + 1)]
    if layout.curves:
        size = (layout.curves_bottom - layout.curves_top) / (high - low)
        rows += [(layout.curves_bottom - (tick - low) * size, f"{tick:g}") for tick in ticks]
    rules = [(float(shown.share(shown.lists.moments[shown.now])), False)]
    if shown.pinned is not None and shown.start <= shown.pinned <= shown.end:
        rules.append((float(shown.share(shown.pinned)), True))
    ticks_of_time = enumerate(time_ticks(shown.start, shown.end))
    times = [(float(shown.share(at)), label, bool(n % 2)) for n, (at, label) in ticks_of_time]
    return {
        "moments": _moments(shown, layout, edges, ys[0] if layout.curves else ys[0][:, :0], seen),
        "bands": _bands(shown),
        "heads": _table(_heads(shown, layout), y=_NUMBER, label=_TEXT),
        "rows": _table(rows, y=_NUMBER, label=_TEXT),
        "times": _table(times, x=_NUMBER, label=_TEXT, odd=_FLAG),
        "bins": bins,
        "ranks": ranks,
        "doors": doors,
        "curves": _curves(shown, ys if layout.curves else ys[:, :, :0]),
        "given": _given(shown, layout, low, high),
        "rules": _table(rules, x=_NUMBER, pinned=_FLAG),
    }


def _table(rows: Sequence[tuple[object, ...]], **columns: pa.DataType) -> pa.Table:
    """Rows as a table, with its types even if there are none."""
    values = zip(*rows, strict=True) if rows else ([] for _ in columns)
    return pa.table({name: pa.array(list(of), kind) for (name, kind), of in zip(columns.items(), values, strict=True)})


def _curve_axis(shown: Shown) -> tuple[float, float, list[float]]:
    """Lowest and highest value of the curves' axis, and its ticks: at least a quarter of the scale is shown."""
    values = np.concatenate([shown.curves.ravel(), shown.means.ravel(), shown.given["rating"].to_numpy(float)])
    values = values[np.isfinite(values)]
    if not len(values):
        return (0.0, 1.0, []) if shown.scale is None else (*shown.scale, list(shown.scale))
    least = 0.1 if shown.scale is None else (shown.scale[1] - shown.scale[0]) / 4
    middle = (values.min() + values.max()) / 2
    reach = max((values.max() - values.min()) / 2, least / 2)
    wanted = 2 * reach / 4
    power = 10 ** np.floor(np.log10(wanted))
    step = float(next(power * m for m in (1, 2, 5, 10) if power * m >= wanted - 1e-9))
    low, high = np.floor((middle - reach) / step + 1e-9) * step, np.ceil((middle + reach) / step - 1e-9) * step
    if shown.scale is not None:
        low, high = max(low, shown.scale[0]), min(high, shown.scale[1])
    ticks = np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step
    return float(low), float(high), [round(float(tick), 6) for tick in ticks]


def _heads(shown: Shown, layout: ClockLayout) -> list[tuple[object, ...]]:
    heads: list[tuple[object, ...]] = [(layout.row(0.5) - 14, "Place in the list")]
    if layout.curves:
        heads.append((8.0, "Score" if shown.scale is None else "Predicted stars"))
    if layout.bins:
        heads.append((layout.bins_top - 14, "Ratings it learned from"))
    return heads


def _edges(shown: Shown) -> Rows:
    """[n_moments + 1] UTC seconds between which the pointer means each moment."""
    at = shown.lists.moments
    return np.concatenate([at[:1], (at[1:] + at[:-1]) // 2, at[-1:]])


def _moments(shown: Shown, layout: ClockLayout, edges: Rows, ys: Values, seen: list[str]) -> pa.Table:
    listed, now = shown.lists, shown.now
    n, n_curves = ys.shape
    names = {int(row): spoken_name(shown.titles[row]).name for row in np.unique(listed.rows) if row != NOBODY}
    colours = {row: shown.followed.get(shown.titles[row], QUIET) for row in names}
    stars = shown.scale is not None
    values = listed.stars if stars else listed.scores
    low, high = shown.scale or (np.nanmin(values, initial=0.0), np.nanmax(values, initial=1.0))
    bars = np.clip((values - low) / max(high - low, 1e-9), 0.02, 1)
    offsets = np.arange(n) - now
    shares = np.clip(shown.share(edges), 0, 1).round(5)
    outside = (listed.moments < shown.first) | (listed.moments > shown.last)
    gap = min(_GAP, (layout.curves_bottom - layout.curves_top - 12) / max(n_curves, 1))
    rows = [[row for row in line if row != NOBODY] for line in listed.rows.tolist()]
    places = {row: place for place, row in enumerate(rows[now])}
    followed = list(shown.followed)[:n_curves]
    return pa.table(
        {
            "offset": offsets,
            "first": np.full(n, offsets[0]),
            "last": np.full(n, offsets[-1]),
            "at": listed.moments,
            "x": shown.share(listed.moments).round(5),
            "from": shares[:-1],
            "to": shares[1:],
            "label": [
                moment(at) + (" · a guess" if out else "")
                for at, out in zip(listed.moments.tolist(), outside.tolist(), strict=True)
            ],
            "seen": seen,
            "gone": [_gone(line, rows[now], names) for line in rows],
            "names": [_joined(names[row] for row in line) for line in rows],
            "notes": _numbers(values, rows, 1 if stars else 2),
            "colours": [_joined(colours[row] for row in line) for line in rows],
            "moves": [_joined(_move(row, place, places) for place, row in enumerate(line)) for line in rows],
            "bars": _numbers(bars, rows, 3),
            "curve_names": [_joined(spoken_name(title).name for title in followed)] * n,
            "curve_notes": [_joined(f"{v:.2f}" for v in line[:n_curves]) for line in shown.curves.tolist()],
            "curve_means": [_joined(f"all {v:.2f}" for v in line[:n_curves]) for line in shown.means.tolist()],
            "curve_colours": [_joined(shown.followed[title] for title in followed)] * n,
            "curve_ys": [_joined(f"{y:.1f}" for y in line) for line in ys.tolist()],
            "curve_rows": [_joined(f"{layout.curves_top + 12 + gap * row:.1f}" for row in range(n_curves))] * n,
        }
    )


def _numbers(values: Values, rows: Sequence[Sequence[int]], digits: int) -> list[str]:
    """A line of figures for each list, as long as the list is."""
    return [
        _joined(f"{value:.{digits}f}" for value in line[: len(of)])
        for line, of in zip(values.tolist(), rows, strict=True)
    ]


def _joined(parts: Iterable[str]) -> str:
    return SEPARATOR.join(part.replace(SEPARATOR, " ") for part in parts)


def _move(row: int, place: int, places: Mapping[int, int]) -> str:
    """Where a title stands beside its place in the list of the clock."""
    if row not in places:
        return "new"
    step = places[row] - place
    return "" if step == 0 else f"▲ {step}" if step > 0 else f"▼ {-step}"


def _gone(line: Sequence[int], now: Sequence[int], names: Mapping[int, str]) -> str:
    """What the list of the clock has and this one has not."""
    gone = [names[row] for row in now if row not in set(line)]
    if not gone:
        return ""
    return f"In the clock's list, not here: {', '.join(gone[:2])}" + (
        f" and {len(gone) - 2} more" if len(gone) > 2 else ""
    )


def _ranks(shown: Shown, layout: ClockLayout) -> tuple[pa.Table, pa.Table]:
    """Each title's course through the list, in runs without a gap, and the dots where runs begin and end."""
    moments, places = np.nonzero(shown.lists.rows != NOBODY)
    rows = shown.lists.rows[moments, places]
    order = np.lexsort((moments, rows))
    moments, places, rows = moments[order], places[order], rows[order]
    begins = np.ones(len(rows), bool)
    begins[1:] = (rows[1:] != rows[:-1]) | (moments[1:] != moments[:-1] + 1)
    ends = np.append(begins[1:], True)[: len(rows)]
    chosen = {int(row): shown.titles[row] in shown.followed for row in np.unique(rows)}
    frame = pa.table(
        {
            "x": shown.share(shown.lists.moments[moments]).round(5),
            "y": layout.row(1) + places * layout.row_height,
            "run": np.cumsum(begins),
            "colour": pa.array([shown.followed.get(shown.titles[row], QUIET) for row in rows.tolist()], _TEXT),
            "chosen": pa.array([chosen[row] for row in rows.tolist()], _FLAG),
        }
    )
    entering, leaving = begins & (moments > 0), ends & (moments < len(shown.lists.moments) - 1)
    few = entering.sum() + leaving.sum() <= _MOST_DOORS
    doors = [
        frame.filter(pa.array(which & few)).append_column(
            "entering", pa.array([inward] * int((which & few).sum()), _FLAG)
        )
        for which, inward in ((entering, True), (leaving, False))
    ]
    return frame, pa.concat_tables(doors).select(["x", "y", "colour", "entering"])


def _bins(shown: Shown, layout: ClockLayout, edges: Rows) -> tuple[pa.Table, list[str]]:
    """The ratings of each moment's strip as bars, and in words."""
    n = len(shown.lists.moments)
    if shown.told is None:
        return _table([], **{"from": _NUMBER, "to": _NUMBER, "top": _NUMBER}), [""] * n
    borders = edges.copy()
    borders[-1] += 1
    counts = np.diff(np.searchsorted(shown.told, borders))
    height = counts / max(int(counts.max(initial=0)), 1) * (layout.bins_bottom - layout.bins_top)
    shares, some = np.clip(shown.share(edges), 0, 1).round(5), counts > 0
    words = [
        f"{count:,} rating{'s' * (count != 1)} in {duration(width)}"
        for count, width in zip(counts.tolist(), np.diff(edges).tolist(), strict=True)
    ]
    top = (layout.bins_bottom - height).round(1)
    return pa.table({"from": shares[:-1][some], "to": shares[1:][some], "top": top[some]}), words


def _bands(shown: Shown) -> pa.Table:
    ends = [(shown.start, min(shown.first, shown.end)), (max(shown.last, shown.start), shown.end)]
    bands = [tuple(shown.share(np.array(band)).tolist()) for band in ends if band[0] < band[1]]
    return _table(bands, **{"from": _NUMBER, "to": _NUMBER})


def _curves(shown: Shown, ys: Values) -> pa.Table:
    _, n, n_titles = ys.shape
    colours = list(shown.followed.values())[:n_titles]
    x = shown.share(shown.lists.moments).round(5)
    return pa.table(
        {
            "x": np.tile(x, 2 * n_titles),
            "y": ys.transpose(0, 2, 1).ravel().round(2),
            "title": np.tile(np.repeat(np.arange(n_titles), n), 2),
            "colour": pa.array([colour for colour in colours for _ in range(n)] * 2, _TEXT),
            "mean": np.repeat([False, True], n * n_titles),
        }
    )


def _given(shown: Shown, layout: ClockLayout, low: float, high: float) -> pa.Table:
    given = shown.given
    size = (layout.curves_bottom - layout.curves_top) / (high - low)
    return pa.table(
        {
            "x": shown.share(given["timestamp"].to_numpy(np.int64)),
            "y": layout.curves_bottom - (given["rating"].to_numpy(float) - low) * size,
            "colour": pa.array([shown.followed[title] for title in given["title"]], _TEXT),
        }
    )


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
