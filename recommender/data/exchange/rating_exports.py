"""A visitor's own ratings as other places export them: Letterboxd, MovieLens, and our own download.

The files are recognised by their headers, not by their names. Titles stay as they are written; they are not looked up
in a catalogue here.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data.exchange.spreadsheets import csv_for_people, without_guard
from recommender.data.own_table.mapping import parse_scale
from recommender.data.publishers.movielens import HALF_STARS
from recommender.data.schema import RatingScale
from recommender.data.tables.delimited import named
from recommender.data.tables.file_table import FileTable
from recommender.data.tables.formats import TextTable
from recommender.data.tables.unpacking import unpacked
from recommender.errors import ConfigurationError, DataError

OWN_COLUMNS = ("title", "year", "stars", "scale")
_MOST_BYTES = 200_000_000  # of one file inside an archive, which the page's limit on uploads does not see
_EXPECTED = (
    "ratings.csv of a Letterboxd export or its zip, ratings.csv of MovieLens with movies.csv, an export of "
    "movielens.org, or the ratings downloaded here"
)


@dataclass(frozen=True)
class ExportedRatings:
    """Ratings of titles by name.

    Attributes:
      source: where they come from, for people.
      file: the file that holds them.
      rows: `row` (its number in the file), `rater` ("" where the file speaks of one person), `item_id` ("" where the
        source's ids mean nothing elsewhere), `title` ("" where the file gives the id alone), `year` (missing where the
        title holds it or nobody says), `stars`.
      scale: the scale of `stars`.
    """

    source: str
    file: str
    rows: pd.DataFrame
    scale: RatingScale

    @cached_property
    def raters(self) -> tuple[str, ...]:
        """Who rated, the busiest first."""
        return tuple(self.rows["rater"].value_counts().index)

    def rated_by(self, rater: str) -> "ExportedRatings":
        """The ratings of one of the raters."""
        rows = self.rows[self.rows["rater"] == rater].reset_index(drop=True)
        return ExportedRatings(self.source, self.file, rows, self.scale)


def read_exported_ratings(files: Mapping[str, bytes]) -> ExportedRatings:
    """Reads what somebody rated elsewhere.

    Args:
      files: name -> content of csv files and zip archives that belong together.

    Raises:
      DataError: if none of the files holds ratings, several do, or a row cannot be read; says the file, the row and
        the column.
    """
    tables = {file: TextTable(file, data) for file, data in _unpacked(files).items()}
    kinds = {file: _kind_of(set(table.columns)) for file, table in tables.items()}
    rated = [file for file, kind in kinds.items() if kind in _READERS]
    if not rated:
        watched = [file for file, kind in kinds.items() if kind == _WATCHED]
        if watched:
            raise DataError(
                f"{watched[0]} says what was watched and not how it was liked: it has no column Rating; take "
                "ratings.csv of the same export."
            )
        if _MOVIES in kinds.values():
            raise DataError(f"{next(iter(tables))} holds titles and no ratings; add ratings.csv of the same data set.")
        file = next(iter(tables))
        columns = named(sorted(set(tables[file].columns)))
        raise DataError(f"{file}, row 1: the columns {columns} are those of no export; give {_EXPECTED}.")
    if len(rated) > 1:
        raise DataError(f"{rated[0]} and {rated[1]} both hold ratings; give one of them at a time.")
    file = rated[0]
    movies = next((other for other, kind in kinds.items() if kind == _MOVIES), None)
    exported = _READERS[str(kinds[file])](tables[file], None if movies is None else tables[movies])
    if exported.rows.empty:
        raise DataError(f"{file} holds no rating; rate something there, or here.")
    return exported


def write_own_ratings(stars: Mapping[str, float], scale: RatingScale) -> bytes:
    """A visitor's ratings as csv that `read_exported_ratings` reads again, and a spreadsheet runs nothing of.

    Args:
      stars: title of the catalogue -> stars.
      scale: the scale they are on.
    """
    rows = [(title, "", value, f"{scale}:{scale.step:g}") for title, value in stars.items()]
    return csv_for_people(pd.DataFrame(rows, columns=list(OWN_COLUMNS))).encode()


def convert_stars(stars: npt.NDArray[np.float64], of: RatingScale, to: RatingScale) -> npt.NDArray[np.float64]:
    """[n] stars of one scale on another: the best is the best, and half of the best is half of the best.

    So 3 of 5 is 3 on another scale of five stars, whether that begins at 0.5 or at 1, and 6 of 10. What falls below
    the scale is its lowest. Scales that go below zero have no such half; they are laid over each other evenly.
    """
    if _has_no_half(of, to):
        share = (stars - of.low) / (of.high - of.low)
        return np.clip(to.low + share * (to.high - to.low), to.low, to.high)
    return np.clip(stars * (to.high / of.high), to.low, to.high)


def describe_conversion(of: RatingScale, to: RatingScale) -> str:
    """One sentence that says what `convert_stars` does."""
    if _has_no_half(of, to):
        return f"Stars from {of} are laid evenly over {to}."
    lowest = f"; what is below {to.low:g} counts as {to.low:g}" if of.low * to.high / of.high < to.low else ""
    if of.high == to.high:
        return f"Stars are taken as they are{lowest}."
    pairs = f"{of.high:g} becomes {to.high:g}, {of.high / 2:g} becomes {to.high / 2:g}"
    return f"Stars from {of} are brought onto {to}: {pairs}{lowest}."


def _has_no_half(of: RatingScale, to: RatingScale) -> bool:
    return min(of.low, to.low) < 0 or min(of.high, to.high) <= 0


_WATCHED, _MOVIES = "watched", "movies"
_LETTERBOXD, _MOVIELENS, _MOVIELENS_ORG, _OWN = "Letterboxd", "MovieLens", "movielens.org", "Matinee"
_YEAR = re.compile(r"\d{4}")


def _kind_of(header: set[str]) -> str | None:
    kinds = (
        (_LETTERBOXD, {"Name", "Year", "Rating"}),
        (_WATCHED, {"Name", "Year", "Letterboxd URI"}),
        (_MOVIELENS_ORG, {"movie_id", "rating", "title"}),
        (_MOVIELENS, {"movieId", "rating"}),
        (_MOVIES, {"movieId", "title"}),
        (_OWN, set(OWN_COLUMNS)),
    )
    return next((kind for kind, columns in kinds if columns <= header), None)


def _unpacked(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The csv files, those of archives among them: of each name the outermost."""
    tables: dict[str, bytes] = {}
    for file, data in files.items():
        if data.startswith(b"PK\x03\x04") or file.lower().endswith(".zip"):
            tables.update(_members(file, data))
        else:
            tables[file] = data
    if not tables:
        raise DataError(f"{next(iter(files), 'the upload')} holds no csv file; give {_EXPECTED}.")
    return tables


