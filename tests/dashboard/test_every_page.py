"""Every page: inside its window at both widths, and read by axe."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recommender.dashboard.shell import PAGES
from tests.dashboard.journeys import rest, violations, visit

pytestmark = pytest.mark.browser

# Every page, and what else a page may be.
VIEWS = ["", *(page.path for page in PAGES[1:]), "?step=2", "models?present=true", "training?view=Train+a+model"]
# Each scheme and each width, in pixels, once: colours hardly follow the width, and the rules not the colours.
LOOKS = (("light", 1280), ("dark", 390))
GROUND = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
# What axe does not read: the texts of a chart, each with the ground of the page behind it.
CHART_TEXTS = """() => {
  const parts = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const linear = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ground = parts(getComputedStyle(document.querySelector('.stApp')).backgroundColor);
  const hidden = text => getComputedStyle(text).opacity === '0' || text.getAttribute('fill') === 'transparent';
  const texts = [...document.querySelectorAll('svg.marks text')];
  return texts.filter(text => text.textContent.trim() && !hidden(text)).map(text => {
    const [r, g, b, alpha = 1] = parts(getComputedStyle(text).fill);
    const seen = [r, g, b].map((v, i) => v * alpha + ground[i] * (1 - alpha));
    const [low, high] = [luminance(seen), luminance(ground)].sort((a, b) => a - b);
    return [text.textContent, (high + 0.05) / (low + 0.05)];
  });
}"""


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_fits_its_window_and_keeps_the_rules_of_access(
    open_tab: Callable[..., Any], address_with_ratings: str, view: str
) -> None:
    page = open_tab(height=900)
    visit(page, f"{address_with_ratings}/{view}{'&' if '?' in view else '?'}user=7")
    page.locator('[data-testid="stHeading"]').first.wait_for()
    screenshots = os.environ.get("MATINEE_SCREENSHOTS")
    ground = page.evaluate(GROUND)
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        rest(page)
        if screenshots:
            name = re.sub(r"\W+", "-", view).strip("-") or PAGES[0].path
            Path(screenshots).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(screenshots) / f"{name}-{width}-{scheme}.png")
        look = f"{scheme}, {width} pixels"
        assert (page.evaluate(GROUND) == ground) == (scheme == "light"), look
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), look
        assert page.locator('[data-testid="stMain"]').evaluate("e => e.scrollWidth <= e.clientWidth + 1"), look
        assert page.locator('[data-testid="stException"]').count() == 0
        assert not violations(page), look
        faint = {text: round(ratio, 2) for text, ratio in page.evaluate(CHART_TEXTS) if ratio < 4.5}
        assert not faint, look
