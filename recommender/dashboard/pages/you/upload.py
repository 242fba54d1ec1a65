"""Draws the upload of ratings from elsewhere: which titles of the catalogue they match, and which of them to use."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from recommender.dashboard.answers import title_lists
from recommender.dashboard.drawing import columns
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.pages.you.title_matching import TitleMatcher, match_rows
from recommender.dashboard.pages.you.visitor import Visitor
from recommender.dashboard.web.uploads import refusal
from recommender.data.exchange.rating_exports import (
    ExportedRatings,
    convert_stars,
    describe_conversion,
    read_exported_ratings,
)
from recommender.data.schema import TAKEN
from recommender.errors import RecommenderError

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from recommender.serving.recommender import Recommender

Ids = tuple[str, ...]  # of the uploaded files, as Streamlit numbers them

_MOST_RATERS = 5_000
_ROWS_SHOWN = 10
# The editions of MovieLens that share their movie ids; those of MovieLens 100K are others.
_SHARED_IDS = re.compile(r"ml-(latest.*|1m|10m|20m|25m|32m)")


def draw(recommender: "Recommender", visitor: Visitor) -> None:
    """Draws the upload and, once there is one, what it holds."""
    with st.expander(
        "Bring your ratings from Letterboxd, IMDb, Trakt, Goodreads or MovieLens",
        icon=":material/upload_file:",
        key=f"you_bring_{_number(visitor)}",
    ):
        files = st.file_uploader(
            "Exports of these places, or ratings downloaded here",
            type=["csv", "json", "zip"],
            accept_multiple_files=True,
            key=f"you_files_{_number(visitor)}",
            help="Letterboxd: the zip of Settings, Data, or one of its files. IMDb: the csv of Your ratings. Trakt: "
            "the json or csv of ratings. Goodreads: the library export. MovieLens: the export of movielens.org, or "
            "ratings.csv with movies.csv.",
        )
        refused = refusal()
        if refused:
            st.error(escape(refused), icon=":material/report:")
        if not files:
            return
        try:
            ids = tuple(file.file_id for file in files)
            _draw_exported(recommender, visitor, _read(ids, files, recommender.manifest.data.has_ratings), ids)
        except RecommenderError as error:
            st.error(escape(str(error)), icon=":material/report:")


def _number(visitor: Visitor) -> str:
    """What tells an upload of theirs from the ones before and from those of others."""
    return f"{visitor.key}_{visitor.n_brought + visitor.n_cleared}"


@st.cache_resource(max_entries=1, scope="session", show_spinner="Reading")  # it may be long, and is never changed
def _read(ids: Ids, _files: "Sequence[UploadedFile]", with_stars: bool) -> ExportedRatings:
    return read_exported_ratings({file.name: file.getvalue() for file in _files}, with_stars=with_stars)


@st.cache_resource(max_entries=1, scope="session", show_spinner=False)
def _ratings_of_rater(ids: Ids, rater: str, _exported: ExportedRatings) -> ExportedRatings:
    return _exported.rated_by(rater)


# By the files' ids: to compare the rows themselves would be to read them all at every click.
@st.cache_data(max_entries=4, max_size="50MB", scope="session", show_spinner="Looking your titles up")
def _matched(_recommender: "Recommender", version: str, source: tuple[Ids, str], _rows: pd.DataFrame) -> pd.DataFrame:
    return match_rows(_matcher(_recommender, version), _rows, ids_agree=_ids_agree(_recommender))


@st.cache_resource(max_entries=4, show_spinner=False)
def _matcher(_recommender: "Recommender", version: str) -> TitleMatcher:
    return TitleMatcher(_recommender.titles, _recommender.item_ids)


def _ids_agree(recommender: "Recommender") -> bool:
    return _SHARED_IDS.fullmatch(recommender.manifest.data.name) is not None


def _draw_exported(recommender: "Recommender", visitor: Visitor, exported: ExportedRatings, ids: Ids) -> None:
    """Draws what the files hold: whose ratings, which titles of the catalogue they match, and which match none."""
    rater = _draw_rater(exported)
    if len(exported.raters) > 1:
        exported = _ratings_of_rater(ids, rater, exported)
    if not _ids_agree(recommender) and not exported.rows["title"].any():
        st.error(
            f"{escape(exported.file)} names movies by the ids of MovieLens, which are not those of this catalogue; add "
            "movies.csv of the same data set to the upload.",
            icon=":material/report:",
        )
        return
    rows = _matched(recommender, title_lists.version(recommender), (ids, rater), exported.rows)
    found, lost = rows[rows["match"].notna()], rows[rows["match"].isna()]
    plural = "s" * (len(exported.rows) != 1)
    rated = recommender.manifest.data.has_ratings
    counts = describe_conversion(exported.scale, recommender.scale) if rated else "Each counts as a title you know."
    st.markdown(
        f"**{escape(exported.source)}**: {len(exported.rows):,} rating{plural}, {len(found):,} found in this catalogue "
        f"of {len(recommender.titles):,} titles. {counts}"
    )
    if len(found):
        stars = np.full(len(found), TAKEN)
        if rated:
            stars = convert_stars(found["stars"].to_numpy(float), exported.scale, recommender.scale)
        _draw_matches(
            found.assign(counts=stars).sort_values("sure", kind="stable", ignore_index=True), visitor, rated=rated
        )
    if len(lost):
        _draw_lost(lost)


def _draw_rater(exported: ExportedRatings) -> str:
    """Draws the choice of whose ratings to use, if the files hold those of several people."""
    raters = exported.raters
    if len(raters) == 1:
        return raters[0]
    chosen = st.selectbox(
        "Whose ratings",
        raters[:_MOST_RATERS],
        key="you_rater",
        help=f"{escape(exported.file)} holds the ratings of {len(raters):,} people; the busiest first.",
    )
    return chosen if chosen in raters else raters[0]  # a browser can send what is not in the list


def _draw_matches(found: pd.DataFrame, visitor: Visitor, *, rated: bool) -> None:
    """Draws the matches as a table with a tick for each, and the button that uses those ticked.

    Args:
      found: rows of `match_rows` that match a title, with `counts`, their stars on the model's scale.
      visitor: who is given the stars.
      rated: whether the model's data have stars to show.
    """
    unsure = int((~found["sure"]).sum())
    if unsure:
        st.caption(
            f":material/rule: {unsure} of them {'is' if unsure == 1 else 'are'} not sure and left out unless you tick "
            "them; they stand first."
        )
    written = _as_written(found)
    table = pd.DataFrame(
        {
            "use": found["sure"],
            "match": found["match"],
            "written": written.where(found["year"].isna(), written + ", " + found["year"].astype(str)),
            "gave": found["stars"],
            "counts": found["counts"],
            "how": found["how"],
        }
    )
    text = st.column_config.TextColumn
    edited = st.data_editor(
        table,
        hide_index=True,
        key=f"you_matches_{_number(visitor)}",
        height=columns.height(len(table), _ROWS_SHOWN, if_short="auto"),
        disabled=["match", "written", "gave", "counts", "how"],
        alt="Titles of your file and what they are in this catalogue; tick those to be used",
        column_config={
            "use": st.column_config.CheckboxColumn("Use", width=60),
            "match": text("In this catalogue", width=300),
            "written": text("In your file", width=270),
            "gave": columns.gave() if rated else None,
            "counts": st.column_config.NumberColumn("Counts as", format="%g", width=80) if rated else None,
            "how": text("Matched by", width=190),
        },
    )
    ticked = _ticked(table, edited)
    st.button(
        f"Use {len(ticked):,} ratings" if len(ticked) != 1 else "Use 1 rating",
        icon=":material/done_all:",
        type="primary",
        key="you_take_in",
        disabled=not ticked,
        on_click=_use,
        args=(visitor, ticked),
        help="Ratings given here before are kept, but for the same titles.",
    )


def _ticked(table: pd.DataFrame, edited: pd.DataFrame) -> dict[str, float]:
    """Title -> stars of the rows that are ticked.

    Args:
      table: what was sent to the browser; titles and stars are taken from it.
      edited: what came back; nothing but the ticks is taken from it, as a browser can change, add or remove anything.
    """
    ticks = edited["use"][~edited.index.duplicated()].reindex(table.index)
    chosen = table[[value is True or value is np.True_ for value in ticks.to_list()]]
    return dict(zip(chosen["match"], chosen["counts"].astype(float), strict=True))


def _use(visitor: Visitor, stars: dict[str, float]) -> None:
    visitor.bring(stars)  # an empty upload takes the place of this one
    st.toast(f"{len(stars):,} rating{'s' * (len(stars) != 1)} taken in.", icon=":material/done_all:")


def _draw_lost(lost: pd.DataFrame) -> None:
    st.caption(f"Not in this catalogue, and not used: {len(lost):,}.")
    config: dict[str, Any] = {
        "row": st.column_config.NumberColumn("Row", width=50, help="In your file."),
        "title": columns.title(260),
        "year": columns.year(),
        "stars": columns.gave(),
    }
    shown = [name for name in config if name != "year" or lost["year"].notna().any()]
    st.dataframe(
        lost.assign(title=_as_written(lost))[shown],
        hide_index=True,
        height=columns.height(len(lost), _ROWS_SHOWN),
        key="you_lost",
        alt="Titles of your file that are not in this catalogue",
        column_config=config,
    )


def _as_written(rows: pd.DataFrame) -> "pd.Series[str]":
    return rows["title"].where(rows["title"] != "", "id " + rows["item_id"])