def _members(file: str, data: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with unpacked(file), zipfile.ZipFile(io.BytesIO(data)) as archive:
        inside = [info for info in archive.infolist() if PurePosixPath(info.filename).name in _LOOKED_FOR]
        for info in sorted(inside, key=lambda info: len(PurePosixPath(info.filename).parts)):
            if info.file_size > _MOST_BYTES:
                raise DataError(f"{file}: {info.filename} is larger than 200 MB; give a smaller export.")
            name = PurePosixPath(info.filename).name
            if name not in found:  # before it is unpacked: a thousand of one name would fill the memory
                found[name] = archive.read(info)
    if not found:
        raise DataError(f"{file} holds no ratings.csv; give {_EXPECTED}.")
    if "ratings.csv" in found:
        found.pop("watched.csv", None)
    return found


_LOOKED_FOR = ("ratings.csv", "movies.csv", "watched.csv")


def _read(table: TextTable, *columns: str) -> FileTable:
    return table.read(columns, _MOST_BYTES)


def _letterboxd(file: TextTable, movies: TextTable | None) -> ExportedRatings:
    table = _read(file, "Name", "Year", "Rating")
    rows = _rows(table, "Name", "Rating", HALF_STARS, may_be_blank=True)  # the diary has films that were not rated
    rows["year"] = _years(table, "Year")
    return _exported(_LETTERBOXD, file, rows, HALF_STARS)


def _movielens_org(file: TextTable, movies: TextTable | None) -> ExportedRatings:
    rows = _rows(_read(file, "rating", "title"), "title", "rating", HALF_STARS)
    return _exported(_MOVIELENS_ORG, file, rows, HALF_STARS)


def _movielens(file: TextTable, movies: TextTable | None) -> ExportedRatings:
    raters = "userId" in file.columns
    table = _read(file, *(["userId"] if raters else []), "movieId", "rating")
    rows = _rows(table, None, "rating", HALF_STARS)
    if raters:
        rows["rater"] = table.text("userId")
    if movies is None:
        rows["item_id"] = table.text("movieId")
    else:
        described = _read(movies, "movieId", "title")
        places = table.positions_among("movieId", described.text("movieId").tolist(), movies.file)
        rows["title"] = described.text("title").to_numpy()[places]
    return _exported(_MOVIELENS, file, rows, HALF_STARS)


def _own(file: TextTable, movies: TextTable | None) -> ExportedRatings:
    table = _read(file, *OWN_COLUMNS)
    scales = without_guard(table.text("scale"))
    table.refuse((scales != scales.iloc[0]).to_numpy(), "scale", "is another scale than the first row's; give one")
    try:
        scale = parse_scale(scales.iloc[0])
    except ConfigurationError as error:
        raise DataError(f"{table.place(0)}, column scale: {error}") from error
    rows = _rows(table, "title", "stars", scale)
    rows["title"] = without_guard(rows["title"])
    rows["year"] = _years(table, "year")
    return _exported(_OWN, file, rows, scale)


_READERS = {_LETTERBOXD: _letterboxd, _MOVIELENS_ORG: _movielens_org, _MOVIELENS: _movielens, _OWN: _own}


def _rows(
    table: FileTable, title: str | None, stars: str, scale: RatingScale, *, may_be_blank: bool = False
) -> pd.DataFrame:
    text = table.text(stars)
    values = pd.to_numeric(text, errors="coerce").to_numpy(np.float64)
    blank = (text == "").to_numpy()
    with np.errstate(invalid="ignore"):
        outside = ~((values >= scale.low) & (values <= scale.high))
    table.refuse(
        outside & ~(blank & may_be_blank),
        stars,
        f"is no rating from {scale.low:g} to {scale.high:g}; mend or remove it",
    )
    titles = pd.Series([""] * len(table)) if title is None else table.text(title)
    if title is not None:
        table.refuse((titles == "").to_numpy(), title, "is no title; give one or remove the row")
    return pd.DataFrame(
        {
            "row": table.row_numbers(),
            "rater": "",
            "item_id": "",
            "title": titles,
            "year": pd.array([pd.NA] * len(table), "Int64"),
            "stars": values,
        }
    )


def _years(table: FileTable, column: str) -> pd.Series:
    text = table.text(column)
    is_year = text.str.fullmatch(_YEAR.pattern)
    table.refuse((~is_year & (text != "")).to_numpy(), column, "is not a year; mend it or leave it empty")
    return pd.to_numeric(text.where(is_year), errors="coerce").astype("Int64")


def _exported(source: str, file: TextTable, rows: pd.DataFrame, scale: RatingScale) -> ExportedRatings:
    return ExportedRatings(source, file.file, rows[rows["stars"].notna()].reset_index(drop=True), scale)
