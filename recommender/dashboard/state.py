"""Every choice of a viewer of the page, and the only place that knows the parameters of the URL.

Widgets are bound to the URL by Streamlit (`key=` with `bind="query-params"`); the pinned moment has no widget and is
kept there by hand. Whatever comes from the browser is checked again here: a value the model does not know gives the
default.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from recommender.charts import TITLE_COLOURS, assign_colours
from recommender.dashboard.names import moment, plain

if TYPE_CHECKING:
    from recommender.serving import Recommender

USER, AT, TITLES, K, HIDE_SEEN, PIN, MODEL = "user", "at", "titles", "k", "hide_seen", "pin", "model"
DEFAULT_K = 10
MAX_K = 100
MAX_TITLES = len(TITLE_COLOURS)

_COMPLAINTS = "_complaints"
_COMPLAINED_AT = "_complained_at"
_KEPT = "_kept"
_PAGE = "_page"
_COLOURS = "_colours"


@dataclass(frozen=True)
class Choices:
    """What is chosen; all of it known to the model.

    Attributes:
      user: the viewer.
      at: the moment, UTC seconds.
      pin: the pinned moment, UTC seconds, or None.
      titles: the titles that are followed.
      k: length of the list.
      hide_seen: leave out what the viewer has rated.
    """

    user: str
    at: int
    pin: int | None
    titles: tuple[str, ...]
    k: int
    hide_seen: bool


@dataclass(frozen=True)
class Known:
    """What may be chosen: viewers and titles in the order of the pickers, and the span of the data in UTC minutes."""

    users: tuple[str, ...]
    titles: tuple[str, ...]
    first: datetime
    last: datetime

    @classmethod
    def of(cls, recommender: "Recommender") -> "Known":
        """What this model knows."""
        first = to_clock(recommender.first_moment)
        last = max(to_clock(recommender.last_moment), first + timedelta(minutes=1))
        return cls(_natural_order(recommender.user_ids), _natural_order(recommender.titles), first, last)

    @property
    def user(self) -> str:
        """The viewer who is shown first."""
        return self.users[0]


@lru_cache(maxsize=8)
def _natural_order(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", name)]))


def to_clock(seconds: int) -> datetime:
    """UTC seconds as Streamlit's widgets want them: without a zone, to the minute."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None, second=0, microsecond=0)


def to_seconds(clock: datetime) -> int:
    """What a widget holds as UTC seconds."""
    return int(clock.replace(tzinfo=UTC).timestamp())


def choices(known: Known) -> Choices:
    """What is chosen now, each value checked."""
    held = st.session_state
    user = held.get(USER, known.user)
    at = held.get(AT, known.last)
    k = held.get(K, DEFAULT_K)
    titles = held.get(TITLES) or ()
    return Choices(
        user=user if user in set(known.users) else known.user,
        at=to_seconds(at if isinstance(at, datetime) and known.first <= at <= known.last else known.last),
        pin=_pin(known),
        titles=tuple(title for title in titles if title in set(known.titles))[:MAX_TITLES],
        k=k if isinstance(k, int) and 1 <= k <= MAX_K else DEFAULT_K,
        hide_seen=bool(held.get(HIDE_SEEN, True)),
    )


def model(names: Sequence[str]) -> str:
    """Which bundle is chosen; needed before its picker can be drawn."""
    asked: str | None = st.session_state.get(MODEL) or st.query_params.get(MODEL)
    return asked if asked is not None and asked in names else names[0]


def choose_user(user: str) -> None:
    """Shows another viewer; for callbacks."""
    st.session_state[USER] = user


def choose_moment(clock: datetime) -> None:
    """Turns the clock; for callbacks."""
    st.session_state[AT] = clock


def pin(clock: datetime | None) -> None:
    """Pins a moment, or takes the pin away; for callbacks."""
    if clock is None:
        st.query_params.pop(PIN, None)
    else:
        st.query_params[PIN] = clock.strftime("%Y-%m-%dT%H:%M")


def follow(title: str, following: bool) -> None:
    """Adds a title to the followed ones, or takes it away; for callbacks."""
    titles = [other for other in st.session_state.get(TITLES) or [] if other != title]
    st.session_state[TITLES] = ([*titles, title] if following else titles)[-MAX_TITLES:]


def colours(titles: Sequence[str]) -> dict[str, str]:
    """The colour of each title, the same on every chart of every page for as long as it is shown."""
    assigned = assign_colours(titles, st.session_state.get(_COLOURS))
    st.session_state[_COLOURS] = assigned
    return assigned


