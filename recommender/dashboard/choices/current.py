"""What is chosen: every choice that pages share, checked against the model that is shown.

A choice lives in the session under the key of its widget, which Streamlit binds to the address (`bind="query-params"`).
The pin, the step of the tour, the marked view that is shown, the open title and presenting have no widget: they live in
the address alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from recommender.bundle.dials import Dials
from recommender.charts import TITLE_COLOURS, assign_colours
from recommender.dashboard.choices import dial_places, filters, what_if
from recommender.dashboard.choices.filters import NO_FILTERS, Filters
from recommender.dashboard.choices.what_if import WhatIf
from recommender.serving.changes import NO_CHANGES, Changes

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

USER, AT, TITLES, K, HIDE_SEEN, PIN, MODEL = "user", "at", "titles", "k", "hide_seen", "pin", "model"
ALL_KNOWN, FUTURE, TABLE = "all_known", "future", "table"
SWITCHES = {
    HIDE_SEEN: True,
    ALL_KNOWN: False,
    FUTURE: False,
    TABLE: False,
}  # of the list, and how they stand unless turned
FILTERS, DIALS, WHAT_IF = "_filters", "_dials", "_what_if"  # in the session
WRITTEN = {FILTERS: filters, DIALS: dial_places, WHAT_IF: what_if}  # how the address says them
STEP, PRESENT = "step", "present"
MARKED, VIEWS = "marked", "views"  # which marked view is shown; all of them, in a link
MOVIE = "movie"  # the title that is open on the page Movies
DEFAULT_K = 10
MAX_K = 100
MAX_TITLES = len(TITLE_COLOURS)

_COLOURS = "_colours"
_UNCHOSEN = "_unchosen_moment"  # where the clock stands by itself


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
      as_of_then: read, and count as seen, only what the viewer had rated by the moment; where the data have times.
      show_future: as of then, list also titles that were not out.
      at_rest: where the clock stands for the viewer until it is turned, UTC seconds; `at` if None.
      as_cards: show the list as cards, not as a table.
      filters: which titles the list may hold.
      dials: how lists are turned, on the pages that offer the dials.
      changes: what is supposed of the viewer, on the page that lets one suppose it.
    """

    user: str
    at: int
    pin: int | None
    titles: tuple[str, ...]
    k: int
    hide_seen: bool
    as_of_then: bool = False
    show_future: bool = False
    at_rest: int | None = None
    as_cards: bool = False
    filters: Filters = NO_FILTERS
    dials: Dials = Dials()  # noqa: RUF009
    changes: Changes = NO_CHANGES

    @property
    def follows_from(self) -> int:
        """The moment whose first titles are followed until others are: one that does not turn with the clock."""
        return self.at if self.at_rest is None else self.at_rest

    def asked(self, recommender: "Recommender", at: int | None = None) -> "Recommender":
        """The model as it is asked at a moment, UTC seconds; that of the clock if None."""
        return recommender.as_of(self.at if at is None else at) if self.as_of_then else recommender


@dataclass(frozen=True)
class Opening:
    """With whom a page opens, and where the clock stands for them until it is turned, UTC seconds."""

    user: str
    at: int


@dataclass(frozen=True)
class Options:
    """What may be chosen.

    Attributes:
      users: viewers in the order of the picker.
      titles: titles in the order of the picker.
      first: the start of the data's span, UTC to the minute.
      last: its end, at least a minute later.
      has_clock: whether the data have times; if not, the span means nothing and no moment can be chosen.
      opening: a viewer of whom there is something to see, or None.
    """

    users: "Names"
    titles: "Names"
    first: datetime
    last: datetime
    has_clock: bool = True
    opening: Opening | None = None

    @property
    def first_user(self) -> str:
        """The viewer who is shown first."""
        return self.users.ordered[0] if self.opening is None else self.opening.user


@dataclass(frozen=True)
class Names:
    """Names as a picker lists them (2 before 10), and a set of the same to look one up in."""

    ordered: tuple[str, ...]
    all: frozenset[str]

    def __contains__(self, name: object) -> bool:
        return name in self.all

    def __len__(self) -> int:
        return len(self.ordered)


def options_of(recommender: "Recommender", opening: Opening | None = None) -> Options:
    """What may be chosen with this model, which opens with the first viewer of the picker unless told with whom."""
    first = to_clock(recommender.first_moment)
    last = max(to_clock(recommender.last_moment), first + timedelta(minutes=1))
    has_clock = recommender.manifest.data.has_timestamps
    return Options(_in_order(recommender.user_ids), _in_order(recommender.titles), first, last, has_clock, opening)


@lru_cache(maxsize=8)  # sorting 60,000 titles takes longer than drawing a page
def _in_order(names: tuple[str, ...]) -> Names:
    def pieces(name: str) -> list[str | tuple[int, str]]:
        """Text and numbers in turn; a number, of any length, by its digits."""
        parts = re.split(r"(\d+)", name)
        return [(len(digits := part.lstrip("0")), digits) if n % 2 else part for n, part in enumerate(parts)]

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
    user = held.get(USER, options.first_user)
    at = held.get(AT, options.last)
    k = held.get(K, DEFAULT_K)
    user = user if user in options.users else options.first_user
    return Choices(
        user=user,
        at=to_seconds(at if isinstance(at, datetime) and is_inside(at, options) else options.last)
        if options.has_clock
        else 0,
        pin=_pin(options),
        titles=followed(options),
        k=k if isinstance(k, int) and 1 <= k <= MAX_K else DEFAULT_K,
        hide_seen=_is_on(HIDE_SEEN),
        as_of_then=options.has_clock and not _is_on(ALL_KNOWN),
        show_future=_is_on(FUTURE),
        at_rest=to_seconds(held[_UNCHOSEN]) if options.has_clock and _UNCHOSEN in held else None,
        as_cards=not _is_on(TABLE),
        filters=held.get(FILTERS, NO_FILTERS),
        dials=held.get(DIALS, Dials()),
        changes=held.get(WHAT_IF, WhatIf()).changes_for(user),
    )


