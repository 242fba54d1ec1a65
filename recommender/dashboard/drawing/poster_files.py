"""Pictures of titles that somebody put beside the program or named in a table: they take the place of drawn posters.

A picture lies in `assets/posters/<name of the data set>` and is named by the id of its title: `assets/posters/ml-100k/
50.jpg`. The server hands out that folder, so the browser fetches each picture once. A table's column of posters
may name other files of that folder, or say the picture itself (a data: URI), or where in the web it is (https).
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

_FOLDER = Path(__file__).resolve().parents[3] / "assets" / "posters"
_KINDS = (".jpg", ".jpeg", ".png", ".webp", ".svg")
_SAID = re.compile(r"data:image/(png|jpeg|webp|gif|svg\+xml)[;,]", re.IGNORECASE)
_LONGEST_LINK, _LONGEST_SAID = 2_000, 200_000  # letters; a list of ten is sent with every change of the page


def addresses_of(data: str, posters: Mapping[str, str]) -> dict[str, str]:
    """Where the browser finds the pictures of some titles.

    Args:
      data: the name of the data set.
      posters: item_id -> what the data name as its poster, "" where they name none.

    Returns:
      item_id -> address, of the titles that have a picture. What is named and is no picture is passed over.
    """
    folder = _FOLDER / data if _is_a_name(data) else None
    found = {item: _named(poster.strip()) or _lying(folder, item, poster.strip()) for item, poster in posters.items()}
    return {item: address for item, address in found.items() if address}


def sites_asked(addresses: Iterable[str]) -> list[str]:
    """The sites of the web that a browser asks for pictures, in the order of the alphabet."""
    return sorted({urlsplit(address).hostname or "" for address in addresses if _is_link(address)})


def _named(poster: str) -> str:
    """The address that a column names itself; "" if it is none."""
    said = _SAID.match(poster) and len(poster) <= _LONGEST_SAID
    return poster if said or _is_link(poster) else ""


def _lying(folder: Path | None, item: str, poster: str) -> str:
    """The address of the file in the folder that is named, or else bears the id; "" without one."""
    if folder is None or not folder.is_dir():
        return ""
    called = re.split(r"[\\/]", poster)[-1]  # a table from elsewhere names its own folders
    names = [called] if Path(called).suffix.lower() in _KINDS else []
    names += [f"{item}{kind}" for kind in _KINDS] if _is_a_name(item) else []
    file = next((file for name in names if _is_file(file := folder / name)), None)
    return "" if file is None else f"/assets/posters/{quote(folder.name)}/{quote(file.name)}"


def _is_link(text: str) -> bool:
    if not text.startswith("https://") or len(text) > _LONGEST_LINK or re.search(r"\s", text):
        return False
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _is_a_name(text: str) -> bool:
    """Whether it names something in a folder, and no other place."""
    return text not in ("", ".", "..") and Path(text).name == text
