"""Remakes the pictures of the README: `python -m benchmarks.screenshots`.

They show viewer 42 at the two moments of the tutorial that Matinee grew out of, 879024327 (pinned) and 892839492.
"""

from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.browser import ROOT, chromium, free_port, open_when_served, streamlit_run, wait_for_recommendations

FOLDER = ROOT / "assets" / "screenshots"
_STATE = "user=42&at=1998-04-17T18:58&pin=1997-11-08T21:25"
_DESKTOP, _PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
_PICTURES = (
    ("recommend-light", "/", _DESKTOP, "light"),
    ("recommend-dark", "/", _DESKTOP, "dark"),
    ("recommend-phone", "/", _PHONE, "light"),
    ("training-light", "/training", _DESKTOP, "light"),
    ("training-dark", "/training", _DESKTOP, "dark"),
)


def main() -> None:
    """Starts the app, takes the pictures and says where they are."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with streamlit_run(ROOT / "streamlit_app.py", port), chromium() as browser:
        for name, path, size, scheme in _PICTURES:
            file = FOLDER / f"{name}.png"
            _take(browser, f"http://localhost:{port}{path}?{_STATE}", size, scheme, file)
            print(file.relative_to(ROOT))


def _take(browser: Browser, url: str, size: dict[str, int], scheme: str, file: Path) -> None:
    context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    open_when_served(page, url)
    if "/training" in url:
        page.wait_for_selector("canvas, svg.marks", timeout=120_000)
    else:
        wait_for_recommendations(page)
    page.wait_for_timeout(2500)  # charts and fonts settle
    page.screenshot(path=file)
    context.close()


if __name__ == "__main__":
    main()
