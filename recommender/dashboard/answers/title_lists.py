"""What the model says at a moment, shaped for the tables and charts of a page."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from recommender.dashboard.answers import viewers
from recommender.data.ratings import ITEM_ID, POSTER
from recommender.data.titles import spoken_name
from recommender.serving.traveller import traveller_for

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_NOT_OUT, _SEEN, _FILTERED = "not out yet", "seen", "left out by the filters"  # why a title has no place
_HEAD = 100  # a rank beyond it is not worth reporting as risen or fallen


def version(recommender: "Recommender") -> str:
    """A key for caches: which model, of when, of which files, with ratings or not, as of when, how turned, supposed."""
    then = "" if recommender.known_by is None else f" as of {recommender.known_by}"
    turned = "" if recommender.dials.at_rest else f" {recommender.dials}"
    supposed = "" if recommender.supposed is None else f" {recommender.supposed}"
    return version_of_model(recommender) + then + turned + supposed


def version_of_model(recommender: "Recommender") -> str:
    """The same whatever the moment as of which it is asked, and whatever is supposed."""
    manifest = recommender.manifest
    files = hash(tuple(sorted(manifest.files.items())))  # two bundles may be finished in the same second
    return f"{manifest.model} {manifest.training.finished_at} {files} {recommender.ratings is not None}"


@st.cache_data(max_entries=200, max_size="200MB", show_spinner=False)
def whole_catalogue(_recommender: "Recommender", version: str, user: str, at: int) -> pd.DataFrame:
    """Every title of the catalogue as the model ranks it for a viewer at a moment; one call of the model.

    Args:
      _recommender: the model; not part of the key.
      version: its `version`.
      user: a viewer whom the model knows.
      at: UTC seconds.

    Returns:
      `rank` (from 1, in the whole catalogue), `item_id`, `title`, `score`, `stars` (NaN from a model that predicts
      none), `retrieved` (the rank that the score alone would give), `seen`, `future` (not out as of then), and `place`:
      the rank among titles that are out and not seen, missing for the others.
    """
    frame = _recommender.retrieve(user, at, len(_recommender.titles), include_seen=True, include_future=True)
    return placed(frame, hide_seen=True, show_future=False)


def catalogue_at(recommender: "Recommender", user: str, at: int) -> pd.DataFrame:
    """The `whole_catalogue`, for whoever has no need of the key of its cache."""
    return whole_catalogue(recommender, version(recommender), user, at)


def placed(
    catalogue: pd.DataFrame, *, hide_seen: bool, show_future: bool, wanted: npt.NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    """A `whole_catalogue` with `place` counted anew: titles that are seen, or not out, have none if hidden.

    Nor have others than the [n_titles] `wanted`, in the order of the catalogue.
    """
    left_out = np.zeros(len(catalogue), np.bool_) if wanted is None else ~wanted
    if hide_seen:  # nobody is known to have seen what nobody can say of
        left_out |= catalogue["seen"].fillna(False).to_numpy(bool)
    if not show_future:
        left_out |= catalogue["future"].to_numpy(bool)
    return catalogue.assign(place=pd.Series((~left_out).cumsum(), catalogue.index).mask(left_out).astype("Int64"))


def wanted(
    recommender: "Recommender",
    catalogue: pd.DataFrame,
    *,
    kinds: Iterable[str] = (),
    years: tuple[int, int] | None = None,
    least: float | None = None,
    aside: Iterable[str] = (),
) -> npt.NDArray[np.bool_]:
    """Which titles of a `whole_catalogue` pass the filters.

    Args:
      recommender: the model.
      catalogue: what is filtered.
      kinds: labels of which a title bears one; without one, or without the ratings, any passes.
      years: the first and the last; a title without a year lies in none.
      least: the fewest predicted stars, of a model that predicts some.
      aside: titles that are not wanted.

    Returns:
      [n_titles] in the order of the catalogue.
    """
    passes = ~catalogue["title"].isin(list(aside)).to_numpy()
    labels, usual = _labels(recommender, version_of_model(recommender))
    asked = set(kinds)
    if asked and usual:
        passes &= np.array([not asked.isdisjoint(labels.get(item, ())) for item in catalogue["item_id"]], np.bool_)
    if least is not None and recommender.manifest.rates:
        passes &= catalogue["stars"].to_numpy() >= least
    if years is not None:
        found = _years(recommender, version_of_model(recommender)).reindex(catalogue["item_id"])
        passes &= found.between(*years).to_numpy()
    return passes


@st.cache_resource(max_entries=4, show_spinner=False)
def _years(_recommender: "Recommender", version: str) -> pd.Series:
    """The year of each title by item id, NaN without; shared by all, so never changed."""
    years = [spoken_name(title).year for title in _recommender.titles]
    return pd.Series(years, list(_recommender.item_ids), dtype=float)


def span_of_years(recommender: "Recommender") -> tuple[int, int] | None:
    """The first and the last year of a title; None where the titles have no years, or all the same."""
    years = _years(recommender, version_of_model(recommender)).dropna()
    return None if years.empty or years.min() == years.max() else (int(years.min()), int(years.max()))


def kinds_of(recommender: "Recommender") -> list[str]:
    """All labels that titles bear, in the order of the alphabet; none without ratings."""
    return sorted(_labels(recommender, version_of_model(recommender))[1])


@st.cache_data(max_entries=200, show_spinner=False)
def viewer_profile(_recommender: "Recommender", version: str, user: str) -> viewers.Profile | None:
    """The viewer in figures; None without ratings."""
    if _recommender.ratings is None:
        return None
    labels, usual = _labels(_recommender, version_of_model(_recommender))
    return viewers.profile(_recommender.ratings, _recommender.rated(user), user, labels, usual)


@st.cache_resource(max_entries=4, show_spinner=False)
def _labels(_recommender: "Recommender", version: str) -> tuple[dict[str, tuple[str, ...]], dict[str, float]]:
    """The labels of each title and how usual each label is; shared by all, so never changed."""
    counts = times_rated(_recommender, version)
    if _recommender.ratings is None or counts is None:
        return {}, {}
    labels = viewers.labels_by_title(_recommender.ratings)
    return labels, viewers.label_shares({str(item): int(n) for item, n in counts.items()}, labels)


@st.cache_resource(max_entries=4, show_spinner=False)
def times_rated(_recommender: "Recommender", version: str) -> pd.Series | None:
    """How often each title was rated, by item id; None without ratings. Shared by all, so never changed."""
    ratings = _recommender.ratings
    if ratings is None:
        return None
    return pd.Series(np.bincount(ratings.item_rows, minlength=len(ratings.items)), ratings.items["item_id"])


def recommended(now: pd.DataFrame, pinned: pd.DataFrame | None, k: int) -> pd.DataFrame:
    """The list: the first k titles, and how far each has moved since the pinned moment.

    Args:
      now: the `whole_catalogue` of the moment; titles without a `place` are left out.
      pinned: that of the pinned moment, if there is one.
      k: how many.

    Returns:
      `place` (1 to k), `title`, `name`, `year`, `stars`, `score`, `found` (the place that the score alone would give),
      `seen`, `future`, `item_id`, and with a pin `move` (text), `stars_before`, `place_before` (missing for one that
      could not be listed then).
    """
    shown = now[now["place"].notna()].drop(columns="rank")
    head = shown.assign(found=shown["retrieved"].rank(method="min").astype(np.int64)).head(k)
    frame = describe(head.assign(place=np.arange(1, len(head) + 1)))
    if pinned is not None:
        before = _rows_of(pinned, "item_id", frame["item_id"]).set_index("item_id").reindex(frame["item_id"])
        frame["place_before"] = before["place"].astype("Int64").array
        frame["stars_before"] = before["stars"].to_numpy()
        frame["move"] = [_move(p, b, k) for p, b in zip(frame["place"], frame["place_before"], strict=True)]
    return frame


def competing(recommender: "Recommender", catalogue: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """[n_titles] which titles of the model have a `place` in a `whole_catalogue`."""
    is_listed = catalogue["place"].notna()
    mostly = bool(is_listed.mean() > 0.5)  # the fewer of both are looked up: of a million titles each costs a second
    listed = np.full(len(recommender.titles), mostly, np.bool_)
    listed[recommender.rows.rows_of_titles(catalogue["title"][is_listed != mostly].tolist())] = not mostly
    return listed


def ranked_by_praise(now: pd.DataFrame) -> bool:
    """Whether the model orders what it retrieved once more, by a `whole_catalogue`."""
    return bool((now["retrieved"] != now["rank"]).any())


def _move(place: int, before: Any, k: int) -> str:
    """What a move is called; `before` is missing where the title could not be listed."""
    if pd.isna(before):
        return "new"
    step = int(before) - int(place)
    if step == 0:
        return "="
    if int(before) > k:  # it was behind the end of the list
        return "new"
    return f"▲ {step}" if step > 0 else f"▼ {-step}"


def describe(frame: pd.DataFrame) -> pd.DataFrame:
    """Adds `name` and `year` to a frame that has `title`."""
    spoken = [spoken_name(title) for title in frame["title"]]
    years = pd.array([s.year for s in spoken], "Int64")
    return frame.assign(name=[s.name for s in spoken], year=years).reset_index(drop=True)


def labels_of(recommender: "Recommender", item_ids: Sequence[str]) -> list[list[str]]:
    """The labels (genres, or what the data have in their place) of each title, in order."""
    labels, _ = _labels(recommender, version_of_model(recommender))
    return [list(labels.get(item, ())) for item in item_ids]


def posters_of(recommender: "Recommender", item_ids: Sequence[str]) -> dict[str, str]:
    """item_id -> what the data name as its poster, of the titles in the order given; "" where they name none."""
    named = _posters(recommender, version_of_model(recommender))
    return {item: named.get(item, "") for item in item_ids}


@st.cache_resource(max_entries=4, show_spinner=False)
def _posters(_recommender: "Recommender", version: str) -> dict[str, str]:
    """What the data name as the poster of each title; shared by all, so never changed."""
    ratings = _recommender.ratings
    if ratings is None or POSTER not in ratings.items:
        return {}
    return dict(zip(ratings.items[ITEM_ID], ratings.items[POSTER], strict=True))


def moved_most(now: pd.DataFrame, pinned: pd.DataFrame, n: int = 5) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The biggest risers and fallers since the pinned moment, among titles in the first hundred places then or now.

    Titles that could not be listed at one of the two, as they were seen or not out, have not moved: they came or went.

    Returns:
      Two frames with `title`, `name`, `year`, `place_before`, `place`, `step` (places gained), biggest first.
    """
    now, pinned = (moment[moment["place"].notna()].astype({"place": np.int64}) for moment in (now, pinned))
    leading = [*now["item_id"].head(_HEAD), *pinned["item_id"].head(_HEAD)]
    before = _rows_of(pinned, "item_id", leading)[["item_id", "place"]].rename(columns={"place": "place_before"})
    both = _rows_of(now, "item_id", leading)[["item_id", "title", "place"]].merge(before, on="item_id")
    both = describe(both.assign(step=both["place_before"] - both["place"]))
    risers = both[both["step"] > 0].sort_values(["step", "place"], ascending=[False, True]).head(n)
    fallers = both[both["step"] < 0].sort_values(["step", "place"]).head(n)
    return risers.reset_index(drop=True), fallers.reset_index(drop=True)


