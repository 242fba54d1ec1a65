"""The compositions of posters: each fills a square of 200 by 200 with a few shapes, the same from the same dice.

They stand below or above the type; a composition that stands on a ground (`STANDING`) is never put on top.
"""

import math
from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

SIZE = 200


class Inks(NamedTuple):
    """The colours of one poster, as CSS writes them: of the ground, of shapes from far to near, and of the type."""

    ground: str
    far: str
    near: str
    spot: str
    type: str


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def _circle(x: float, y: float, radius: float, fill: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}"/>'


def _ring(x: float, y: float, radius: float, width: float, ink: str) -> str:
    line = f'stroke="{ink}" stroke-width="{width:.1f}"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="none" {line}/>'


def _polygon(points: list[tuple[float, float]], fill: str) -> str:
    return f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="{fill}"/>'


def _path(line: str, fill: str) -> str:
    return f'<path d="{line}" fill="{fill}"/>'


def _between(dice: Random, low: float, high: float) -> float:
    return low + (high - low) * dice.random()


def _orbit(dice: Random, inks: Inks) -> str:
    """A planet, its ring and a moon, before a few stars."""
    x, y, radius = _between(dice, 80, 120), _between(dice, 98, 112), _between(dice, 50, 64)
    tilt = _between(dice, -28, 28)
    stars = [
        _circle(_between(dice, 6, 194), _between(dice, 4, 196), _between(dice, 0.9, 2.2), inks.far) for _ in range(16)
    ]
    half = f"M{-1.75 * radius:.1f},0 A{1.75 * radius:.1f},{0.42 * radius:.1f} 0 0 "
    ring = f'fill="none" stroke="{inks.spot}" stroke-width="{_between(dice, 4, 8):.1f}"'
    back = f'<path d="{half}1 {1.75 * radius:.1f},0" {ring}/>'
    front = f'<path d="{half}0 {1.75 * radius:.1f},0" {ring}/>'
    shade = _path(
        f"M0,{-radius:.1f} A{radius:.1f},{radius:.1f} 0 0 1 0,{radius:.1f} "
        f"A{0.62 * radius:.1f},{radius:.1f} 0 0 0 0,{-radius:.1f} Z",
        inks.far,
    )
    moon = _circle(_between(dice, -1.3, -1.0) * radius, -1.05 * radius, 0.17 * radius, inks.spot)
    planet = f"{back}{_circle(0, 0, radius, inks.near)}{shade}{front}{moon}"
    return "".join(stars) + f'<g transform="translate({x:.1f} {y:.1f}) rotate({tilt:.1f})">{planet}</g>'


def _peaks(dice: Random, inks: Inks) -> str:
    """Ranges of mountains, one before the other, below a sun."""
    parts = [_circle(_between(dice, 50, 150), _between(dice, 56, 84), _between(dice, 26, 40), inks.spot)]
    for base, height, ink in ((96, 60, inks.far), (140, 62, inks.near)):
        top, x = [(-20.0, 210.0)], -20.0
        while x < 220:
            top += [
                (x, base + _between(dice, 4, 20)),
                (x + _between(dice, 26, 38), base - _between(dice, 0.3, 0.9) * height),
            ]
            x = top[-1][0] + _between(dice, 26, 38)
        parts.append(_polygon([*top, (x, base), (240, 210)], ink))
    return "".join(parts)


def _horizon(dice: Random, inks: Inks) -> str:
    """A low sun and its track on the water."""
    x, level, radius = _between(dice, 78, 122), _between(dice, 104, 120), _between(dice, 52, 68)
    sun = f"M{x - radius:.1f},{level:.1f} A{radius:.1f},{radius:.1f} 0 0 1 {x + radius:.1f},{level:.1f} Z"
    parts = [_path(sun, inks.spot), _rect(0, level, 200, 200 - level, inks.near)]
    y, width = level + 7, radius * 1.7
    while y < 196:
        shift = _between(dice, -9, 9)
        parts.append(_rect(x + shift - width / 2, y, width, 4.5, inks.spot if y < level + 30 else inks.far))
        y, width = y + 10.5, width * _between(dice, 0.78, 1.02)
    return "".join(parts)


def _two(dice: Random, inks: Inks) -> str:
    """Two circles, and what they share."""
    radius, apart = _between(dice, 54, 62), _between(dice, 30, 38)
    half = math.sqrt(radius**2 - apart**2)
    lens = (
        f"M0,{-half:.1f} A{radius:.1f},{radius:.1f} 0 0 1 0,{half:.1f} A{radius:.1f},{radius:.1f} 0 0 1 0,{-half:.1f} Z"
    )
    pair = _circle(-apart, 0, radius, inks.far) + _circle(apart, 0, radius, inks.near) + _path(lens, inks.spot)
    return f'<g transform="translate(100 100) rotate({_between(dice, -50, 50):.1f})">{pair}</g>'