def _is_on(switch: str) -> bool:
    return bool(st.session_state.get(switch, SWITCHES[switch]))


def model(names: Sequence[str]) -> str:
    """Which bundle is chosen: that of the session or else of the address, if there is one of this name."""
    asked: str | None = st.session_state.get(MODEL) or st.query_params.get(MODEL)
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


def settle_moment(recommender: "Recommender", options: Options) -> datetime:
    """Moves a clock that nobody has set to where it stands by itself; to be called just before it is drawn.

    Args:
      recommender: the model.
      options: what may be chosen.

    Returns:
      That moment: of the viewer the last that the model knows of, as in the examination of models; of the viewer with
      whom pages open the middle of their ratings, so that there is something on either side; without ratings, the last
      of the data.
    """
    user, opening = choices(options).user, options.opening
    own = opening is not None and user == opening.user
    moment = to_clock(opening.at if opening is not None and own else recommender.last_known_moment(user))
    moment = min(max(moment, options.first), options.last)
    if not moment_is_chosen():
        st.session_state[AT] = moment
    st.session_state[_UNCHOSEN] = moment
    return moment


def moment_is_chosen() -> bool:
    """Whether somebody has set the clock."""
    held = st.session_state
    return AT in held and held[AT] != held.get(_UNCHOSEN)


def leave_moment(options: Options) -> None:
    """Takes back that somebody has set the clock."""
    st.session_state[AT] = st.session_state[_UNCHOSEN] = options.last


def choose_layout(*, table: bool) -> None:
    """Shows lists as a table or as cards; for callbacks."""
    st.session_state[TABLE] = table


def narrow(**changes: Any) -> None:
    """Changes some of the filters of lists, named as those of `Filters`; for callbacks."""
    st.session_state[FILTERS] = replace(st.session_state.get(FILTERS, NO_FILTERS), **changes)


def list_written() -> dict[str, list[str]]:
    """The parameters that say how lists are narrowed and turned and what is supposed, also those that say nothing."""
    rest: dict[str, Any] = {FILTERS: NO_FILTERS, DIALS: Dials(), WHAT_IF: WhatIf()}
    found: dict[str, list[str]] = {}
    held = st.session_state
    for key, written in WRITTEN.items():
        found |= written.write(held.get(key, rest[key]))
    supposed = held.get(WHAT_IF, WhatIf())
    if held.get(USER, supposed.user) != supposed.user:  # the address is of another viewer, and says nothing of them
        found |= what_if.write(WhatIf())
    return found


def turn(**places: float) -> None:
    """Turns some of the dials, named as those of `Dials`; for callbacks."""
    st.session_state[DIALS] = replace(st.session_state.get(DIALS, Dials()), **places)


def suppose(user: str, changes: Changes) -> None:
    """Supposes this of a viewer, and nothing else of anybody; for callbacks."""
    st.session_state[WHAT_IF] = WhatIf(user, changes)


def put_aside(title: str) -> None:
    """Takes a title out of lists until it is taken back; for callbacks."""
    aside = st.session_state.get(FILTERS, NO_FILTERS).aside
    narrow(aside=tuple(dict.fromkeys([*aside, title])))


def pin(clock: datetime | None) -> None:
    """Pins a moment, or takes the pin away; for callbacks."""
    if clock is None:
        st.query_params.pop(PIN, None)
    else:
        st.query_params[PIN] = write_clock(clock)


def presenting() -> bool:
    """Whether the page is shown to an audience, its controls folded away."""
    return st.query_params.get(PRESENT, "").lower() == "true"


def follow(title: str, following: bool) -> None:
    """Adds a title to the followed ones, or takes it away; for callbacks."""
    titles = [other for other in st.session_state[TITLES] if other != title]
    st.session_state[TITLES] = ([*titles, title] if following else titles)[-MAX_TITLES:]


def followed(options: Options) -> tuple[str, ...]:
    """The titles that are followed, on pages with their picker and without."""
    titles = st.session_state.get(TITLES) or ()
    return tuple(title for title in titles if title in options.titles)[:MAX_TITLES]


def colours(titles: Sequence[str]) -> dict[str, str]:
    """The colour of each title, the same on every chart of every page for as long as it is shown."""
    assigned = assign_colours(titles, st.session_state.get(_COLOURS))
    st.session_state[_COLOURS] = assigned
    return assigned


def _pin(options: Options) -> int | None:
    clock = read_clock(st.query_params.get(PIN, "")) if options.has_clock else None
    return to_seconds(clock) if clock is not None and is_inside(clock, options) else None


def read_clock(text: str) -> datetime | None:
    """A moment of the address as Streamlit's widgets want it, see `to_clock`; None if it is none."""
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


def write_clock(clock: datetime) -> str:
    """A moment as the address says it."""
    return clock.strftime("%Y-%m-%dT%H:%M")


def is_inside(clock: datetime | None, options: Options) -> bool:
    """Whether this is a moment within the data's span."""
    return clock is not None and options.first <= clock <= options.last
