"""The dials of a list: how it is turned, and what each turn costs, as it was measured when the bundle was written."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from recommender.bundle.dials import PLACES, Dials
from recommender.bundle.manifest import DialFacts, DialPosition, Manifest
from recommender.charts import NOW, QUIET
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.drawing import svg

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_WIDE, _HIGH, _EDGE = 300, 44, 7  # of the curve, in its own units
_NEXT_TO_NOTHING = 0.005  # a change that is not said


class _Dial(NamedTuple):
    """A dial in words.

    Attributes:
      label: what its two ends are.
      places: what each of its places is called.
      help: what it does.
    """

    label: str
    places: tuple[str, ...]
    help: str


_DIALS = {
    "personal": _Dial(
        "Popular or personal",
        ("what everybody watches", "more popular", "as measured best", "more personal", "taste alone"),
        "To the left the viewer's own ratings count for less, until best-sellers alone are left. To the right what "
        "everybody watches counts for less.",
    ),
    "praise": _Dial(
        "Would pick or would praise",
        ("what they would pick", "picked more", "as measured best", "praised more", "what they would praise"),
        "To the right titles come first that the viewer would give many stars, even if they would not pick them.",
    ),
    "varied": _Dial(
        "Alike or varied",
        ("as measured best", "a little varied", "varied", "more varied", "as varied as can be"),
        "To the right each title is held against those before it, so that neighbours are not alike.",
    ),
}


def names(manifest: Manifest) -> list[str]:
    """The dials that a model's lists have."""
    return [*(["personal", "praise"] if manifest.has_dials else []), *["varied"] * manifest.has_space]


def draw(recommender: "Recommender", chosen: Choices) -> None:
    """Draws the dials, folded into a button; nothing for a model without any."""
    if not names(recommender.manifest):
        return
    menu = st.popover("Tune", icon=":material/tune:", key="dials", width="content", on_change="rerun")
    if not menu.open:  # three dials and their curves, which every change of the page would draw anew
        return
    with menu:
        st.caption(
            "Turn the list. The curve is how much it finds of what viewers went on to watch: the higher the better. "
            "100% is the list at rest."
        )
        for name in names(recommender.manifest):
            _draw_dial(name, recommender.manifest, chosen.dials)


def draw_what_is_turned(recommender: "Recommender", chosen: Choices) -> None:
    """Says which dials are turned, and puts them back; nothing while all are at rest."""
    turned = {name: at for name in names(recommender.manifest) if (at := getattr(chosen.dials, name))}
    if not turned:
        return
    places = [_DIALS[name].places[PLACES[name].index(at)] for name, at in turned.items()]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f":material/tune: Tuned: {', '.join(places)}.", width="content")
        st.button(
            "Back to rest",
            type="tertiary",
            icon=":material/restart_alt:",
            key="dials_to_rest",
            on_click=current.turn,
            kwargs=vars(Dials()),
        )


def _draw_dial(name: str, manifest: Manifest, dials: Dials) -> None:
    dial, key = _DIALS[name], f"_dial_{name}"
    words = dict(zip(PLACES[name], dial.places, strict=True))
    at = getattr(dials, name)
    st.session_state[key] = at
    st.select_slider(
        dial.label,
        PLACES[name],
        format_func=words.get,
        key=key,
        on_change=lambda: current.turn(**{name: st.session_state[key]}),
        help=dial.help,
    )
    prices = _prices(name, manifest.dials)
    if not prices:
        st.caption("What it costs was not measured for this model.")
        return
    said = price_in_words(prices, at, manifest.dials.n_viewers if manifest.dials else 0)
    svg.draw(with_axis(curve(prices, at, said), prices), f"{key}_price")
    st.caption(said)


def _prices(name: str, facts: DialFacts | None) -> Sequence[DialPosition]:
    found: Sequence[DialPosition] = () if facts is None else getattr(facts, name)
    return found if any(position.at == 0 and position.ndcg_at_10 for position in found) else ()


