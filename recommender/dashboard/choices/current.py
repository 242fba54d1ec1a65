"""Every choice that pages share, checked again here: a value the model does not know gives the default.

Widgets are bound to the URL by Streamlit (`key=` with `bind="query-params"`); what has no widget is kept there by hand.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from recommender.charts import TITLE_COLOURS, assign_colours
from recommender.dashboard.drawing.markdown import plain
from recommender.dashboard.drawing.words import day, moment

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

USER, AT, TITLES, K, HIDE_SEEN, PIN, MODEL = "user", "at", "titles", "k", "hide_seen", "pin", "model"
STEP, PRESENT = "step", "present"
MOVIE = "movie"  # the title that is open on the page Movies; kept by hand as the pin is, see opened.py
DEFAULT_K = 10
MAX_K = 100
MAX_TITLES = len(TITLE_COLOURS)

_COMPLAINTS = "_complaints"
_COMPLAINED_AT = "_complained_at"
_KEPT = "_kept"
_MODEL_ASKED = "_model_asked"
_MODEL_SHOWN = "_model_shown"
_BEFORE = "_before"
_PAGE = "_page"
_COLOURS = "_colours"


@dataclass(frozen=True)
class Choices:
    """What is chosen; all of it known to the model.

    Attributes:
      user: the viewer.
      at: the moment, UTC seconds; 0 where the data have no times.
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
class Options:
    """What may be chosen.

    Attributes:
      users: viewers in the order of the picker.
      titles: titles in the order of the picker.
      first: the start of the data's span, UTC to the minute.
      last: its end, at least a minute later.
      has_clock: whether the data have times; if not, the span means nothing and no moment can be chosen.
    """

    users: "Names"
    titles: "Names"
    first: datetime
    last: datetime
    has_clock: bool = True

    @property
    def user(self) -> str:
        """The viewer who is shown first."""
        return self.users.ordered[0]


@dataclass(frozen=True)
class Names:
    """Names as a picker lists them (2 before 10), and a set of the same to look one up in."""

    ordered: tuple[str, ...]
    all: frozenset[str]

    def __contains__(self, name: object) -> bool:
        return name in self.all

    def __len__(self) -> int:
        return len(self.ordered)


def options_of(recommender: "Recommender") -> Options:
    """What may be chosen with this model."""
    first = to_clock(recommender.first_moment)
    last = max(to_clock(recommender.last_moment), first + timedelta(minutes=1))
    has_clock = recommender.manifest.data.has_timestamps
    return Options(_in_order(recommender.user_ids), _in_order(recommender.titles), first, last, has_clock)


@lru_cache(maxsize=8)  # sorting 60,000 titles takes longer than drawing a page
def _in_order(names: tuple[str, ...]) -> Names:
    def pieces(name: str) -> list[str | int]:
        return [int(p) if p.isdecimal() else p for p in re.split(r"(\d+)", name)]

    return Names(tuple(sorted(names, key=pieces)), frozenset(names))