def followed(now: pd.DataFrame, pinned: pd.DataFrame | None, titles: Sequence[str], seen: pd.DataFrame) -> pd.DataFrame:
    """The followed titles as `charts.predicted_stars` and `charts.ranks_in_catalogue` want them.

    Args:
      now: the `whole_catalogue` of the moment.
      pinned: that of the pinned moment, if there is one.
      titles: titles of the catalogue.
      seen: what the viewer rated: `title`, `rating`.

    Returns:
      `position`, `title`, `name`, `stars`, `pinned`, `place` and `place_pinned` (in the list; NaN for a title that is
      left out of it), `given`, `note`, in the order of `titles`.
    """
    frame = describe(_of_titles(now, titles))
    given = seen.drop_duplicates("title").set_index("title")["rating"] if len(seen) else pd.Series(dtype=float)
    before = None if pinned is None else _of_titles(pinned, titles)
    frame["stars"] = frame["stars"].mask(frame["future"])
    frame["pinned"] = np.nan if before is None else before["stars"].mask(before["future"]).to_numpy(float)
    frame["place_pinned"] = np.nan if before is None else before["place"].to_numpy(float, na_value=np.nan)
    frame["given"] = given.reindex(frame["title"]).to_numpy(float)
    frame["position"] = range(len(frame))
    total = int(now["place"].notna().sum())
    frame["note"] = [_note(row, total) for row in frame.to_dict("records")]
    return frame.drop(columns="seen").assign(place=frame["place"].to_numpy(float, na_value=np.nan))