def _arcs(dice: Random, inks: Inks) -> str:
    """A bow of broad bands."""
    x, step = (30.0 if dice.random() < 0.5 else 170.0), _between(dice, 25, 31)
    bands = [inks.far, inks.near, inks.spot, inks.near, inks.far]
    return "".join(_circle(x, 200, step * (len(bands) - i) + 24, ink) for i, ink in enumerate(bands)) + _circle(
        x, 200, 24, inks.ground
    )


def _smiles(dice: Random, inks: Inks) -> str:
    """Half circles, thrown like confetti."""
    parts = []
    for row in range(3):
        for column in range(3):
            x, y = 37 + 63 * column + _between(dice, -5, 5), 37 + 63 * row + _between(dice, -5, 5)
            radius = _between(dice, 24, 32)
            turn = 90 * int(dice.random() * 4) + _between(dice, -14, 14)
            ink = (inks.far, inks.near, inks.spot)[int(dice.random() * 3)]
            half = _path(f"M{-radius:.1f},0 A{radius:.1f},{radius:.1f} 0 0 0 {radius:.1f},0 Z", ink)
            parts.append(f'<g transform="translate({x:.1f} {y:.1f}) rotate({turn:.1f})">{half}</g>')
    return "".join(parts)


def _door(dice: Random, inks: Inks) -> str:
    """Arches, one within the other, and the light that falls out of the last."""
    x = _between(dice, 82, 118)
    parts = []
    for width, height, ink in ((150, 186, inks.far), (104, 146, inks.near), (58, 104, inks.spot)):
        left, right, spring = x - width / 2, x + width / 2, 200 - height + width / 2
        parts.append(
            _path(
                f"M{left:.1f},200 V{spring:.1f} A{width / 2:.1f},{width / 2:.1f} 0 0 1 {right:.1f},{spring:.1f} V200 Z",
                ink,
            )
        )
    lean = _between(dice, -5, 5)
    parts.append(_rect(x - 4.5 + lean, 138, 9, 62, inks.near) + _circle(x + lean, 129, 7.5, inks.near))
    return "".join(parts)


def _stairs(dice: Random, inks: Inks) -> str:
    """Steps that climb to a sun."""
    n = 5 + int(dice.random() * 2)
    width, rise = 200 / n, 132 / n
    mirrored = ' transform="translate(200 0) scale(-1 1)"' if dice.random() < 0.5 else ""
    sun = _circle(_between(dice, 46, 66), _between(dice, 46, 60), _between(dice, 28, 36), inks.spot)
    steps = "".join(
        _rect(width * i, 200 - rise * (i + 1), width + 0.4, rise * (i + 1), inks.near)
        + _rect(width * i, 200 - rise * (i + 1), width + 0.4, rise * 0.32, inks.far)
        for i in range(n)
    )
    return f"<g{mirrored}>{sun}{steps}</g>"


def _rings(dice: Random, inks: Inks) -> str:
    """Rings that draw the eye in, each a little off."""
    x, y, drift, way = 100.0, 100.0, _between(dice, 2.5, 4.5), _between(dice, 0, 6.28)
    parts, radius, n = [], 92.0, 0
    while radius > 12:
        parts.append(_circle(x, y, radius, (inks.near, inks.far)[n % 2]))
        x, y, radius, n = x + drift * math.cos(way), y + drift * math.sin(way), radius - 13, n + 1
    return "".join(parts) + _circle(x, y, 8.5, inks.spot)


def _eye(dice: Random, inks: Inks) -> str:
    """An eye that looks aside."""
    look = _between(dice, -16, 16)
    lid = "M8,100 Q100,6 192,100 Q100,194 8,100 Z"
    lashes = "".join(
        f'<line x1="100" y1="100" x2="{100 + 96 * math.cos(a):.1f}" y2="{100 - 96 * math.sin(a):.1f}" '
        f'stroke="{inks.far}" stroke-width="5"/>'
        for a in (math.pi * (i + 0.5) / 9 for i in range(9))
    )
    iris = _circle(100 + look, 100, 40, inks.near) + _circle(100 + look, 100, 19, inks.ground)
    return lashes + _path(lid, inks.spot) + iris + _circle(112 + look, 88, 6.5, inks.spot)


