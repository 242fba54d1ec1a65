"""The choice of what to train on: a data set that can be fetched, that of another bundle, or an uploaded table."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from recommender.bundle.training_data import columns_of
from recommender.dashboard.bundles.manifests import readable_manifests
from recommender.dashboard.choices.page_parameters import one_of
from recommender.dashboard.drawing.markdown import escape, sentence
from recommender.dashboard.pages.training.tabs import DATA
from recommender.dashboard.web.uploads import refusal
from recommender.data import LATEST_SMALL, ColumnMapping, FeatureColumn, parse_missing, parse_scale
from recommender.data.own_table.checking import LookedAt, TableCheck, check_mapped_table, look_at, rows_as_read
from recommender.data.own_table.items_file import items_id_of
from recommender.data.own_table.mapping import FeatureKind
from recommender.data.own_table.proposals import doubled_ratings, propose_columns, propose_features
from recommender.data.own_table.repeats import Repeats
from recommender.data.own_table.written_categories import is_list
from recommender.data.own_table.written_times import has_short_dates
from recommender.data.tables.delimited import named as listed
from recommender.data.tables.form import AS_FOUND, ChosenForm
from recommender.data.tables.unpacking import table_stem
from recommender.errors import RecommenderError
from recommender.runs import Uploads

if TYPE_CHECKING:
    from recommender.bundle.manifest import DataFacts
    from recommender.data import Ratings
    from recommender.serving.recommender import Recommender

_NAMED = {"MovieLens 100K": "ml-100k", "MovieLens latest-small, 1995 to 2016": LATEST_SMALL}  # label -> name
_UPLOAD = "A table of your own"
_KINDS: dict[str, tuple[FeatureKind, str]] = {
    "one category": ("category", "|"),
    "categories, with | between": ("multi", "|"),
    "categories, with , between": ("multi", ","),
    "categories, with ; between": ("multi", ";"),
    "a list of categories": ("multi", ","),
    "a number": ("number", "|"),
    "words": ("text", "|"),
}
_AS_FOUND = "As found"
_SEPARATORS = {"commas": ",", "semicolons": ";", "tabs": "tab", "bars |": "|", "spaces": "space"}
_DECIMALS = {"a point": ".", "a comma": ","}
_ENCODINGS = {
    "UTF-8": "utf-8",
    "Western (Windows-1252)": "cp1252",
    "Central European (Windows-1250)": "cp1250",
    "Cyrillic (Windows-1251)": "cp1251",
    "Japanese (Shift JIS)": "cp932",
    "Chinese (GB 18030)": "gb18030",
    "Korean (EUC-KR)": "cp949",
}
_HEADERS = {"names the columns": "names", "is a rating": "row"}
_REPEATS: dict[str, Repeats | None] = {
    "As usual": None,
    "The last": "last",
    "The first": "first",
    "Their mean": "mean",
    "Each": "each",
}
_DATES: dict[str, bool | None] = {"As they show": None, "Day first": True, "Month first": False}
_LISTED = 50
_RATING_HELP = (
    "Numbers, 4/5, 80%, stars, or yes and no; higher is better. None where nobody rated: what was taken counts."
)
_POSTER_HELP = (
    "Pictures: https links, or names of files in assets/posters on this machine. A link is asked for by the browser of "
    "whoever looks, which a switch on the page stops. Without a picture, a poster is drawn."
)
_PARTS = {  # of a table -> the label and the help of the choice of its column
    "user": ("Viewer's id", "Who rated: an id or a name."),
    "item": ("Title's id", "What was rated: an id, or the title itself."),
    "rating": ("Rating", _RATING_HELP),
    "timestamp": ("Time", "Dates, or seconds since 1970. Without, no clock."),
    "title": ("Title", "What is shown; the id if there is none."),
    "poster": ("Poster", _POSTER_HELP),
}
_PARTS_OF_TWO = {"items_id": ("Id in that file", "Of the file of titles: the ids of the ratings.")}
_DESCRIBING = ("title", "poster", "items_id")  # columns of the second file, where there is one
_HELD = "train_table"  # that a table was uploaded, in the address and, by the upload, where it is held
_SHORT = 8  # rows that need no scrolling
_SCALE_LETTERS = 60
_LABEL_LETTERS = 100
_one_at_a_time = threading.Lock()  # a table of the largest size takes gigabytes while it is looked at


@dataclass(frozen=True)
class ChosenData:
    """What is to be trained on.

    Attributes:
      data: the data set's name, or where its files are.
      label: what people call it.
      columns: which column holds what; None for a data set whose layout is its publisher's.
      has_timestamps: whether it has times.
      ratings: its ratings, if they are in memory already.
      uploaded: whether it is an upload, which is deleted after a while unless a training asks for it.
    """

    data: str
    label: str
    columns: ColumnMapping | None = None
    has_timestamps: bool = True
    ratings: "Ratings | None" = None
    uploaded: bool = False


def draw_choice(recommender: "Recommender", bundles: dict[str, Path]) -> ChosenData | None:
    """Draws the choice of data.

    Returns:
      The data; None for a table that is yet to be uploaded.
    """
    others = _data_of_bundles(recommender, bundles)
    choices = _labels(recommender, others)
    label = one_of(choices, st.selectbox("Data", choices, key=DATA, bind="query-params"))
    if label == _UPLOAD:
        return None
    facts = recommender.manifest.data
    if label in _NAMED:
        here = facts.source is None and facts.name == _NAMED[label]
        return ChosenData(_NAMED[label], label, ratings=recommender.ratings if here else None)
    found = others[label]
    ratings = recommender.ratings if found.checksum == facts.checksum else None
    return ChosenData(str(found.source), found.name, columns_of(found), found.has_timestamps, ratings)


def labels(recommender: "Recommender", bundles: dict[str, Path]) -> list[str]:
    """What there is to choose from, the data of the shown model first."""
    return _labels(recommender, _data_of_bundles(recommender, bundles))


def _labels(recommender: "Recommender", others: Mapping[str, "DataFacts"]) -> list[str]:
    facts = recommender.manifest.data
    shown = (label for label, name in _NAMED.items() if facts.source is None and name == facts.name)
    shown_of_others = (label for label, found in others.items() if found.checksum == facts.checksum)
    return list(dict.fromkeys([*shown, *shown_of_others, *_NAMED, *others, _UPLOAD]))


def _data_of_bundles(recommender: "Recommender", bundles: dict[str, Path]) -> dict[str, "DataFacts"]:
    """Label -> the data sets of the bundles that are still where they were read from, each once."""
    found: dict[str, DataFacts] = {}
    for manifest in readable_manifests(bundles).values():
        facts = manifest.data
        repeated = any(other.checksum == facts.checksum for other in found.values())
        if facts.source is not None and not repeated and Path(facts.source).exists():
            label = f"{facts.name}: {facts.n_interactions:,} ratings of {facts.n_titles:,} titles"
            found[label] = facts
    return found


@dataclass(frozen=True)
class _Uploaded:
    """A table as it was uploaded.

    Attributes:
      path: where it is held.
      id: of the upload; another one has another.
      form: how it is written, as far as somebody said so.
      looked_at: what a first look showed.
    """

    path: Path
    id: str
    form: ChosenForm
    looked_at: LookedAt


def draw_upload(uploads: Uploads) -> ChosenData | None:
    """Draws the upload of a table: its files, which column holds what, and what is wrong with its rows.

    Returns:
      The data; None until every row can be trained on.
    """
    files, items_file = _draw_files()
    if not files:
        return None
    preview = st.container()
    try:
        table = _uploaded(uploads, {file.name: file for file in files}, "")
        items = None if items_file is None else _uploaded(uploads, {items_file.name: items_file}, "items")
    except RecommenderError as error:
        preview.error(sentence(error), icon=":material/report:")
        return None
    mapping, check = None, None
    try:
        mapping = _draw_mapping(table, items)
    except RecommenderError as error:
        st.error(sentence(error), icon=":material/report:")
    else:
        if mapping is None:
            st.caption(":material/info: Say which columns hold the viewer, the title and, if there is one, the rating.")
    if mapping is not None:
        with st.spinner("Every row is being looked at."):
            check = _check(table.path, mapping.model_dump_json(), mapping, table.looked_at)
        _draw_check(check, table.looked_at.table.file)
    with preview:
        _draw_first_rows(table, items, mapping, None if check is None else check.ratings)
    if mapping is None or check is None or check.ratings is None:
        return None
    _warn_of_codes(mapping, check)
    label = table_stem(table.path)[:_LABEL_LETTERS]
    has_times = mapping.timestamp is not None
    return ChosenData(str(table.path), label, mapping, has_times, check.ratings, uploaded=True)


def _draw_files() -> tuple[Sequence[Any], Any | None]:
    """Draws where the files are dropped: those of the table, and the one that describes the titles."""
    files = st.file_uploader(
        "A table of ratings: csv, tsv, parquet, xlsx, json lines, feather; packed or not; a row for each rating",
        key="train_file",
        accept_multiple_files=True,
        help="One file, or several that are parts of one table: of two with one name the last counts. It stays on this "
        "machine, beside the bundle that is trained on it.",
    )
    refused = refusal()
    if refused:
        st.error(sentence(refused), icon=":material/report:")
    if not files:
        st.caption("It needs columns for who rated and what was rated; the rating, times, titles and features help.")
        if _HELD in st.query_params or _HELD in st.session_state:
            st.caption(
                ":material/info: A table that was chosen here has to be chosen again: a page that is loaded anew, or "
                "was left, cannot open a file of yours by itself."
            )
        return [], None
    if _HELD not in st.query_params:
        st.query_params[_HELD] = "true"
    return files, st.file_uploader(
        "Titles and features, if they are in a file of their own (optional)",
        key="train_items_file",
        help="A table with a row for each title, and a column of the ids that stand in the ratings.",
    )


def _warn_of_codes(mapping: ColumnMapping, check: TableCheck) -> None:
    """Says that titles will be shown as codes, where they will."""
    coded = "" if check.description is None else check.description.coded_titles
    if mapping.title is None and coded:
        st.warning(
            f"Titles will be shown as codes, such as {escape(coded)}. If a column holds their "
            "names, choose it as *Title*; if another file does, add it above.",
            icon=":material/label:",
        )


def _uploaded(uploads: Uploads, files: Mapping[str, Any], what: str) -> _Uploaded:
    """Writes the files of a table down and looks at it; `what` it is, "" or "items"."""
    id = "_".join(file.file_id for file in files.values())
    form = AS_FOUND if what else _draw_form(id)
    held: dict[str, Path] = st.session_state.setdefault(_HELD, {})
    if id not in held or not held[id].exists():
        contents = {name: file.getbuffer() for name, file in files.items()}
        held[id] = uploads.hold_parts(contents) if len(files) > 1 else uploads.hold(*next(iter(contents.items())))
    return _Uploaded(held[id], id, form, _looked_at(held[id], form))


@st.cache_resource(max_entries=2, ttl=600, show_spinner=False)  # it holds the file: checks need not open it again
def _looked_at(path: Path, form: ChosenForm) -> LookedAt:
    with _one_at_a_time:
        return look_at(path, form)


def _draw_form(file_id: str) -> ChosenForm:
    """Draws the choices of how a text is written, for when it was not found out."""

    def chosen(what: str, label: str, options: Mapping[str, str], help_text: str) -> str | None:
        picked = st.selectbox(
            label,
            [_AS_FOUND, *options],
            key=f"train_{what}_{file_id}",
            help=help_text,
            accept_new_options=what in ("separator", "encoding"),
        )
        return None if picked in (None, _AS_FOUND) else options.get(picked, picked[:_SCALE_LETTERS])

    with (
        st.expander("Read the file differently", key=f"train_form_{file_id}"),
        st.grid(4, min_column_width=140, gap="small") as grid,
    ):
        with grid.cell():
            separator = chosen("separator", "Between values", _SEPARATORS, "Of a text. Type another one if need be.")
        with grid.cell():
            decimal = chosen("decimal", "Before a fraction", _DECIMALS, "What stands in 4.5 or 4,5.")
        with grid.cell():
            encoding = chosen("encoding", "Encoding", _ENCODINGS, "If letters look wrong. Type another one if need be.")
        with grid.cell():
            header = chosen("header", "First row", _HEADERS, "Without names, columns are called 1, 2, 3.")
    return ChosenForm.checked(
        separator=separator,
        decimal=decimal,
        encoding=encoding,
        header=None if header is None else header == "names",
    )


@st.cache_resource(max_entries=2, ttl=1800, show_spinner=False)  # a long table is large; never changed
def _check(path: Path, mapped: str, _mapping: ColumnMapping, _looked_at: LookedAt) -> TableCheck:
    with _one_at_a_time:
        return check_mapped_table(path, _mapping, most=_LISTED, table=_looked_at.table)


@dataclass(frozen=True)
class _Asked:
    """Which columns there are to choose from, and which are proposed.

    Attributes:
      table: of the ratings.
      items: that describes the titles, if they are in a table of their own.
      key: of the widgets; a table that is read otherwise has other columns.
      proposed: part -> the column that is likely to hold it.
    """

    table: _Uploaded
    items: _Uploaded | None
    key: str
    proposed: Mapping[str, str]

    @property
    def describing(self) -> LookedAt:
        """The table that describes the titles."""
        return (self.table if self.items is None else self.items).looked_at

    @property
    def parts(self) -> dict[str, tuple[str, str]]:
        """Part -> the label and the help of its choice."""
        return _PARTS if self.items is None else _PARTS | _PARTS_OF_TWO

    def options(self, part: str) -> Sequence[str]:
        """The columns that may hold a part."""
        return (self.describing if part in _DESCRIBING else self.table.looked_at).columns

    def free(self, chosen: Mapping[str, str | None]) -> list[str]:
        """The columns that may be features. The command line writes them as column:kind,column:kind."""
        used = {name for part, name in chosen.items() if self.items is None or part in _DESCRIBING}
        return [name for name in self.describing.columns if name and name not in used and not {":", ","} & set(name)]


def _asked(table: _Uploaded, items: _Uploaded | None) -> _Asked:
    form = table.form
    key = f"{table.id}_{form.separator}_{form.encoding}_{form.header}"
    proposed = propose_columns(table.looked_at.columns)
    if items is not None:
        key = f"{key}_{items.id}"
        theirs = propose_columns(items.looked_at.columns, rated=False)
        ids = items_id_of(items.looked_at.columns, proposed.get("item"))
        proposed = {**proposed, **{part: theirs.get(part, "") for part in _DESCRIBING}, "items_id": ids or ""}
    return _Asked(table, items, key, proposed)


def _draw_mapping(table: _Uploaded, items: _Uploaded | None) -> ColumnMapping | None:
    """Draws which column holds what and how it is read; None until viewer and title are chosen.

    Raises:
      RecommenderError: if what was typed is not understood.
    """
    asked = _asked(table, items)
    columns = _draw_columns(asked)
    features, reading = _draw_reading(asked, columns)
    described = _draw_kinds(asked, features)
    user, item, title, poster = (columns[part] for part in ("user", "item", "title", "poster"))
    if user is None or item is None:
        return None
    if len({user, item, columns["rating"]}) < 3:
        st.caption(":material/info: The viewer, the title and the rating stand in different columns.")
        return None
    if items is not None and (columns["items_id"] is None or not (title or poster or described)):
        st.caption(":material/info: Say which columns of the file of titles hold the ids, and the title or a feature.")
        return None
    place = None if items is None else str(items.path.resolve())
    return ColumnMapping.checked(**columns, features=described, **reading, form=table.form, items=place)


def _draw_columns(asked: _Asked) -> dict[str, str | None]:
    """Draws which column holds what; part -> the column, None if there is none."""
    chosen: dict[str, str | None] = {}
    with st.grid(len(asked.parts), min_column_width=140, gap="small") as grid:
        for part, (label, help_text) in asked.parts.items():
            options, proposed = asked.options(part), asked.proposed.get(part)
            with grid.cell():
                picked = st.selectbox(
                    label,
                    options,
                    index=options.index(proposed) if proposed else None,
                    placeholder="Choose a column" if part in ("user", "item", "items_id") else "None",
                    key=f"train_{part}_{asked.key}",
                    help=help_text,
                )
            chosen[part] = picked if picked in options else None
    doubled = doubled_ratings(asked.table.looked_at.columns) if chosen["rating"] is None else []
    if doubled:
        st.warning(
            f"Which column holds the ratings: {escape(listed(doubled))}? Choose it as *Rating*, or none of them."
        )
    return chosen


def _draw_reading(asked: _Asked, columns: Mapping[str, str | None]) -> tuple[list[str], dict[str, Any]]:
    """Draws how the columns are read; the features that are wanted, and the fields of a mapping that say the rest."""
    rated, when, id = columns["rating"] is not None, columns["timestamp"], asked.table.id
    asks_for_dates = when is not None and has_short_dates(asked.table.looked_at.beginning[when])
    free = asked.free(columns)
    left, middle, right, far_right, *more = st.columns([2, 1, 1, 1, *[1] * asks_for_dates])
    with left:
        features = st.multiselect(
            "Features of the titles",
            free,
            default=[name for name in propose_features(asked.describing.columns) if name in free],
            key=f"train_features_{asked.key}",
            placeholder="None",
            disabled=not free,
            help="Columns that describe titles. One with a colon or a comma in its name cannot be one; rename it.",
        )
    with middle:
        scale = st.text_input(
            "Rating scale",
            key=f"train_scale_{id}",
            placeholder="As found",
            max_chars=_SCALE_LETTERS,
            help="Lowest-highest:step, as 0.5-5:0.5. Without, it is the one that the ratings show.",
            disabled=not rated,
        )
    with right:
        missing = st.text_input(
            "Means not rated",
            key=f"train_missing_{id}",
            placeholder="Nothing",
            max_chars=_SCALE_LETTERS,
            help="A rating that stands for none, as 0 or 99; such rows are left out.",
            disabled=not rated,
        )
    with far_right:
        repeats = st.selectbox(
            "Rated again",
            [label for label in _REPEATS if rated or label != "Their mean"],
            key=f"train_repeats_{id}",
            help="What counts where a viewer and a title stand in several rows. As usual: the last rating; without "
            "ratings, each time.",
        )
    dates = next(iter(_DATES))
    for place in more:
        with place:
            dates = st.selectbox(
                "Dates",
                list(_DATES),
                key=f"train_dates_{id}",
                help="Whether 1/2/2020 is the first of February or the second of January.",
            )
    return [name for name in dict.fromkeys(features) if name in free], {
        "scale": parse_scale(scale[:_SCALE_LETTERS]) if rated and scale.strip() else None,
        "missing": parse_missing(missing[:_SCALE_LETTERS]) if rated else (),
        "repeats": _REPEATS[one_of(list(_REPEATS), repeats)],
        "day_first": _DATES[one_of(list(_DATES), dates)],
    }


def _draw_kinds(asked: _Asked, features: Sequence[str]) -> tuple[FeatureColumn, ...]:
    """Draws of which kind each feature is."""
    if not features:
        return ()
    described, beginning = [], asked.describing.beginning
    with st.grid(4, min_column_width=140, gap="small") as grid:
        for name in features:
            with grid.cell():
                held = st.selectbox(
                    f"{escape(name)} holds",
                    list(_KINDS),
                    index=_likely_kind(beginning[name]) if name in beginning else 0,
                    key=f"train_kind_{name}_{asked.key}",
                )
            kind, separator = _KINDS[one_of(list(_KINDS), held)]
            described.append(FeatureColumn(column=name, kind=kind, separator=separator))
    return tuple(described)


def _draw_first_rows(
    table: _Uploaded, items: _Uploaded | None, mapping: ColumnMapping | None, ratings: "Ratings | None"
) -> None:
    """Draws the first rows once: as they are read, below what each column is; before that, as they are written."""
    columns: dict[str, Any] = {}
    read = f":material/description: Read as {escape(table.looked_at.form)}."
    if items is not None:
        read += f" The file of titles: {escape(items.looked_at.form)}."
    if mapping is None or ratings is None:
        st.caption(f"{read} The first rows of the file:")
        shown = table.looked_at.beginning
    else:
        named = {
            "viewer": ("Viewer", mapping.user),
            "title": ("Title", mapping.title or mapping.item),
            "rating": ("Rating", mapping.rating),
            "time": ("Time, UTC", mapping.timestamp),
        }
        labels = {part: f"{what}: {column}" for part, (what, column) in named.items()}
        when = st.column_config.DatetimeColumn(labels["time"], format="YYYY-MM-DD HH:mm:ss", timezone="UTC")
        shown, columns = rows_as_read(ratings), {**labels, "time": when}
        unused = [name for name in table.looked_at.columns if name not in (*mapping.columns, mapping.items_id)]
        st.caption(f"{read} So the first rows are read{f'; not used: {escape(listed(unused))}' if unused else ''}.")
    st.dataframe(
        shown,
        hide_index=True,
        height="content",
        alt="The first rows of the table",
        key="train_first_rows",
        column_config=columns,
    )


def _likely_kind(values: "pd.Series[str]") -> int:
    text = values.astype(str)
    if text.map(is_list).any():
        return list(_KINDS).index("a list of categories")
    for place, mark in ((1, "|"), (3, ";"), (2, ", ")):
        if text.str.contains(mark, regex=False).any():
            return place
    is_number = pd.to_numeric(text[text != ""], errors="coerce").notna().all()
    return list(_KINDS).index("a number") if is_number else 0


def _draw_check(check: TableCheck, file: str) -> None:
    if check.description is not None:
        first, *others = check.description.facts
        st.markdown(f":material/check_circle: {escape(first)} Nothing needs mending.")
        st.caption(escape(" ".join(others)))
        if check.description.question:
            st.warning(
                f"{escape(check.description.question)} If it does, put it into *Means not rated*.",
                icon=":material/help:",
            )
        return
    if check.problems[0].row is None:
        st.error(sentence(check.problems[0].complaint), icon=":material/report:")
        return
    n = check.n_rows
    listed = f"; {len(check.problems)} of {check.n_problems:,} problems are listed"
    listed = listed if check.n_problems > len(check.problems) else ""
    st.error(
        f"{n:,} {'row needs' if n == 1 else 'rows need'} mending before {escape(file)} can be trained on{listed}. "
        "Mend and upload it again, or map other columns.",
        icon=":material/rule:",
    )
    # A table that wraps its cells: what is to be done stands at their end.
    with st.container(height=390 if len(check.problems) > _SHORT else "content", border=False):
        st.table(
            pd.DataFrame(
                {
                    "Row": [
                        f"{'' if problem.file == file else escape(problem.file)} {problem.row:,}".strip()
                        for problem in check.problems
                    ],
                    "Column": [escape(problem.column or "") for problem in check.problems],
                    "Value": [escape(_cut(problem.value or "")) for problem in check.problems],
                    "What is wrong, and what to do": [
                        escape(_cut(problem.complaint, 300)) for problem in check.problems
                    ],
                }
            ).set_index("Row"),
            border="horizontal",
            alt="Rows that need mending, by their number in the file",
        )


def _cut(text: str, letters: int = 80) -> str:
    return text if len(text) <= letters else f"{text[:letters]}..."
