"""The picture of a clock that turns: curves, ranks and the list at the moment under the pointer, all in one view.

Whatever follows the pointer is drawn by Vega from data it already holds, so nothing is asked of the server. The picture
itself depends on nothing but its layout: places are shares of the width and pixels of the height, worked out before,
so that another viewer or moment sends other data to the same picture, and no scale is computed anew while it is turned.
"""

import altair as alt

from recommender.charts.clock_layout import BAND, HOVER, PICKED, STEP, ClockLayout
from recommender.charts.palette import NOW, PINNED, QUIET

_INK = "currentColor"  # the theme's colour of text, which no colour of ours would equal in contrast on both grounds
_LEFT = 30  # pixels for the labels of the rows
# The list beside the curves takes three tenths of the width, within what a phone can spare and names can use.
_SIDE = "max(128, min(330, width * 0.3))"
_EDGE = f"(width - {_SIDE})"
_NARROW = "width < 560"
_HERE = f"datum.offset === (isValid({HOVER}.offset) ? {HOVER}.offset[0] : clamp({STEP}, datum.first, datum.last))"
_BANDED = f"datum.place === (isValid({BAND}.place) ? {BAND}.place[0] : 1)"
# Whether a title with a curve was clicked; in full, as an interpreted Vega knows no `datum` in the filter of an event.
_ON_A_TITLE = "event.item && event.item.datum && isValid(event.item.datum.dot)"


def turning_clock(layout: ClockLayout) -> alt.LayerChart:
    """Curves over time, ranks over time, and beside them the list at the moment under the pointer.

    Args:
      layout: what there is from top to bottom.

    Returns:
      A layered chart of named frames. `x` is a share of the time shown, `y` pixels from the top.
        moments: a row for each moment that can be looked at: `offset` (steps from the clock), `first` and `last` (the
          least and greatest offset), `at` (UTC seconds), `x`, `from`, `to` (its strip of the width), `label`, `seen`
          (text), `gone` (text), and lists joined by tabs: `names`, `notes`, `colours`, `moves`, `bars` (shares) of the
          list; `curve_names`, `curve_notes`, `curve_means`, `curve_colours`, `curve_ys`, `curve_rows` (y of the text)
          of the curves.
        heads: `y`, `label`: what each part shows. bands: `from`, `to`: time outside the training span.
        rows: `y`, `label`. times: `x`, `label`, `odd` (left out where it is narrow).
        life: `x`, `top`, `colour`: a tick for each rating of the viewer.
        ranks: `x`, `y`, `run`, `colour`, `chosen`. doors: `x`, `y`, `colour`, `entering`.
        ranges: `x`, `low`, `high` (pixels, null where there is none), `place` (of the title, from 1), `colour`: where a
          rating is likely to lie, at moments after which it is another one.
        curves: `x`, `y`, `title`, `colour`, `mean`. given: `x`, `y`, `colour`. rules: `x`, `pinned`.
      Four parameters: `HOVER` (the moment under the pointer), `STEP` (steps from the clock, a slider), `PICKED` (the
      moment that was clicked, with `at`), and `BAND` (the title whose range is shaded, the first until another's name
      is clicked).
    """
    here = alt.layer(*_readings(layout), data=alt.NamedData(name="moments")).transform_filter(_HERE)
    layers = [*_ground(layout), *_courses(layout), *_rules(layout), here, _pads(layout)]
    chart = alt.layer(*layers).properties(height=layout.height, padding={"bottom": 4})
    return chart.configure_view(stroke=None).configure_mark(aria=False)  # its words are in the page's `alt`


def _of(frame: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name=frame))


def _x(field: str = "x") -> alt.X:
    scale = alt.Scale(domain=[0, 1], range=[_LEFT, alt.ExprRef(f"{_EDGE} - 14")], nice=False, zero=False)
    return alt.X(f"{field}:Q", scale=scale, axis=None)


def _y(layout: ClockLayout, field: str = "y") -> alt.Y:
    scale = alt.Scale(domain=[0, layout.height], range=[0, layout.height], nice=False, zero=False)
    return alt.Y(f"{field}:Q", scale=scale, axis=None)


def _at(expression: str) -> alt.XValue:
    return alt.XValue(alt.ExprRef(expression))