class Standing(NamedTuple):
    """Where a title stands, counted as the list counts: among titles that it can hold.

    Attributes:
      place: from 1; None for a title that the list leaves out.
      found: the place that the score alone would give; None likewise.
      total: how many titles have a place.
      left_out: why it has none, as what it is; "" if it has one.
    """

    place: int | None
    found: int | None
    total: int
    left_out: str


def standing(catalogue: pd.DataFrame, title: str) -> Standing:
    """Where a title of a `whole_catalogue` stands among those that have a `place`."""
    placed_ones = catalogue["place"].notna()
    total = int(placed_ones.sum())
    row = catalogue.loc[catalogue["title"] == title].iloc[0]
    if pd.isna(row["place"]):
        return Standing(None, None, total, _left_out(row))
    found = 1 + int((catalogue["retrieved"][placed_ones] < row["retrieved"]).sum())
    return Standing(int(row["place"]), found, total, "")


def n_left_out(catalogue: pd.DataFrame) -> dict[str, int]:
    """How many titles of a `whole_catalogue` have no `place`: why, as what they are -> how many, none of them 0."""
    without = catalogue[catalogue["place"].isna()]
    future, seen = without["future"].astype(bool), without["seen"].fillna(False).astype(bool)
    counts = {_NOT_OUT: int(future.sum()), _SEEN: int((seen & ~future).sum()), _FILTERED: int((~seen & ~future).sum())}
    return {why: n for why, n in counts.items() if n}