def price_in_words(prices: Sequence[DialPosition], at: float, n_viewers: int) -> str:
    """What a dial costs where it stands.

    Args:
      prices: at its places, the one at rest among them.
      at: where it stands.
      n_viewers: how many were asked.
    """
    here = next((position for position in prices if position.at == at), None)
    rest = next(position for position in prices if position.at == 0)
    asked = f"Measured on {n_viewers:,} viewers"
    if here is None:
        return "What it costs here was not measured."
    if at == 0:
        return "Here it rests: where lists were found best on ratings held back for that."
    changes = [
        _change(here.ndcg_at_10, rest.ndcg_at_10, "of what they went on to watch"),
        _change(here.liked_ndcg_at_10, rest.liked_ndcg_at_10, "of what they went on to like"),
        _change(here.coverage_at_10, rest.coverage_at_10, "of the catalogue over all lists"),
    ]
    return f"{asked}, beside the list at rest: {', '.join(filter(None, changes))}."


def _change(value: float | None, rest: float | None, what: str) -> str:
    """How much more or less; "" where nobody can say."""
    if value is None or not rest:
        return ""
    share = value / rest - 1
    if abs(share) < _NEXT_TO_NOTHING:
        return f"as much {what}"
    return f"{abs(share):.0%} {'more' if share > 0 else 'less'} {what}"


def with_axis(drawn: str, prices: Sequence[DialPosition]) -> str:
    """A curve with its axis at the left, as html: nothing found below, what is found at rest where that lies.

    Args:
      drawn: by `curve`, whose letters would be stretched with it.
      prices: as for `curve`.
    """
    marks = "".join(
        f'<span style="position:absolute;right:calc(100% - 2.4rem);top:{height:.1f}px;transform:translateY(-50%)">'
        f"{share}</span>"
        for share, height in (("100%", _height(_found_at_rest(prices), prices)), ("0%", _height(0.0, prices)))
    )
    style = "position:relative;padding-left:2.6rem;font-size:0.75rem;line-height:1;opacity:0.8"
    return f'<div style="{style}"><span aria-hidden="true">{marks}</span>{drawn}</div>'


def _found_at_rest(prices: Sequence[DialPosition]) -> float:
    return next(position.ndcg_at_10 or 0.0 for position in prices if position.at == 0)


def _height(value: float, prices: Sequence[DialPosition]) -> float:
    """How far below the top of a curve a value lies."""
    high = max(1e-9, *(position.ndcg_at_10 or 0.0 for position in prices))
    return _HIGH - _EDGE - (_HIGH - 2 * _EDGE) * value / high


def curve(prices: Sequence[DialPosition], at: float, said: str) -> str:
    """A line of how much a list finds along a dial, as svg, with a dot where the dial stands.

    Args:
      prices: at its places.
      at: where it stands.
      said: the same in words, for those who do not see it.
    """
    places = [position.at for position in prices]
    xs = [_EDGE + (_WIDE - 2 * _EDGE) * (place - places[0]) / (places[-1] - places[0]) for place in places]
    ys = [_height(position.ndcg_at_10 or 0.0, prices) for position in prices]
    rest = _height(_found_at_rest(prices), prices)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    # Drawn as wide as the dial above it: strokes keep their width, and a dot is a line without length.
    stroke = 'vector-effect="non-scaling-stroke" stroke-linecap="round" fill="none"'
    dots = "".join(
        f'<path d="M{x:.1f} {y:.1f}h0" {stroke} stroke="{NOW if place == at else QUIET}" '
        f'stroke-width="{11 if place == at else 6}"/>'
        for x, y, place in zip(xs, ys, places, strict=True)
    )
    return (
        f'<svg viewBox="0 0 {_WIDE} {_HIGH}" width="100%" height="{_HIGH}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(said)}"><path d="M{_EDGE} {_HIGH - _EDGE}H{_WIDE - _EDGE}" {stroke} stroke="{QUIET}" '
        f'opacity="0.4"/><path d="M{_EDGE} {rest:.1f}H{_WIDE - _EDGE}" {stroke} stroke="{QUIET}" opacity="0.4" '
        f'stroke-dasharray="2 4"/><polyline points="{line}" {stroke} stroke="{QUIET}" stroke-width="2"/>{dots}</svg>'
    )