def _ground(layout: ClockLayout) -> list[alt.Chart]:
    """What does not move: shaded ends, hairlines, their labels, days, the viewer's ratings."""
    hair = {"color": QUIET, "opacity": 0.22, "strokeWidth": 1}
    return [
        _of("bands")
        .mark_rect(color=QUIET, opacity=0.14)
        .encode(x=_x("from"), x2="to:Q", y=alt.YValue(layout.curves_top - 14), y2=alt.Y2Value(layout.life_bottom)),
        _of("rows")
        .mark_rule(**hair)
        .encode(x=_at(f"{_LEFT}"), x2=alt.X2Value(alt.ExprRef(f"{_EDGE} - 14")), y=_y(layout)),
        _of("rows")
        .mark_text(align="right", baseline="middle", fontSize=11, color=_INK, opacity=0.85)
        .encode(x=_at(f"{_LEFT - 8}"), y=_y(layout), text="label:N"),
        _of("heads")
        .mark_text(align="left", baseline="middle", fontSize=12, fontWeight=600, color=_INK)
        .encode(x=_at("4"), y=_y(layout), text="label:N"),
        _of("times")
        .mark_rule(**hair)
        .encode(x=_x(), y=alt.YValue(layout.curves_top - 6), y2=alt.Y2Value(layout.life_bottom)),
        _of("times")
        .transform_filter(f"!({_NARROW} && datum.odd)")
        .mark_text(baseline="top", fontSize=11, color=_INK, opacity=0.85)
        .encode(x=_x(), y=alt.YValue(layout.life_bottom + 6), text="label:N"),
        _of("life")
        .mark_rule(strokeWidth=1.5, opacity=0.85)
        .encode(
            x=_x(),
            y=_y(layout, "top"),
            y2=alt.Y2Value(layout.life_bottom),
            color=alt.Color("colour:N", scale=None),
        ),
    ]


def _courses(layout: ClockLayout) -> list[alt.Chart]:
    """Ranks and curves through time."""
    colour = alt.Color("colour:N", scale=None)
    ranks = _of("ranks").encode(x=_x(), y=_y(layout), detail="run:N", color=colour)
    curves = _of("curves").encode(x=_x(), y=_y(layout), detail="title:N", color=colour)
    lines = {"interpolate": "step-after", "strokeJoin": "round", "strokeCap": "round"}  # what holds is level
    return [
        _of("ranges")
        .transform_filter(_BANDED)
        .mark_area(opacity=0.2, interpolate="step-after")
        .encode(x=_x(), y=_y(layout, "low"), y2="high:Q", color=colour),
        ranks.transform_filter("!datum.chosen").mark_line(strokeWidth=1, opacity=0.45, **lines),
        ranks.transform_filter("datum.chosen").mark_line(strokeWidth=2, **lines),
        _of("doors")
        .mark_point(size=26, strokeWidth=1.5, opacity=1)
        .encode(
            x=_x(),
            y=_y(layout),
            stroke=alt.Stroke("colour:N", scale=None),
            fill=alt.condition("datum.entering", alt.Fill("colour:N", scale=None), alt.value("transparent")),
        ),
        curves.transform_filter("datum.mean").mark_line(strokeWidth=1.5, strokeDash=[2, 3], opacity=0.9),
        curves.transform_filter("!datum.mean").mark_line(strokeWidth=2.5, strokeJoin="round"),
        _of("given")
        .mark_point(shape="diamond", size=90, strokeWidth=2, filled=False, opacity=1)
        .encode(x=_x(), y=_y(layout), color=colour),
    ]


def _rules(layout: ClockLayout) -> list[alt.Chart]:
    """The bar's clock and the pinned moment."""
    ends = {"y": alt.YValue(layout.curves_top - 14), "y2": alt.Y2Value(layout.life_bottom)}
    rules = _of("rules").encode(x=_x(), **ends)
    return [
        rules.transform_filter("datum.pinned").mark_rule(color=PINNED, strokeWidth=2, strokeDash=[4, 3]),
        rules.transform_filter("!datum.pinned").mark_rule(color=NOW, strokeWidth=1.5, opacity=0.6),
    ]


def _readings(layout: ClockLayout) -> list[alt.Chart | alt.LayerChart]:
    """What follows the pointer: the rule, the moment, the list, the values of the curves."""
    words = {"baseline": "middle", "color": _INK}
    listed = (
        _flattened(["names", "notes", "colours", "moves", "bars"])
        .transform_calculate(y=f"{layout.row(1)} + {layout.row_height} * (toNumber(datum.place) - 1)")
        .encode(y=_y(layout))
    )
    colour = alt.Color("colours:N", scale=None)
    bar_end = f"{_EDGE} + 12 + toNumber(datum.bars) * ({_SIDE} - ({_NARROW} ? 52 : 118))"
    parts: list[alt.Chart | alt.LayerChart] = [
        alt.Chart()
        .mark_rule(color=NOW, strokeWidth=2.5)
        .encode(x=_x(), y=alt.YValue(layout.curves_top - 14), y2=alt.Y2Value(layout.life_bottom)),
        alt.Chart()
        .mark_point(shape="triangle-down", size=90, filled=True, color=NOW, opacity=1)
        .encode(x=_x(), y=alt.YValue(layout.curves_top - 16)),
        alt.Chart()
        .mark_text(align="left", fontSize=13, fontWeight=700, **words)
        .encode(x=_at(f"{_EDGE} + 12"), y=alt.YValue(8), text="label:N"),
        alt.Chart()
        .mark_text(align="left", fontSize=11, limit=alt.ExprRef(f"{_SIDE} - 14"), **words)
        .encode(x=_at(f"{_EDGE} + 12"), y=alt.YValue(layout.list_bottom + 12), text="gone:N"),
        listed.mark_rule(strokeWidth=2.5, opacity=0.75, yOffset=9).encode(
            x=_at(f"{_EDGE} + 12"), x2=alt.X2Value(alt.ExprRef(bar_end)), color=colour
        ),
        listed.mark_text(
            align="left", fontSize=12.5, limit=alt.ExprRef(f"{_SIDE} - ({_NARROW} ? 50 : 118)"), dy=-1, **words
        ).encode(x=_at(f"{_EDGE} + 12"), text="names:N"),
        listed.mark_text(align="right", fontSize=12.5, dy=-1, **words).encode(x=_at("width - 2"), text="notes:N"),
        listed.transform_filter(f"!({_NARROW})")
        .mark_text(align="right", fontSize=11, dy=-1, **words)
        .encode(x=_at("width - 44"), text="moves:N"),
    ]
    if layout.life:
        parts.append(
            alt.Chart()
            .mark_text(align="left", fontSize=11, limit=alt.ExprRef(f"{_SIDE} - 14"), **words)
            .encode(x=_at(f"{_EDGE} + 12"), y=alt.YValue((layout.life_top + layout.life_bottom) / 2), text="seen:N")
        )
    return [*parts, *(_values(layout) if layout.curves else [])]


