"""The frames of the picture `charts.turning_clock`: places on it, and texts for each moment."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from recommender.charts import QUIET, SEPARATOR, ClockLayout
from recommender.dashboard.drawing.words import moment
from recommender.dashboard.pages.time_travel.over_time import Values
from recommender.dashboard.pages.time_travel.stretch import MOST_MOMENTS
from recommender.dashboard.pages.time_travel.time_words import time_ticks
from recommender.dashboard.pages.time_travel.view import TimeTravelView
from recommender.data.clock import MINUTE
from recommender.data.ranking import Rows
from recommender.data.titles import spoken_name
from recommender.serving.traveller import NO_TITLE

_MOST_COURSES = 10  # of titles that are listed at the clock
_MOST_DOORS = 60  # dots where titles enter and leave; more of them hide the lines
_NUMBER, _TEXT, _FLAG = pa.float64(), pa.string(), pa.bool_()
_STRAIGHT = 1e-3  # pixels by which the height of a straight line may differ over the whole width
_GAP = 26  # pixels between the rows of the curves' titles


def layout_of(view: TimeTravelView) -> ClockLayout:
    """How high the picture is, and which parts it has."""
    return ClockLayout(n_rows=view.k, curves=bool(view.followed), life=view.can.has_ratings, n_steps=MOST_MOMENTS + 1)


def frames_of(view: TimeTravelView, layout: ClockLayout) -> dict[str, pa.Table]:
    """The frames that `charts.turning_clock` names.

    Tables of Arrow, as the browser gets them: turning eleven frames of pandas into these takes longer than the model.
    """
    low, high, ticks = _curve_axis(view)
    size = (layout.curves_bottom - layout.curves_top) / (high - low)
    ys = layout.curves_bottom - (np.stack([view.curves, view.means]) - low) * size
    ranks, doors = _ranks(view, layout)
    rows = [(layout.row(place), str(place)) for place in range(1, layout.n_rows + 1)]
    if layout.curves:
        rows += [(layout.curves_bottom - (tick - low) * size, f"{tick:g}") for tick in ticks]
    rules = [(float(view.share(view.lists.moments[view.now])), False)]
    if view.pinned is not None:
        rules.append((float(view.share(view.pinned)), True))
    ticks_of_time = enumerate(time_ticks(view.start, view.end))
    times = [(float(view.share(at)), label, bool(n % 2)) for n, (at, label) in ticks_of_time]
    return {
        "moments": _moments(view, layout, ys[0] if layout.curves else ys[0][:, :0]),
        "bands": _bands(view),
        "heads": _table(_heads(view, layout), y=_NUMBER, label=_TEXT),
        "rows": _table(rows, y=_NUMBER, label=_TEXT),
        "times": _table(times, x=_NUMBER, label=_TEXT, odd=_FLAG),
        "life": _life(view, layout),
        "ranks": ranks,
        "doors": doors,
        "ranges": _ranges(view, layout.curves_bottom - (view.ranges - low) * size),
        "curves": _curves(view, ys if layout.curves else ys[:, :, :0]),
        "given": _given(view, layout, low, high),
        "rules": _table(rules, x=_NUMBER, pinned=_FLAG),
    }


def _table(rows: Sequence[tuple[object, ...]], **columns: pa.DataType) -> pa.Table:
    """Rows as a table, with its types even if there are none."""
    values = zip(*rows, strict=True) if rows else ([] for _ in columns)
    return pa.table({name: pa.array(list(of), kind) for (name, kind), of in zip(columns.items(), values, strict=True)})


def _curve_axis(view: TimeTravelView) -> tuple[float, float, list[float]]:
    """Lowest and highest value of the curves' axis, and its ticks: at least a quarter of the scale is shown."""
    given = view.given["rating"].to_numpy(float)
    values = np.concatenate([view.curves.ravel(), view.means.ravel(), view.ranges.ravel(), given])
    values = values[np.isfinite(values)]
    if not len(values):
        return (0.0, 1.0, []) if view.scale is None else (*view.scale, list(view.scale))
    least = 0.1 if view.scale is None else (view.scale[1] - view.scale[0]) / 4
    middle = (values.min() + values.max()) / 2
    reach = max((values.max() - values.min()) / 2, least / 2)
    wanted = 2 * reach / 4
    power = 10 ** np.floor(np.log10(wanted))
    step = float(next(power * m for m in (1, 2, 5, 10) if power * m >= wanted - 1e-9))
    low, high = np.floor((middle - reach) / step + 1e-9) * step, np.ceil((middle + reach) / step - 1e-9) * step
    if view.scale is not None:
        low, high = max(low, view.scale[0]), min(high, view.scale[1])
    ticks = np.arange(np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9) + 1) * step
    return float(low), float(high), [round(float(tick), 6) for tick in ticks]


