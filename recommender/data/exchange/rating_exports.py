"""A visitor's own ratings as other places export them: Letterboxd, IMDb, Trakt, Goodreads, MovieLens, and our download.

The files are recognised by their headers, not by their names. Titles stay as they are written; they are not looked up
in a catalogue here.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.data.exchange.spreadsheets import csv_for_people, without_guard
from recommender.data.own_table.mapping import parse_scale
from recommender.data.publishers.movielens import HALF_STARS
from recommender.data.schema import RatingScale
from recommender.data.tables.delimited import DelimitedText
from recommender.data.tables.delimited import named as listed
from recommender.data.tables.file_table import FileTable
from recommender.data.tables.unpacking import unpacked
from recommender.errors import ConfigurationError, DataError

OWN_COLUMNS = ("title", "year", "stars", "scale")
_MOST_BYTES = 200_000_000  # of one file inside an archive, which the page's limit on uploads does not see
_EXPECTED = (
    "the zip of a Letterboxd export or one of its files, the ratings of IMDb or Trakt, the library of Goodreads, "
    "ratings.csv of MovieLens with movies.csv, an export of movielens.org, or the ratings downloaded here"
)


@dataclass(frozen=True)
class ExportedRatings:
    """Ratings of titles by name.

    Attributes:
      source: where they come from, for people.
      file: the file that holds them.
      rows: `row` (its number in the file), `rater` ("" where the file speaks of one person), `item_id` ("" where the
        source's ids mean nothing elsewhere), `title` ("" where the file gives the id alone), `year` (missing where the
        title holds it or nobody says), `stars` (missing of what was watched and not rated, where that is asked for).
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


def read_exported_ratings(files: Mapping[str, bytes], *, with_stars: bool = True) -> ExportedRatings:
    """Reads what somebody rated elsewhere.

    Of a title that stands in several rows or files of one place, the row of the latest date counts, if rows have dates.

    Args:
      files: name -> content of csv or json files and zip archives that belong together.
      with_stars: whether only what has stars is wanted; if not, also what was watched or liked without, `stars` then
        missing.

    Raises:
      DataError: if none of the files holds ratings, files of several places do, or a row cannot be read; says the file,
        the row and the column.
    """
    tables = {file: DelimitedText.found(file, data) for file, data in _unpacked(files).items()}
    kinds = {file: _kind_of(set(table.columns)) for file, table in tables.items()}
    rated = [
        file for file, kind in kinds.items() if kind in (*_READERS, *_NAMED) or (kind == _WATCHED and not with_stars)
    ]
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
        columns = listed(sorted(set(tables[file].columns)))
        raise DataError(f"{file}, row 1: the columns {columns} are those of no export; give {_EXPECTED}.")
    sources = {_source_of(str(kinds[file])) for file in rated}
    if len(sources) > 1 or (len(rated) > 1 and sources <= {_MOVIELENS, _OWN}):
        raise DataError(f"{rated[0]} and {rated[1]} both hold ratings; give one of them at a time.")
    movies = next((other for other, kind in kinds.items() if kind == _MOVIES), None)
    described = None if movies is None else tables[movies]
    found = [_read(str(kinds[file]), tables[file], described, with_stars) for file in rated]
    exported = found[0]
    if len(found) > 1:
        on_one_scale = [
            one.rows.assign(stars=convert_stars(one.rows["stars"].to_numpy(float), one.scale, exported.scale))
            for one in found
        ]
        rows = pd.concat(on_one_scale, ignore_index=True)
        exported = ExportedRatings(exported.source, " and ".join(rated), rows, exported.scale)
    if _AT in exported.rows:
        exported = replace(exported, rows=_latest(exported.rows))
    if exported.rows.empty:
        raise DataError(f"{exported.file} holds no rating; rate something there, or here.")
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
_IMPORT, _IMPORT_TEN = "Letterboxd import", "Letterboxd import of ten"
_IMDB, _TRAKT, _GOODREADS = "IMDb", "Trakt", "Goodreads"
_YEAR = re.compile(r"\d{4}")
_SERIES = re.compile(r"\s*\([^()]*#[^()]*\)$")  # Goodreads names the series behind a title: (Discworld, #1)
_AT = "at"  # column of rows: when, for as long as it is not known which of several counts
_TEN, _FIVE = RatingScale(1, 10, 1), RatingScale(1, 5, 1)


class _Named(NamedTuple):
    """How a place writes ratings of titles by name: its columns, of several the first that is there."""

    source: str
    title: str
    stars: str
    scale: RatingScale
    year: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    not_rated: tuple[str, ...] = ("",)


