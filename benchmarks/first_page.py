"""Opens a running app in a browser and prints what it recommends: `python -m benchmarks.first_page URL`."""

import sys

from benchmarks.browser import chromium, chromium_path, open_when_served, wait_for_recommendations


def main() -> None:
    """Prints the first title recommended; ends with an error if none is shown within two minutes."""
    if chromium_path() is None:
        print("WARNING: there is no Chromium on this machine: that a page is served was NOT checked.")
        return
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        open_when_served(page, sys.argv[1])
        cells = wait_for_recommendations(page)
    print(f"a page with recommendations was served; the first is {cells[1]}, {cells[2]}")


if __name__ == "__main__":
    main()