def _heads(view: TimeTravelView, layout: ClockLayout) -> list[tuple[object, ...]]:
    heads: list[tuple[object, ...]] = [(layout.row(0.5) - 14, "Place in the list")]
    if layout.curves:
        heads.append((8.0, "Score" if view.scale is None else "Predicted stars"))
    if layout.life:
        heads.append((layout.life_top - 14, "What this viewer rated, higher for more stars"))
    return heads


def _edges(view: TimeTravelView) -> Rows:
    """[n_moments + 1] UTC seconds between which the pointer means each moment."""
    at = view.lists.moments
    return np.concatenate([at[:1], (at[1:] + at[:-1]) // 2, at[-1:]])


def _moments(view: TimeTravelView, layout: ClockLayout, ys: Values) -> pa.Table:
    listed, now = view.lists, view.now
    n, n_curves = ys.shape
    names = {int(row): spoken_name(view.titles[row]).name for row in np.unique(listed.rows) if row != NO_TITLE}
    colours = {row: view.followed.get(view.titles[row], QUIET) for row in names}
    stars = view.scale is not None
    values = listed.stars if stars else listed.scores
    low, high = view.scale or (np.nanmin(values, initial=0.0), np.nanmax(values, initial=1.0))
    bars = np.clip((values - low) / max(high - low, 1e-9), 0.02, 1)
    offsets = np.arange(n) - now
    shares = np.clip(view.share(_edges(view)), 0, 1).round(5)
    outside = (listed.moments < view.first // MINUTE * MINUTE) | (listed.moments > view.last)
    gap = min(_GAP, (layout.curves_bottom - layout.curves_top - 12) / max(n_curves, 1))
    rows = [[row for row in line if row != NO_TITLE] for line in listed.rows.tolist()]
    places = {row: place for place, row in enumerate(rows[now])}
    followed = list(view.followed)[:n_curves]
    return pa.table(
        {
            "offset": offsets,
            "first": np.full(n, offsets[0]),
            "last": np.full(n, offsets[-1]),
            "at": listed.moments,
            "x": view.share(listed.moments).round(5),
            "from": shares[:-1],
            "to": shares[1:],
            "label": [
                moment(at) + (" · a guess" if out else "")
                for at, out in zip(listed.moments.tolist(), outside.tolist(), strict=True)
            ],
            "seen": _rated_in_words(view),
            "gone": [_gone(line, rows[now], names) for line in rows],
            "names": [_joined(names[row] for row in line) for line in rows],
            "notes": _numbers(values, rows, 1 if stars else 2),
            "colours": [_joined(colours[row] for row in line) for line in rows],
            "moves": [_joined(_move(row, place, places) for place, row in enumerate(line)) for line in rows],
            "bars": _numbers(bars, rows, 3),
            "curve_names": [_joined(spoken_name(title).name for title in followed)] * n,
            "curve_notes": [
                _joined("not out" if np.isnan(v) else f"{v:.2f}" for v in line[:n_curves])
                for line in view.curves.tolist()
            ],
            "curve_means": [
                _joined(
                    "" if np.isnan(v) else f"{_range(low, high)}all {v:.2f}"
                    for v, (low, high) in zip(mean, ends, strict=True)
                )
                for mean, ends in zip(
                    view.means[:, :n_curves].tolist(), view.ranges[:, :n_curves].tolist(), strict=True
                )
            ],
            "curve_colours": [_joined(view.followed[title] for title in followed)] * n,
            "curve_ys": [_joined("" if np.isnan(y) else f"{y:.1f}" for y in line) for line in ys.tolist()],
            "curve_rows": [_joined(f"{layout.curves_top + 12 + gap * row:.1f}" for row in range(n_curves))] * n,
        }
    )


def _numbers(values: Values, rows: Sequence[Sequence[int]], digits: int) -> list[str]:
    """A line of figures for each list, as long as the list is."""
    return [
        _joined(f"{value:.{digits}f}" for value in line[: len(of)])
        for line, of in zip(values.tolist(), rows, strict=True)
    ]


def _range(low: float, high: float) -> str:
    """The ratings between which the stars lie with 80%."""
    return "" if np.isnan(low) else f"{low:g} to {high:g} · "


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
    here = set(line)
    gone = [names[row] for row in now if row not in here]
    if not gone:
        return ""
    return f"In the clock's list, not here: {', '.join(gone[:2])}" + (
        f" and {len(gone) - 2} more" if len(gone) > 2 else ""
    )


def _ranks(view: TimeTravelView, layout: ClockLayout) -> tuple[pa.Table, pa.Table]:
    """The courses of the followed titles and of the clock's list, in runs without a gap, and dots where these end.

    The others would be a tangle; the list under the pointer names them. A course has a point where its place changes,
    and where it ends: what the browser does with a point costs more than the model.
    """
    wanted = view.lists.rows[view.now][:_MOST_COURSES].tolist() + [view.row_of(title) for title in view.followed]
    moments, places = np.nonzero(np.isin(view.lists.rows, wanted) & (view.lists.rows != NO_TITLE))
    rows = view.lists.rows[moments, places]
    order = np.lexsort((moments, rows))
    moments, places, rows = moments[order], places[order], rows[order]
    begins = np.ones(len(rows), bool)
    begins[1:] = (rows[1:] != rows[:-1]) | (moments[1:] != moments[:-1] + 1)
    ends = np.append(begins[1:], True)[: len(rows)]
    steps = begins | ends | np.append(True, places[1:] != places[:-1])[: len(rows)]
    chosen = {int(row): view.titles[row] in view.followed for row in np.unique(rows)}
    frame = pa.table(
        {
            "x": view.share(view.lists.moments[moments]).round(5),
            "y": layout.row(1) + places * layout.row_height,
            "run": np.cumsum(begins),
            "colour": pa.array([view.followed.get(view.titles[row], QUIET) for row in rows.tolist()], _TEXT),
            "chosen": pa.array([chosen[row] for row in rows.tolist()], _FLAG),
        }
    )
    entering, leaving = begins & (moments > 0), ends & (moments < len(view.lists.moments) - 1)
    few = entering.sum() + leaving.sum() <= _MOST_DOORS
    doors = [
        frame.filter(pa.array(which & few)).append_column(
            "entering", pa.array([inward] * int((which & few).sum()), _FLAG)
        )
        for which, inward in ((entering, True), (leaving, False))
    ]
    return frame.filter(pa.array(steps)), pa.concat_tables(doors).select(["x", "y", "colour", "entering"])


def _life(view: TimeTravelView, layout: ClockLayout) -> pa.Table:
    """A tick for each rating of the viewer; the highest reaches to the top, the lowest is a sixth of it."""
    low, high = view.rating_scale
    # A tick far outside would be drawn, too, and the picture made small until it had room for it.
    life = view.life[view.life["timestamp"].between(view.start, view.end)]
    share = 1 / 6 + 5 / 6 * (life["rating"].to_numpy(float) - low) / max(high - low, 1e-9)
    return pa.table(
        {
            "x": view.share(life["timestamp"].to_numpy(np.int64)).round(5),
            "top": (layout.life_bottom - share * (layout.life_bottom - layout.life_top)).round(1),
            "colour": pa.array([view.followed.get(title, QUIET) for title in life["title"]], _TEXT),
        }
    )


def _rated_in_words(view: TimeTravelView) -> list[str]:
    """What the viewer rated in each moment's strip of the picture."""
    edges = _edges(view)
    edges[-1] += 1
    strips = np.searchsorted(edges, view.life["timestamp"].to_numpy(np.int64), side="right") - 1
    rated: list[list[str]] = [[] for _ in view.lists.moments]
    for strip, title, stars in zip(strips.tolist(), view.life["title"], view.life["rating"], strict=True):
        if 0 <= strip < len(rated):
            rated[strip].append(spoken_name(title).name + f" {stars:g}" * view.can.has_stars)
    did = "Rated" if view.can.has_stars else "Took"
    return [
        "" if not names else f"{did} {names[0]}" if len(names) == 1 else f"{did} {names[0]} and {len(names) - 1:,} more"
        for names in rated
    ]


def _bands(view: TimeTravelView) -> pa.Table:
    ends = [(view.start, min(view.first, view.end)), (max(view.last, view.start), view.end)]
    bands = [tuple(view.share(np.array(band)).tolist()) for band in ends if band[0] < band[1]]
    return _table(bands, **{"from": _NUMBER, "to": _NUMBER})


def _ranges(view: TimeTravelView, ys: Values) -> pa.Table:
    """Where a rating of each followed title is likely to lie: the moments at which that begins or ends.

    Args:
      view: the page.
      ys: [n_moments, n_followed, 2] places of the low and of the high end.
    """
    differs = ((ys[1:] != ys[:-1]) & ~(np.isnan(ys[1:]) & np.isnan(ys[:-1]))).any(axis=2)  # from moment to moment
    ends = np.ones((1, ys.shape[1]), np.bool_)
    places, moments = np.nonzero((np.concatenate([ends, differs]) | np.concatenate([differs, ends])).T)
    low, high = ys[moments, places].T.round(1)
    colours = list(view.followed.values())
    return pa.table(
        {
            "x": view.share(view.lists.moments[moments]).round(5),
            "low": pa.array(low, from_pandas=True),
            "high": pa.array(high, from_pandas=True),
            "place": places + 1,
            "colour": pa.array([colours[place] for place in places.tolist()], _TEXT),
        }
    )


def _curves(view: TimeTravelView, ys: Values) -> pa.Table:
    """A point of each curve and of its mean where it bends; there are few, as means are asked for at few moments.

    Args:
      view: the page.
      ys: [2, n_moments, n_followed] places of the curves and of their means, NaN where a title is not out.
    """
    x = view.share(view.lists.moments)
    slopes = np.diff(ys, axis=1) / np.diff(x)[:, None]
    bends = np.ones(ys.shape, np.bool_)
    bends[:, 1:-1] = ~(np.abs(np.diff(slopes, axis=1)) < _STRAIGHT)  # beside what is not out a line ends
    mean, title, at = np.nonzero((bends & ~np.isnan(ys)).transpose(0, 2, 1))
    colours = list(view.followed.values())
    return pa.table(
        {
            "x": x[at].round(5),
            "y": ys[mean, at, title].round(2),
            "title": title,
            "colour": pa.array([colours[place] for place in title.tolist()], _TEXT),
            "mean": mean == 1,
        }
    )


def _given(view: TimeTravelView, layout: ClockLayout, low: float, high: float) -> pa.Table:
    given = view.given
    size = (layout.curves_bottom - layout.curves_top) / (high - low)
    return pa.table(
        {
            "x": view.share(given["timestamp"].to_numpy(np.int64)),
            "y": layout.curves_bottom - (given["rating"].to_numpy(float) - low) * size,
            "colour": pa.array([view.followed[title] for title in given["title"]], _TEXT),
        }
    )