_NAMED = {
    _LETTERBOXD: _Named(_LETTERBOXD, "Name", "Rating", HALF_STARS, ("Year",), ("Date",)),
    _IMPORT: _Named(_LETTERBOXD, "Title", "Rating", HALF_STARS, ("Year",), ("WatchedDate",)),
    _IMPORT_TEN: _Named(_LETTERBOXD, "Title", "Rating10", _TEN, ("Year",), ("WatchedDate",)),
    _IMDB: _Named(_IMDB, "Title", "Your Rating", _TEN, ("Year",), ("Date Rated",)),
    _TRAKT: _Named(_TRAKT, "title", "rating", _TEN, ("year",), ("rated_at",)),
    _GOODREADS: _Named(
        _GOODREADS,
        "Title",
        "My Rating",
        _FIVE,
        ("Original Publication Year", "Year Published"),
        ("Date Read", "Date Added"),
        ("", "0"),
    ),
    _MOVIELENS_ORG: _Named(_MOVIELENS_ORG, "title", "rating", HALF_STARS),
}


def _source_of(kind: str) -> str:
    if kind == _WATCHED:
        return _LETTERBOXD
    return _NAMED[kind].source if kind in _NAMED else kind


def _kind_of(header: set[str]) -> str | None:
    kinds = (
        (_LETTERBOXD, {"Name", "Year", "Rating"}),
        (_WATCHED, {"Name", "Year", "Letterboxd URI"}),
        (_GOODREADS, {"Title", "My Rating"}),
        (_IMDB, {"Title", "Your Rating"}),
        (_IMPORT, {"Title", "Rating"}),
        (_IMPORT_TEN, {"Title", "Rating10"}),
        (_MOVIELENS_ORG, {"movie_id", "rating", "title"}),
        (_TRAKT, {"title", "rating", "rated_at"}),
        (_MOVIELENS, {"movieId", "rating"}),
        (_MOVIES, {"movieId", "title"}),
        (_OWN, set(OWN_COLUMNS)),
    )
    return next((kind for kind, columns in kinds if columns <= header), None)