def keep(chosen: Choices, *, list_drawn: bool) -> None:
    """Remembers what the next page may have no widget for; call it at the end of every page.

    Args:
      chosen: what is chosen.
      list_drawn: whether the page had the widgets of the list: its length, seen titles and followed titles.
    """
    kept: dict[str, list[str]] = {PIN: st.query_params.get_all(PIN)}
    if list_drawn:
        kept[TITLES] = list(chosen.titles)
        kept[K] = [] if chosen.k == DEFAULT_K else [str(chosen.k)]
        kept[HIDE_SEEN] = [] if chosen.hide_seen else ["false"]
    else:
        kept |= {key: st.query_params.get_all(key) for key in (TITLES, K, HIDE_SEEN)}
    st.session_state[_KEPT] = {key: values for key, values in kept.items() if values}


def arrive(page: str, known: Known) -> None:
    """Brings the choices along to another page; call it before anything reads them.

    On the way from page to page Streamlit drops the parameters of widgets that the new page has not got, and those that
    never had a widget. A page with the widget takes the value from the session, one without shows it in the URL.
    """
    if st.session_state.get(_PAGE, page) != page:
        kept = st.session_state.get(_KEPT, {})
        missing = {key: values for key, values in kept.items() if key not in st.query_params}
        if missing:
            st.query_params.update(missing)
        titles = [title for title in kept.get(TITLES, []) if title in set(known.titles)]
        st.session_state[TITLES] = titles[:MAX_TITLES]
        st.session_state[K] = _read_k(kept.get(K, [])) or DEFAULT_K
        st.session_state[HIDE_SEEN] = [value.lower() for value in kept.get(HIDE_SEEN, [])][-1:] != ["false"]
    st.session_state[_PAGE] = page


def check_url(known: Known, models: Sequence[str]) -> None:
    """Notes what is wrong with the URL a session came with. Call it before any widget: Streamlit mends the URL."""
    if _COMPLAINTS in st.session_state:
        return
    found = []
    asked = {key: st.query_params.get_all(key) for key in (USER, AT, TITLES, K, HIDE_SEEN, PIN, MODEL)}
    if asked[USER] and asked[USER][-1] not in set(known.users):
        found.append(f"viewer {plain(asked[USER][-1])!r} is not one the model knows, so this is viewer {known.user}")
    if asked[AT] and not _inside(_read_clock(asked[AT][-1]), known):
        found.append(f"{_reason(asked[AT][-1], known)}, so the clock stands at {moment(to_seconds(known.last))}")
    strangers = [title for title in asked[TITLES] if title not in set(known.titles)]
    if strangers:
        found.append(f"{plain(strangers[0])!r} is not in the catalogue and was left out")
    if len(asked[TITLES]) > MAX_TITLES:
        found.append(f"{MAX_TITLES} titles can be followed at once")
    if asked[K] and _read_k(asked[K]) is None:
        found.append(f"a list can have 1 to {MAX_K} titles, so it has {DEFAULT_K}")
    if asked[HIDE_SEEN] and asked[HIDE_SEEN][-1].lower() not in ("true", "false"):
        found.append("hide_seen is true or false, so seen titles are hidden")
    if asked[PIN] and not _inside(_read_clock(asked[PIN][-1]), known):
        found.append(f"{_reason(asked[PIN][-1], known)}, so nothing is pinned")
        pin(None)
    if asked[MODEL] and asked[MODEL][-1] not in models:
        found.append(f"there is no model {plain(asked[MODEL][-1])!r}, so this is {models[0]}")
    if len(models) == 1:
        st.query_params.pop(MODEL, None)
    st.session_state[_COMPLAINTS] = found


def complaint(chosen: Choices) -> str | None:
    """One line on what was wrong with the URL, until something else is chosen."""
    found = st.session_state.get(_COMPLAINTS)
    if not found:
        return None
    if st.session_state.setdefault(_COMPLAINED_AT, chosen) != chosen:
        st.session_state[_COMPLAINTS] = []
        return None
    return "From the address: " + "; ".join(found) + "."


def _pin(known: Known) -> int | None:
    clock = _read_clock(st.query_params.get(PIN, ""))
    return to_seconds(clock) if clock is not None and _inside(clock, known) else None


def _read_k(values: Sequence[str]) -> int | None:
    """The last of the values of ?k=, if it is a length a list can have."""
    text = values[-1] if values else ""
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,2}", text) and int(text) <= MAX_K else None


def _read_clock(text: str) -> datetime | None:
    try:
        clock = datetime.fromisoformat(text)
    except ValueError:
        return None
    if clock.tzinfo is not None:
        try:
            clock = clock.astimezone(UTC)
        except OverflowError:
            return None
    return clock.replace(tzinfo=None, second=0, microsecond=0)


def _inside(clock: datetime | None, known: Known) -> bool:
    return clock is not None and known.first <= clock <= known.last


def _reason(text: str, known: Known) -> str:
    if _read_clock(text) is None:
        return f"{plain(text)!r} is not a time like {known.last:%Y-%m-%dT%H:%M}"
    span = f"{known.first:%Y-%m-%d} to {known.last:%Y-%m-%d}"
    return f"{plain(text)!r} lies outside the data ({span})"