def _values(layout: ClockLayout) -> list[alt.Chart]:
    """Dots on the curves, and beside them the titles with their values."""
    words = {"baseline": "middle", "color": _INK}
    fields = ["curve_names", "curve_notes", "curve_means", "curve_colours", "curve_ys", "curve_rows"]
    rows = _flattened(fields).transform_calculate(y="toNumber(datum.curve_rows)", dot="toNumber(datum.curve_ys)")
    colour = alt.Color("curve_colours:N", scale=None)
    band = alt.selection_point(name=BAND, fields=["place"], on=f"click[{_ON_A_TITLE}]", clear=False, toggle=False)
    in_row = rows.encode(y=_y(layout))
    return [
        rows.transform_filter("datum.curve_ys !== ''")  # what is not out has no value
        .mark_point(size=70, filled=True, opacity=1)
        .encode(x=_x(), y=_y(layout, "dot"), color=colour),
        in_row.mark_point(size=70, filled=True, opacity=1).encode(x=_at(f"{_EDGE} + 17"), color=colour),
        in_row.mark_text(
            align="left", fontSize=12.5, fontWeight=600, limit=alt.ExprRef(f"{_SIDE} - ({_NARROW} ? 64 : 190)"), **words
        ).encode(x=_at(f"{_EDGE} + 27"), text="curve_names:N"),
        in_row.mark_text(align="right", fontSize=12.5, fontWeight=600, **words).encode(
            x=_at("width - 2"), text="curve_notes:N"
        ),
        in_row.transform_filter(f"!({_NARROW})")
        .mark_text(align="right", fontSize=11, **words)
        .encode(x=_at("width - 40"), text="curve_means:N"),
        in_row.mark_rule(strokeWidth=22, opacity=0, cursor="pointer", tooltip=None)  # what a finger hits
        .encode(x=_at(f"{_EDGE} + 8"), x2=alt.X2Value(alt.ExprRef("width")))
        .add_params(band),
    ]


def _flattened(fields: list[str]) -> alt.Chart:
    """One row for each entry of the lists; `place` counts them from 1."""
    chart = alt.Chart()
    for field in fields:
        chart = chart.transform_calculate(**{field: f"split(datum.{field}, '\\t')"})
    chart = chart.transform_calculate(place=f"sequence(1, length(datum.{fields[0]}) + 1)")
    return chart.transform_flatten([*fields, "place"]).transform_filter(f"datum.{fields[0]} !== ''")


def _pads(layout: ClockLayout) -> alt.Chart:
    """What the pointer touches: a strip for each moment, over everything and not to be seen."""
    # Not over a title: its row would be drawn anew under the pointer, and what is drawn anew cannot be clicked.
    hover = alt.selection_point(
        name=HOVER, fields=["offset"], on=f"pointerover[!({_ON_A_TITLE})]", clear="pointerleave"
    )
    picked = alt.selection_point(name=PICKED, fields=["at"], on=f"click[!({_ON_A_TITLE})]", clear=False, toggle=False)
    slider = alt.binding_range(min=-layout.n_steps, max=layout.n_steps, step=1, name="Earlier or later than the clock ")
    step = alt.param(name=STEP, value=0, bind=slider)
    return (
        _of("moments")
        .mark_rect(color="#000000", opacity=0, cursor="ew-resize", tooltip=None)
        .encode(x=_x("from"), x2="to:Q", y=alt.YValue(0), y2=alt.Y2Value(layout.height))
        .add_params(hover, picked, step)
    )
