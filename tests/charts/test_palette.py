import re
import tomllib
from pathlib import Path

import pytest

from recommender.charts.palette import EMPHASIS, NOTE, NOW, PINNED, QUIET, TEXT, TITLE_COLOURS

ROOT = Path(__file__).parents[2]
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
GROUNDS = {scheme: THEME[scheme]["backgroundColor"] for scheme in ("light", "dark")}


def luminance(colour):
    """As WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("text", [TEXT, NOTE])
def test_text_in_a_chart_reads_on_both_grounds(text):
    threshold, on_paper, on_ink = re.fullmatch(
        r"luminance\(background\) > ([0-9.]+) \? '(#[0-9a-f]{6})' : '(#[0-9a-f]{6})'", text["expr"]
    ).groups()
    assert luminance(GROUNDS["dark"]) < float(threshold) < luminance(GROUNDS["light"])
    assert contrast(on_paper, GROUNDS["light"]) >= 4.5
    assert contrast(on_ink, GROUNDS["dark"]) >= 4.5


@pytest.mark.parametrize("colour", [*TITLE_COLOURS, NOW, PINNED, QUIET, EMPHASIS])
@pytest.mark.parametrize("scheme", GROUNDS)
def test_marks_stand_out_from_both_grounds(colour, scheme):
    assert contrast(colour, GROUNDS[scheme]) >= 2.99


@pytest.mark.parametrize("scheme", GROUNDS)
def test_theme_reads_where_streamlit_uses_it_for_text(scheme):
    ground, accent, text = (THEME[scheme][f"{name}Color"] for name in ("background", "primary", "text"))
    caption = "#" + "".join(
        f"{round(0.6 * int(text[i : i + 2], 16) + 0.4 * int(ground[i : i + 2], 16)):02x}" for i in (1, 3, 5)
    )
    assert contrast(caption, ground) >= 4.5
    assert contrast(accent, ground) >= 4.5
    assert contrast(accent, "#ffffff") >= 4.5  # of tags and of the main button
    assert contrast(THEME[scheme]["linkColor"], ground) >= 4.5


def test_the_themes_chart_colours_are_those_of_the_titles():
    for scheme in GROUNDS:
        assert tuple(THEME[scheme]["chartCategoricalColors"]) == TITLE_COLOURS
