"""Ratings brought along from elsewhere: an upload, what of it is in the catalogue, and the visitor's word on each."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from recommender.dashboard.answers import title_lists
from recommender.dashboard.drawing.words import escape
from recommender.dashboard.pages.you.title_matching import TitleMatcher, match_rows
from recommender.dashboard.pages.you.visitor import Visitor
from recommender.data.exchange.rating_exports import (
    ExportedRatings,
    convert_stars,
    describe_conversion,
    read_exported_ratings,
)
from recommender.errors import RecommenderError

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from recommender.serving.recommender import Recommender

_MOST_RATERS = 5_000
_ROWS_SHOWN = 10
# The editions of MovieLens that share their movie ids; those of MovieLens 100K are others.
_SHARED_IDS = re.compile(r"ml-(latest.*|1m|10m|20m|25m|32m)")


def draw(recommender: "Recommender", visitor: Visitor) -> None:
    """Draws the upload and, once there is one, what it holds."""
    with st.expander(
        "Bring your ratings from Letterboxd or MovieLens",
        icon=":material/upload_file:",
        key=f"you_bring_{visitor.files}",
    ):
        files = st.file_uploader(
            "Exports of Letterboxd or MovieLens, or ratings downloaded here",
            type=["csv", "zip"],
            accept_multiple_files=True,
            key=f"you_files_{visitor.files}",
            help="Letterboxd: the zip of Settings, Data, or its ratings.csv. MovieLens: the export of movielens.org, "
            "or ratings.csv with movies.csv.",
        )
        if not files:
            return
        try:
            ids = tuple(file.file_id for file in files)
            _draw_whose_and_what(recommender, visitor, _read(ids, files), ids)
        except RecommenderError as error:
            st.error(escape(str(error)), icon=":material/report:")


@st.cache_resource(max_entries=1, scope="session", show_spinner="Reading")  # it may be long, and is not changed
def _read(ids: tuple[str, ...], _files: "Sequence[UploadedFile]") -> ExportedRatings:
    return read_exported_ratings({file.name: file.getvalue() for file in _files})


# By the files' ids: to compare the rows themselves would be to read them all at every click.
@st.cache_data(max_entries=4, max_size="50MB", scope="session", show_spinner="Looking your titles up")
def _matched(
    _recommender: "Recommender",
    version: str,
    ids_agree: bool,
    ids: tuple[str, ...],
    rater: str,
    _rows: pd.DataFrame,
) -> pd.DataFrame:
    return match_rows(_matcher(_recommender, version), _rows, ids_agree=ids_agree)


@st.cache_resource(
    max_entries=1, scope="session", show_spinner=False
)  # a part of what was read, and not changed either
def _of(ids: tuple[str, ...], rater: str, _exported: ExportedRatings) -> ExportedRatings:
    return _exported.rated_by(rater)


@st.cache_resource(max_entries=4, show_spinner=False)
def _matcher(_recommender: "Recommender", version: str) -> TitleMatcher:
    return TitleMatcher(_recommender.titles, _recommender.item_ids)


def _draw_whose_and_what(
    recommender: "Recommender", visitor: Visitor, exported: ExportedRatings, ids: tuple[str, ...]
) -> None:
    raters = exported.raters
    rater = raters[0]
    if len(raters) > 1:
        asked_for = st.selectbox(
            "Whose ratings",
            raters[:_MOST_RATERS],
            key="you_rater",
            help=f"{escape(exported.file)} holds the ratings of {len(raters):,} people; the busiest first.",
        )
        rater = asked_for if asked_for in raters else rater  # a client of its own making may send anything
        exported = _of(ids, rater, exported)
    ids_agree = _SHARED_IDS.fullmatch(recommender.manifest.data.name) is not None
    if not ids_agree and not exported.rows["title"].any():
        st.error(
            f"{escape(exported.file)} names movies by the ids of MovieLens, which are not those of this catalogue; add "
            "movies.csv of the same data set to the upload.",
            icon=":material/report:",
        )
        return
    rows = _matched(recommender, title_lists.version(recommender), ids_agree, ids, rater, exported.rows)
    found, lost = rows[rows["match"].notna()], rows[rows["match"].isna()]
    plural = "s" * (len(exported.rows) != 1)
    st.markdown(
        f"**{escape(exported.source)}**: {len(exported.rows):,} rating{plural}, {len(found):,} found in this catalogue "
        f"of {len(recommender.titles):,} titles. {describe_conversion(exported.scale, recommender.scale)}"
    )
    if len(found):
        _draw_matches(recommender, visitor, exported, found.sort_values("sure", kind="stable").reset_index(drop=True))
    if len(lost):
        _draw_lost(lost)


def _draw_matches(recommender: "Recommender", visitor: Visitor, exported: ExportedRatings, found: pd.DataFrame) -> None:
    unsure = int((~found["sure"]).sum())
    if unsure:
        st.caption(
            f":material/rule: {unsure} of them {'is' if unsure == 1 else 'are'} not sure and left out unless you tick "
            "them; they stand first."
        )
    stars = convert_stars(found["stars"].to_numpy(float), exported.scale, recommender.scale)
    written = found["title"].where(found["title"] != "", "id " + found["item_id"])
    table = pd.DataFrame(
        {
            "use": found["sure"],
            "match": found["match"],
            "written": written.where(found["year"].isna(), written + ", " + found["year"].astype(str)),
            "gave": found["stars"],
            "counts": stars,
            "how": found["how"],
        }
    )
    edited = st.data_editor(
        table,
        hide_index=True,
        key=f"you_matches_{visitor.files}",
        height="auto" if len(table) <= _ROWS_SHOWN else (_ROWS_SHOWN + 1) * 35 + 2,
        disabled=["match", "written", "gave", "counts", "how"],
        alt="Titles of your file and what they are in this catalogue; tick those to be used",
        column_config={
            "use": st.column_config.CheckboxColumn("Use", width=60),
            "match": st.column_config.TextColumn("In this catalogue", width=300),
            "written": st.column_config.TextColumn("In your file", width=270),
            "gave": st.column_config.NumberColumn("Gave", format="%g", width=60),
            "counts": st.column_config.NumberColumn("Counts as", format="%g", width=80),
            "how": st.column_config.TextColumn("Matched by", width=190),
        },
    )
    taken = _ticked(table, edited)
    st.button(
        f"Use {len(taken):,} ratings" if len(taken) != 1 else "Use 1 rating",
        icon=":material/done_all:",
        type="primary",
        key="you_take_in",
        disabled=not taken,
        on_click=_take_in,
        args=(visitor, taken),
        help="Ratings given here before are kept, but for the same titles.",
    )


def _ticked(table: pd.DataFrame, edited: pd.DataFrame) -> dict[str, float]:
    """Title -> stars of the rows that are ticked; only the ticks are believed, what else a client has changed is not.

    Args:
      table: as it was handed out.
      edited: as it came back; a client of its own making may have changed, added or removed what it liked.
    """
    ticks = edited["use"][~edited.index.duplicated()].reindex(table.index)
    chosen = table[[value is True or value is np.True_ for value in ticks.to_list()]]
    return dict(zip(chosen["match"], chosen["counts"].astype(float), strict=True))


def _take_in(visitor: Visitor, stars: dict[str, float]) -> None:
    visitor.take_in(stars)
    st.toast(f"{len(stars):,} rating{'s' * (len(stars) != 1)} taken in.", icon=":material/done_all:")
    visitor.files += 1  # the upload has done its work


def _draw_lost(lost: pd.DataFrame) -> None:
    st.caption(f"Not in this catalogue, and not used: {len(lost):,}.")
    columns: dict[str, Any] = {
        "row": st.column_config.NumberColumn("Row", width=50, help="In your file."),
        "title": st.column_config.TextColumn("Title", width=260),
        "year": st.column_config.NumberColumn("Year", format="%d", width=55),
        "stars": st.column_config.NumberColumn("Gave", format="%g", width=50),
    }
    shown = lost.assign(title=lost["title"].where(lost["title"] != "", "id " + lost["item_id"]))
    st.dataframe(
        shown[[name for name in columns if name != "year" or lost["year"].notna().any()]],
        hide_index=True,
        height="content" if len(lost) <= _ROWS_SHOWN else (_ROWS_SHOWN + 1) * 35 + 2,
        key="you_lost",
        alt="Titles of your file that are not in this catalogue",
        column_config=columns,
    )