def _blinds(dice: Random, inks: Inks) -> str:
    """Light that falls through blinds onto somebody's shadow."""
    slant, x = _between(dice, 16, 34) * (1 if dice.random() < 0.5 else -1), _between(dice, 76, 124)
    slats = "".join(
        _polygon([(0, y), (200, y + slant), (200, y + slant + 11), (0, y + 11)], inks.spot) for y in range(-40, 240, 22)
    )
    head = _circle(x, 92, 27, inks.near) + _path(
        f"M{x - 62:.1f},200 Q{x - 58:.1f},132 {x:.1f},130 Q{x + 58:.1f},132 {x + 62:.1f},200 Z", inks.near
    )
    brim = f"M{x - 46:.1f},80 Q{x:.1f},90 {x + 46:.1f},80 L{x + 25:.1f},74"
    hat = _path(f"{brim} Q{x + 22:.1f},48 {x:.1f},54 Q{x - 22:.1f},48 {x - 25:.1f},74 Z", inks.near)
    return _rect(0, 0, 200, 200, inks.far) + slats + head + hat


def _city(dice: Random, inks: Inks) -> str:
    """Blocks of houses by night, a few windows lit."""
    parts = [_circle(_between(dice, 40, 160), _between(dice, 38, 56), _between(dice, 20, 28), inks.spot)]
    for top, ink in ((62, inks.far), (104, inks.near)):
        x = -_between(dice, 4, 14)
        while x < 200:
            width, roof = _between(dice, 26, 42), top + _between(dice, -22, 30)
            parts.append(_rect(x, roof, width + 0.5, 202 - roof, ink))
            if ink == inks.near:
                windows = [(c, r) for c in range(int((width - 8) // 9)) for r in range(int((196 - roof) // 13))]
                parts += [
                    _rect(x + 6 + 9 * c, roof + 8 + 13 * r, 4.5, 7, inks.spot)
                    for c, r in windows
                    if dice.random() < 0.34
                ]
            x += width
    return "".join(parts)


def _moon(dice: Random, inks: Inks) -> str:
    """Bare trees before a great moon."""
    x = _between(dice, 70, 130)
    parts = [_circle(x, 92, _between(dice, 62, 74), inks.spot), _rect(0, 178, 200, 24, inks.near)]
    for trunk in (_between(dice, 10, 40), _between(dice, 80, 120), _between(dice, 158, 190)):
        top, width = _between(dice, 24, 80), _between(dice, 4.5, 8)
        parts.append(
            _polygon([(trunk - width, 182), (trunk + width, 182), (trunk + 1, top), (trunk - 1, top)], inks.near)
        )
        side = 1 if dice.random() < 0.5 else -1
        for i in range(4):
            y = 164 - (164 - top) * (i + 1) / 5.2
            reach = side * _between(dice, 14, 34) * (1 - i / 6)
            parts.append(_polygon([(trunk, y), (trunk, y - 4), (trunk + reach, y - abs(reach) * 0.9)], inks.near))
            side = -side
    return "".join(parts)


def _claws(dice: Random, inks: Inks) -> str:
    """Teeth from above and below."""
    parts = [_rect(0, 0, 200, 200, inks.near)]
    n = 5 + int(dice.random() * 3)
    width = 200 / n
    for i in range(n):
        down, up = _between(dice, 52, 112), _between(dice, 44, 84)
        parts.append(_polygon([(width * i, -1), (width * (i + 1), -1), (width * (i + 0.5), down)], inks.spot))
        parts.append(_polygon([(width * i, 201), (width * (i + 1), 201), (width * (i + 0.5), 200 - up)], inks.far))
    return "".join(parts)


def _burst(dice: Random, inks: Inks) -> str:
    """Rays from one point, and what burst there."""
    x, y, n, turn = _between(dice, 60, 140), _between(dice, 100, 140), 14, _between(dice, 0, 1)
    parts = [_rect(0, 0, 200, 200, inks.near)]
    for i in range(n):
        a, b = 2 * math.pi * (i + turn) / n, 2 * math.pi * (i + turn + 0.5) / n
        parts.append(
            _polygon(
                [
                    (x, y),
                    (x + 300 * math.cos(a), y + 300 * math.sin(a)),
                    (x + 300 * math.cos(b), y + 300 * math.sin(b)),
                ],
                inks.far,
            )
        )
    spikes = []
    for i in range(22):
        a, r = 2 * math.pi * i / 22, (_between(dice, 46, 60) if i % 2 else _between(dice, 26, 32))
        spikes.append((x + r * math.cos(a), y + r * math.sin(a)))
    return "".join(parts) + _polygon(spikes, inks.spot) + _circle(x, y, 13, inks.near)


def _bars(dice: Random, inks: Inks) -> str:
    """Broad bars that march across."""
    lean, inked = _between(dice, 34, 70), (inks.near, inks.far, inks.near, inks.spot, inks.near, inks.far)
    turned = ' transform="translate(200 0) scale(-1 1)"' if dice.random() < 0.5 else ""
    x, parts = -lean - 10, []
    for ink in (*inked, *inked):
        width = _between(dice, 12, 34)
        parts.append(_polygon([(x, 200), (x + width, 200), (x + width + lean * 2, 0), (x + lean * 2, 0)], ink))
        x += width + _between(dice, 4, 10)
    return f"<g{turned}>{''.join(parts)}</g>"


def _blocks(dice: Random, inks: Inks) -> str:
    """Quarter circles, circles and squares, as in a box of bricks."""
    parts, n = [], 4
    side = SIZE / n
    for row in range(n):
        for column in range(n):
            x, y, kind = side * column, side * row, int(dice.random() * 5)
            ground, ink = (
                (inks.far, inks.near),
                (inks.near, inks.spot),
                (inks.spot, inks.near),
                (inks.ground, inks.near),
            )[int(dice.random() * 4)]
            parts.append(_rect(x, y, side + 0.4, side + 0.4, ground))
            if kind < 3:
                quarter = _path(f"M0,0 H{side:.1f} A{side:.1f},{side:.1f} 0 0 1 0,{side:.1f} Z", ink)
                turn = 90 * int(dice.random() * 4)
                middle = side / 2
                parts.append(
                    f'<g transform="translate({x:.1f} {y:.1f}) rotate({turn} {middle:.1f} {middle:.1f})">{quarter}</g>'
                )
            elif kind == 3:
                parts.append(_circle(x + side / 2, y + side / 2, side * 0.3, ink))
    return "".join(parts)


def _hills(dice: Random, inks: Inks) -> str:
    """Round hills and a kite's sun."""
    parts = [_circle(_between(dice, 48, 152), _between(dice, 48, 66), _between(dice, 22, 34), inks.spot)]
    for y, ink in ((128, inks.far), (160, inks.near)):
        x = _between(dice, 20, 70)
        parts.append(f'<ellipse cx="{x:.1f}" cy="{y + 60}" rx="{_between(dice, 92, 124):.1f}" ry="86" fill="{ink}"/>')
        parts.append(
            f'<ellipse cx="{x + 122:.1f}" cy="{y + 66}" rx="{_between(dice, 84, 112):.1f}" ry="80" fill="{ink}"/>'
        )
    x, y = _between(dice, 60, 140), 172
    trees = "".join(
        _rect(x + d - 1.5, y - h, 3, h + 30, inks.spot) + _circle(x + d, y - h, h * 0.34, inks.spot)
        for d, h in ((-22, 30), (6, 44), (30, 26))
    )
    return "".join(parts) + trees


def _waves(dice: Random, inks: Inks) -> str:
    """Lines that swing like a melody."""
    parts, length, phase = [], _between(dice, 60, 96), _between(dice, 0, 6.28)
    for i in range(9):
        y, swing = 16 + 21 * i, 7 + 12 * math.sin(math.pi * (i + 0.5) / 9)
        points = " ".join(
            f"{x},{y + swing * math.sin(2 * math.pi * x / length + phase + 0.34 * i):.1f}" for x in range(-4, 206, 5)
        )
        ink = (inks.near, inks.far, inks.near, inks.spot)[i % 4]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="{6 + 5 * (i % 2)}"/>')
    return "".join(parts)


def _frames(dice: Random, inks: Inks) -> str:
    """A strip of film; in each frame the sun has moved."""
    slant = _between(dice, -9, 9)
    parts = [_rect(34, -40, 132, 290, inks.near)]
    for i in range(14):
        parts += [_rect(41, -34 + 20 * i, 8, 11, inks.ground), _rect(151, -34 + 20 * i, 8, 11, inks.ground)]
    for i, y in enumerate((-28, 38, 104, 170)):
        parts.append(_rect(57, y, 86, 58, inks.far) + _rect(57, y + 40, 86, 18, inks.spot))
        parts.append(_circle(74 + 17 * i, y + 26 - 5 * (i % 3), 11, inks.spot))
    return f'<g transform="rotate({slant:.1f} 100 100)">{"".join(parts)}</g>'


def _mesa(dice: Random, inks: Inks) -> str:
    """Table mountains in the heat."""
    parts = [_circle(_between(dice, 50, 150), _between(dice, 66, 90), _between(dice, 34, 46), inks.spot)]
    x = _between(dice, -20, 14)
    for width, top, ink in ((74, 96, inks.far), (48, 74, inks.far), (62, 112, inks.near), (40, 88, inks.near)):
        parts.append(_polygon([(x - 12, 170), (x - 2, top), (x + width, top), (x + width + 14, 170)], ink))
        x += width + _between(dice, -18, 12)
    parts.append(_rect(0, 164, 200, 38, inks.near))
    c = _between(dice, 30, 170)
    cactus = (
        _rect(c - 4, 120, 8, 66, inks.spot)
        + _rect(c - 17, 138, 6, 22, inks.spot)
        + _rect(c - 17, 154, 15, 6, inks.spot)
    )
    return "".join(parts) + cactus + _rect(c + 11, 130, 6, 20, inks.spot) + _rect(c + 2, 145, 15, 6, inks.spot)


def _window(dice: Random, inks: Inks) -> str:
    """A window, a curtain drawn half across, and the moon outside."""
    x, y = _between(dice, 74, 148), _between(dice, 60, 96)
    pane = _rect(32, 14, 136, 170, inks.far) + _circle(x, y, _between(dice, 18, 26), inks.spot)
    sashes = _rect(97, 14, 6, 170, inks.near) + _rect(32, 92, 136, 6, inks.near)
    frame = f'<rect x="32" y="14" width="136" height="170" fill="none" stroke="{inks.near}" stroke-width="8"/>'
    curtain = _path("M20,4 H96 Q92,92 40,120 Q30,160 38,192 H20 Z", inks.spot)
    mirrored = ' transform="translate(200 0) scale(-1 1)"' if dice.random() < 0.5 else ""
    return f"<g{mirrored}>{pane}{sashes}{frame}{curtain}{_rect(18, 184, 164, 10, inks.near)}</g>"


def _sails(dice: Random, inks: Inks) -> str:
    """A boat with two sails on a swell."""
    x, heel = _between(dice, 82, 118), _between(dice, -9, 9)
    sails = _path("M4,-116 Q58,-66 52,-14 H4 Z", inks.spot) + _path("M-4,-96 Q-40,-52 -38,-14 H-4 Z", inks.far)
    boat = (
        sails + _rect(-2, -122, 4, 116, inks.near) + _path("M-56,-8 H62 Q50,22 22,24 H-22 Q-48,22 -56,-8 Z", inks.near)
    )
    swell = "".join(
        _path(f"M-60,{y} q25,-13 50,0 t50,0 t50,0 t50,0 t50,0 t50,0 V210 H-60 Z", ink)
        for y, ink in ((162, inks.far), (178, inks.near))
    )
    return f'<g transform="translate({x:.1f} 148) rotate({heel:.1f})">{boat}</g>{swell}'


def _lamp(dice: Random, inks: Inks) -> str:
    """A lamp, its light, and an empty chair."""
    x = _between(dice, 74, 126)
    light = _polygon([(x - 26, 62), (x + 26, 62), (x + 84, 176), (x - 84, 176)], inks.far)
    shade = _rect(x - 1.5, -4, 3, 32, inks.near) + _polygon(
        [(x - 13, 26), (x + 13, 26), (x + 34, 64), (x - 34, 64)], inks.near
    )
    side = 1 if dice.random() < 0.5 else -1
    chair = "".join(
        _rect(*part, inks.near)
        for part in ((-22, 138, 44, 7), (-22, 143, 5, 35), (17, 143, 5, 35), (-22, 92, 5, 50), (-22, 96, 5, 8))
    )
    back = _rect(-22, 92, 9, 24, inks.near)
    bulb = _circle(x, 66, 9, inks.spot)
    floor = f'<ellipse cx="{x:.1f}" cy="177" rx="88" ry="13" fill="{inks.spot}"/>'
    return f'{light}{floor}{bulb}{shade}<g transform="translate({x:.1f} 0) scale({side} 1)">{chair}{back}</g>'


ART: Mapping[str, Callable[[Random, Inks], str]] = {
    "arcs": _arcs,
    "bars": _bars,
    "blinds": _blinds,
    "blocks": _blocks,
    "burst": _burst,
    "city": _city,
    "claws": _claws,
    "door": _door,
    "eye": _eye,
    "frames": _frames,
    "hills": _hills,
    "horizon": _horizon,
    "lamp": _lamp,
    "mesa": _mesa,
    "moon": _moon,
    "orbit": _orbit,
    "peaks": _peaks,
    "rings": _rings,
    "sails": _sails,
    "smiles": _smiles,
    "stairs": _stairs,
    "two": _two,
    "waves": _waves,
    "window": _window,
}
STANDING = {"arcs", "city", "door", "hills", "horizon", "mesa", "lamp", "moon", "peaks", "sails", "stairs", "window"}
