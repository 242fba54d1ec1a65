"""The layouts of data sets that are read as their publishers pack them, recognised by the names of their files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from recommender.data.publishers import anime, ml100k, movielens
from recommender.data.ratings import Ratings
from recommender.data.tables.archives import files_in_folders, listing
from recommender.data.tables.formats import is_table
from recommender.errors import DataError


@dataclass(frozen=True)
class Layout:
    """One layout.

    Attributes:
      title: what it is, for people.
      files: the names of its files; a reader may take further ones where they lie beside them.
      read: reads a folder or zip archive that holds them.
    """

    title: str
    files: tuple[str, ...]
    read: Callable[[Path], Ratings]


LAYOUTS = (
    Layout("MovieLens 100K", ml100k.FILES, ml100k.read_ml100k),
    Layout("MovieLens latest-small, 25M, 32M", movielens.CSV_FILES, movielens.read_movielens_csv),
    Layout("MovieLens 1M, 10M", movielens.DAT_FILES, movielens.read_movielens_dat),
    Layout("anime", anime.FILES, anime.read_anime),
)


def recognise_layout(source: Path) -> tuple[Layout, Path]:
    """Finds out what a folder or zip archive holds.

    The files may lie in it or in a folder of it; the outermost complete layout counts. If none is complete, the
    most complete one is given, whose reader says what is missing.

    Args:
      source: the folder or archive.

    Returns:
      The layout, and the folder or archive to read it from.

    Raises:
      DataError: if the source cannot be read, or holds no file of any layout, or more than one data set.
    """
    folders = files_in_folders(source)
    found = [
        (len(inside.intersection(layout.files)) / len(layout.files), -len(folder.parts), layout, folder)
        for folder, inside in folders.items()
        for layout in LAYOUTS
    ]
    best = max(((share, depth) for share, depth, _, _ in found), default=(0.0, 0))
    if not best[0]:
        looked_for = "; ".join(f"{listing(layout.files)} ({layout.title})" for layout in LAYOUTS)
        tables = sorted(file for inside in folders.values() for file in inside if is_table(Path(file)))
        other = f"a table such as {tables[0]}" if tables else "another table"
        raise DataError(
            f"{source} holds no data set of a known layout; looked for {looked_for}. To read {other}, name the file "
            "itself and its columns with --user, --item and --rating."
        )
    candidates = [(layout, folder) for share, depth, layout, folder in found if (share, depth) == best]
    if best[0] == 1 and len(candidates) > 1:
        names = [f"{layout.title} in {folder}" for layout, folder in candidates]
        raise DataError(f"{source} holds {len(names)} data sets ({'; '.join(names)}); name the folder of one of them.")
    layout, folder = candidates[0]
    return layout, source / folder if source.is_dir() else source
