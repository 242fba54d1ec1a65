"""Pictures of titles that somebody has put beside the program; they take the place of drawn posters.

A picture lies in `assets/posters/<name of the data set>` and is named by the id of its title: `assets/posters/ml-100k/
50.jpg`. The server hands out that folder, so the browser fetches each picture once.
"""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

_FOLDER = Path(__file__).resolve().parents[3] / "assets" / "posters"
_KINDS = (".jpg", ".png", ".webp", ".svg")


def addresses_of(data: str, item_ids: Iterable[str]) -> dict[str, str]:
    """Where the browser finds the pictures of some titles.

    Args:
      data: the name of the data set.
      item_ids: ids of titles.

    Returns:
      item_id -> address, of the titles that have a picture.
    """
    folder = _FOLDER / data
    if not _is_a_name(data) or not folder.is_dir():
        return {}
    found = {}
    for item in filter(_is_a_name, item_ids):
        file = next((file for kind in _KINDS if (file := folder / f"{item}{kind}").is_file()), None)
        if file is not None:
            found[item] = f"/assets/posters/{quote(data)}/{quote(file.name)}"
    return found


def _is_a_name(text: str) -> bool:
    """Whether it names something in a folder, and no other place."""
    return text not in ("", ".", "..") and Path(text).name == text