def _left_out(row: Mapping[Hashable, Any] | pd.Series) -> str:
    """Why a title has no place in the list, as what it is."""
    if row["future"]:
        return _NOT_OUT
    return _FILTERED if pd.isna(row["seen"]) or not row["seen"] else _SEEN


def _note(row: dict[Hashable, Any], total: int) -> str:
    """What stands beside a followed title: its stars and where it stands, or why it does not stand there."""
    if not pd.isna(row["place"]):
        where = f"#{int(row['place']):,}"
        return f"{where} of {total:,}" if np.isnan(row["stars"]) else f"{row['stars']:.1f} stars, {where} of {total:,}"
    why = _left_out(row)
    return f"{row['stars']:.1f} stars, seen" if why == _SEEN and not np.isnan(row["stars"]) else why


def _of_titles(catalogue: pd.DataFrame, titles: Sequence[str]) -> pd.DataFrame:
    """Their `title`, `stars`, `place`, `future` and `seen`, in the order asked."""
    rows = _rows_of(catalogue, "title", titles)[["title", "stars", "place", "future", "seen"]]
    return rows.set_index("title").loc[list(titles)].reset_index()


def _rows_of(catalogue: pd.DataFrame, column: str, wanted: Iterable[str]) -> pd.DataFrame:
    """The rows of a few titles, best first: an index over a long catalogue would take longer than the model."""
    return catalogue[catalogue[column].isin(set(wanted))]


def rated_by(seen: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """What the viewer rated, newest first, with the stars the model predicts at the moment.

    Returns:
      `name`, `year`, `given`, `predicted` (missing for a title the model does not know), `when` (UTC, if known).
    """
    frame = describe(seen.rename(columns={"rating": "given"}))
    says = _rows_of(now, "item_id", frame["item_id"]).set_index("item_id")
    frame["predicted"] = says["stars"].reindex(frame["item_id"]).to_numpy()
    if "timestamp" in frame:
        frame["when"] = pd.to_datetime(frame["timestamp"].astype("int64"), unit="s")
    return frame


def stars_through_time(
    recommender: "Recommender", user: str, titles: Sequence[str], *, as_of_then: bool, points: int = 80
) -> pd.DataFrame:
    """Predicted stars of some titles over the whole span of the data.

    Args:
      recommender: the model.
      user: a viewer.
      titles: titles of the catalogue.
      as_of_then: read at each moment only what the viewer had rated by then.
      points: how many moments.

    Returns:
      `moment` (UTC), `title`, `name`, `stars`, `low`, `high`.
    """
    moments = np.linspace(recommender.first_moment, recommender.last_moment, points).astype(int)
    traveller = traveller_for(recommender, user, hide_seen=False, as_of_then=as_of_then)
    swept = describe(traveller.sweep(recommender, moments.tolist(), titles))
    return swept.assign(moment=pd.to_datetime(swept["at"], unit="s", utc=True))[
        ["moment", "title", "name", "stars", "low", "high"]
    ]