def _unpacked(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The csv files, those of archives among them, of each name the outermost; a json file of ratings as csv."""
    tables: dict[str, bytes] = {}
    for file, data in files.items():
        if data.startswith(b"PK\x03\x04") or file.lower().endswith(".zip"):
            tables.update(_members(file, data))
        else:
            tables[file] = data
    tables = {
        file: _csv_of_json(data, file) if file.lower().endswith(".json") else data for file, data in tables.items()
    }
    if not tables:
        raise DataError(f"{next(iter(files), 'the upload')} holds no csv file; give {_EXPECTED}.")
    return tables


def _members(file: str, data: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with unpacked(file), zipfile.ZipFile(io.BytesIO(data)) as archive:
        inside = [info for info in archive.infolist() if _is_looked_for(PurePosixPath(info.filename))]
        for info in sorted(inside, key=lambda info: len(PurePosixPath(info.filename).parts)):
            if info.file_size > _MOST_BYTES:
                raise DataError(f"{file}: {info.filename} is larger than 200 MB; give a smaller export.")
            name = PurePosixPath(info.filename).name
            if name not in found:  # before it is unpacked: a thousand of one name would fill the memory
                found[name] = archive.read(info)
    if not found:
        raise DataError(f"{file} holds no ratings.csv; give {_EXPECTED}.")
    if "ratings.csv" in found:  # of Letterboxd it holds the latest of all that was rated
        found = {name: data for name, data in found.items() if name not in _HOLD_LESS}
    return found


_HOLD_LESS = ("diary.csv", "reviews.csv")
_LOOKED_FOR = ("ratings.csv", "movies.csv", "watched.csv", *_HOLD_LESS, "goodreads_library_export.csv")
_OF_TRAKT = re.compile(r"ratings[-_](?:movies|shows)(?:[-_]\d+)?\.json|(?:movies|shows)\.json")


def _is_looked_for(path: PurePosixPath) -> bool:
    if {"deleted", "orphaned"} & set(path.parts[:-1]):  # what somebody took back
        return False
    return (
        path.name in _LOOKED_FOR
        or (path.name == "films.csv" and path.parent.name == "likes")
        or (_OF_TRAKT.fullmatch(path.name) is not None and "ratings" in str(path))
    )


def _csv_of_json(data: bytes, file: str) -> bytes:
    """Ratings of Trakt as csv; a row of its own for the header, as in a csv file."""
    try:
        records = json.loads(data)
        rows = []
        for record in records:
            rated = record.get("movie") or record.get("show") or record
            if "rating" in record and "title" in rated:
                rows.append((rated["title"], rated.get("year"), record["rating"], record.get("rated_at")))
    except (ValueError, AttributeError, TypeError, RecursionError):
        raise DataError(f"{file} is no list of ratings as Trakt writes it; give {_EXPECTED}.") from None
    frame = pd.DataFrame(rows, columns=["title", "year", "rating", "rated_at"], dtype=object)
    return frame.to_csv(index=False).encode(errors="replace")


def _read(kind: str, file: DelimitedText, movies: DelimitedText | None, with_stars: bool) -> ExportedRatings:
    if kind == _WATCHED:
        table = file.read(("Name", "Year"))
        rows = _rows(table, "Name", None, HALF_STARS)
        rows["year"] = _years(table, "Year")
        return ExportedRatings(_LETTERBOXD, file.file, rows.assign(at=np.datetime64("NaT", "ns")), HALF_STARS)
    exported = _by_name(_NAMED[kind], file) if kind in _NAMED else _READERS[kind](file, movies)
    rows = exported.rows
    return replace(exported, rows=rows[rows["stars"].notna()].reset_index(drop=True)) if with_stars else exported


def _by_name(named: _Named, file: DelimitedText) -> ExportedRatings:
    year, at = (next((name for name in names if name in file.columns), None) for names in (named.year, named.at))
    columns = tuple(name for name in (named.title, named.stars, year, at) if name is not None)
    table = file.read(columns, (named.stars,))
    rows = _rows(table, named.title, named.stars, named.scale, not_rated=named.not_rated)
    if year is not None:
        rows["year"] = _years(table, year, strict=named.source == _LETTERBOXD)
    if named.source == _GOODREADS:
        rows["title"] = rows["title"].str.replace(_SERIES, "", regex=True)
    if at is not None:
        moments = pd.to_datetime(table.text(at), format="mixed", errors="coerce", utc=True)
        rows[_AT] = moments.to_numpy("datetime64[ns]")
    return ExportedRatings(named.source, file.file, rows, named.scale)


def _latest(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the latest date of each title and year, in their order; a row with stars goes before others."""
    ordered = rows.assign(rated=rows["stars"].notna()).sort_values(["rated", _AT], kind="stable", na_position="first")
    kept = ordered.drop_duplicates(["title", "year"], keep="last").sort_index()
    return kept.drop(columns=["rated", _AT]).reset_index(drop=True)


def _movielens(file: DelimitedText, movies: DelimitedText | None) -> ExportedRatings:
    raters = "userId" in file.columns
    table = file.read((*(["userId"] if raters else []), "movieId", "rating"))
    rows = _rows(table, None, "rating", HALF_STARS)
    if raters:
        rows["rater"] = table.text("userId")
    if movies is None:
        rows["item_id"] = table.text("movieId")
    else:
        described = movies.read(("movieId", "title"))
        places = table.positions_among("movieId", described.text("movieId").tolist(), movies.file)
        rows["title"] = described.text("title").to_numpy()[places]
    return ExportedRatings(_MOVIELENS, file.file, rows, HALF_STARS)


def _own(file: DelimitedText, movies: DelimitedText | None) -> ExportedRatings:
    table = file.read(OWN_COLUMNS)
    scales = without_guard(table.text("scale"))
    table.refuse((scales != scales.iloc[0]).to_numpy(), "scale", "is another scale than the first row's; give one")
    try:
        scale = parse_scale(scales.iloc[0])
    except ConfigurationError as error:
        raise DataError(f"{table.place(0)}, column scale: {error}") from error
    rows = _rows(table, "title", "stars", scale)
    rows["title"] = without_guard(rows["title"])
    rows["year"] = _years(table, "year")
    return ExportedRatings(_OWN, file.file, rows, scale)


_READERS: dict[str, Callable[[DelimitedText, DelimitedText | None], ExportedRatings]] = {
    _MOVIELENS: _movielens,
    _OWN: _own,
}


def _rows(
    table: FileTable, title: str | None, stars: str | None, scale: RatingScale, *, not_rated: tuple[str, ...] = ()
) -> pd.DataFrame:
    values = np.full(len(table), np.nan)
    if stars is not None:
        text = table.text(stars)
        values = pd.to_numeric(text.mask(text.isin(not_rated)), errors="coerce").to_numpy(np.float64)
        with np.errstate(invalid="ignore"):
            outside = ~((values >= scale.low) & (values <= scale.high))
        table.refuse(
            outside & ~text.isin(not_rated).to_numpy(),
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


def _years(table: FileTable, column: str, *, strict: bool = True) -> pd.Series:
    text = table.text(column)
    is_year = text.str.fullmatch(_YEAR.pattern)
    if strict:
        table.refuse((~is_year & (text != "")).to_numpy(), column, "is not a year; mend it or leave it empty")
    return pd.to_numeric(text.where(is_year), errors="coerce").astype("Int64")