def to_clock(seconds: int) -> datetime:
    """UTC seconds as Streamlit's widgets want them: without a zone, to the minute."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None, second=0, microsecond=0)


def to_seconds(clock: datetime) -> int:
    """What a widget holds as UTC seconds."""
    return int(clock.replace(tzinfo=UTC).timestamp())


def choices(options: Options) -> Choices:
    """What is chosen now, each value checked."""
    held = st.session_state
    user = held.get(USER, options.user)
    at = held.get(AT, options.last)
    k = held.get(K, DEFAULT_K)
    titles = held.get(TITLES) or ()
    return Choices(
        user=user if user in options.users else options.user,
        at=to_seconds(at if isinstance(at, datetime) and _inside(at, options) else options.last)
        if options.has_clock
        else 0,
        pin=_pin(options),
        titles=tuple(title for title in titles if title in options.titles)[:MAX_TITLES],
        k=k if isinstance(k, int) and 1 <= k <= MAX_K else DEFAULT_K,
        hide_seen=bool(held.get(HIDE_SEEN, True)),
    )


def model(names: Sequence[str]) -> str:
    """Which bundle is chosen; call it before its picker is drawn, which mends the URL."""
    asked: str | None = st.session_state.get(MODEL) or st.query_params.get(MODEL)
    st.session_state.setdefault(_MODEL_ASKED, st.query_params.get(MODEL))
    return asked if asked is not None and asked in names else names[0]


def choose_model(name: str) -> None:
    """Shows another model; for callbacks."""
    st.session_state[MODEL] = name


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


def presenting() -> bool:
    """Whether the page is shown to an audience, its controls folded away."""
    return st.query_params.get(PRESENT, "").lower() == "true"


def follow(title: str, following: bool) -> None:
    """Adds a title to the followed ones, or takes it away; for callbacks."""
    titles = [other for other in st.session_state.get(TITLES) or [] if other != title]
    st.session_state[TITLES] = ([*titles, title] if following else titles)[-MAX_TITLES:]


def followed(options: Options) -> tuple[str, ...]:
    """The followed titles before their picker is drawn: those of the session, or of the URL it came with."""
    titles = st.session_state[TITLES] if TITLES in st.session_state else st.query_params.get_all(TITLES)
    return tuple(title for title in titles if title in options.titles)[:MAX_TITLES]


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
    kept: dict[str, list[str]] = {key: st.query_params.get_all(key) for key in (PIN, STEP, MOVIE)}
    if list_drawn:
        kept[TITLES] = list(chosen.titles)
        kept[K] = [] if chosen.k == DEFAULT_K else [str(chosen.k)]
        kept[HIDE_SEEN] = [] if chosen.hide_seen else ["false"]
    else:
        kept |= {key: st.query_params.get_all(key) for key in (TITLES, K, HIDE_SEEN)}
    st.session_state[_KEPT] = {key: values for key, values in kept.items() if values}
    before: Choices = st.session_state.get(_BEFORE, chosen)
    # Data without times tell nothing of the moment, so the one chosen before is kept for the model after this one.
    timed = chosen if chosen.at > 0 else before
    listed = chosen if list_drawn else before
    st.session_state[_BEFORE] = replace(listed, user=chosen.user, at=timed.at, pin=timed.pin)


def arrive(page: str, options: Options) -> None:
    """Brings the choices along to another page; call it before anything reads them.

    On the way from page to page Streamlit drops the parameters of widgets that the new page has not got, and those that
    never had a widget. A page with the widget takes the value from the session, one without shows it in the URL.
    """
    if st.session_state.get(_PAGE, page) != page:
        kept = st.session_state.get(_KEPT, {})
        missing = {key: values for key, values in kept.items() if key not in st.query_params}
        if missing:
            st.query_params.update(missing)
        titles = [title for title in kept.get(TITLES, []) if title in options.titles]
        st.session_state[TITLES] = titles[:MAX_TITLES]
        st.session_state[K] = _read_k(kept.get(K, [])) or DEFAULT_K
        st.session_state[HIDE_SEEN] = [value.lower() for value in kept.get(HIDE_SEEN, [])][-1:] != ["false"]
    st.session_state[_PAGE] = page


def change_model(model: str, options: Options) -> None:
    """Brings the choices along to another model; call it before any widget.

    What the other model does not know gives the default, and one line that says so.
    """
    shown = st.session_state.get(_MODEL_SHOWN, model)
    st.session_state[_MODEL_SHOWN] = model
    before: Choices | None = st.session_state.get(_BEFORE)
    if shown == model or before is None:
        return
    found = []
    if before.user not in options.users:
        found.append(f"no viewer '{plain(before.user)}', so this is viewer {plain(options.user)}")
    strangers = [title for title in before.titles if title not in options.titles]
    if strangers:
        found.append(f"no title '{plain(strangers[0])}', which is no longer followed")
    if options.has_clock:
        clock = to_clock(before.at)
        if before.at > 0 and not _inside(clock, options):
            found.append(f"nothing of {day(before.at)}, so the clock stands at {moment(to_seconds(options.last))}")
        st.session_state[AT] = clock if _inside(clock, options) else options.last
        pinned = None if before.pin is None else to_clock(before.pin)
        if pinned is not None and not _inside(pinned, options):
            found.append("nothing of the pinned moment")
        pin(pinned if _inside(pinned, options) else None)
    else:
        pin(None)
    st.session_state[USER] = before.user if before.user in options.users else options.user
    st.session_state[K] = before.k
    st.session_state[HIDE_SEEN] = before.hide_seen
    st.session_state[TITLES] = [title for title in before.titles if title in options.titles]
    _complain("This model knows ", found)


def check_url(options: Options, models: Sequence[str], of_page: Callable[[], Sequence[str]] = tuple) -> None:
    """Notes once, before widgets mend it, what is wrong with the URL; of a page's own parameters, `of_page` says."""
    if _COMPLAINTS in st.session_state:
        return
    found = []
    asked = {key: st.query_params.get_all(key) for key in (USER, AT, TITLES, K, HIDE_SEEN, PIN)}
    if asked[USER] and (user := asked[USER][-1]) not in options.users:
        found.append(f"viewer '{plain(user)}' is not one the model knows, so this is viewer {plain(options.user)}")
    if not options.has_clock:
        if asked[AT] or asked[PIN]:
            found.append("this model's data have no times, so there is no moment to choose")
            st.query_params.pop(AT, None)
            pin(None)
        asked[AT] = asked[PIN] = []
    if asked[AT] and not _inside(_read_clock(asked[AT][-1]), options):
        found.append(f"{_reason(asked[AT][-1], options)}, so the clock stands at {moment(to_seconds(options.last))}")
    strangers = [title for title in asked[TITLES] if title not in options.titles]
    if strangers:
        found.append(f"'{plain(strangers[0])}' is not in the catalogue and was left out")
    if len(asked[TITLES]) > MAX_TITLES:
        found.append(f"{MAX_TITLES} titles can be followed at once")
    if asked[K] and _read_k(asked[K]) is None:
        found.append(f"a list can have 1 to {MAX_K} titles, so it has {DEFAULT_K}")
    if asked[HIDE_SEEN] and asked[HIDE_SEEN][-1].lower() not in ("true", "false"):
        found.append("hide_seen is true or false, so seen titles are hidden")
    if asked[PIN] and not _inside(_read_clock(asked[PIN][-1]), options):
        found.append(f"{_reason(asked[PIN][-1], options)}, so nothing is pinned")
        pin(None)
    named = st.session_state.get(_MODEL_ASKED)
    if named is not None and named not in models:
        found.append(f"there is no model '{plain(named)}', so this is {plain(models[0])}")
    if len(models) == 1:
        st.query_params.pop(MODEL, None)
    _complain("From the address: ", [*found, *of_page()])


def _complain(of: str, found: Sequence[str]) -> None:
    st.session_state[_COMPLAINTS] = f"{of}{'; '.join(found)}." if found else ""
    st.session_state.pop(_COMPLAINED_AT, None)


def complaint(chosen: Choices) -> str | None:
    """One line on what was wrong with the URL or unknown to the model, until something else is chosen."""
    found: str = st.session_state.get(_COMPLAINTS, "")
    if found and st.session_state.setdefault(_COMPLAINED_AT, chosen) != chosen:
        st.session_state[_COMPLAINTS] = found = ""
    return found or None


def _pin(options: Options) -> int | None:
    clock = _read_clock(st.query_params.get(PIN, "")) if options.has_clock else None
    return to_seconds(clock) if clock is not None and _inside(clock, options) else None


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


def _inside(clock: datetime | None, options: Options) -> bool:
    return clock is not None and options.first <= clock <= options.last


def _reason(text: str, options: Options) -> str:
    if _read_clock(text) is None:
        return f"'{plain(text)}' is not a time like {options.last:%Y-%m-%dT%H:%M}"
    span = f"{options.first:%Y-%m-%d} to {options.last:%Y-%m-%d}"
    return f"'{plain(text)}' lies outside the data ({span})"
