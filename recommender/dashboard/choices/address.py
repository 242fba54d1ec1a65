"""What the address asks for: taken over into a session that begins, and checked once."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import ModuleType

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recommender.dashboard.choices import current, dial_places, filters, notice, what_if
from recommender.dashboard.choices.current import DEFAULT_K, MAX_K, MAX_TITLES, Choices, Options
from recommender.dashboard.drawing.markdown import plain

_CHECKED = "_address_checked"
_USUALLY = {
    current.HIDE_SEEN: "seen titles are hidden",
    current.ALL_KNOWN: "the page stands as of then",
    current.FUTURE: "what was not out is left out",
    current.TABLE: "the list stands as cards",
}
_MODEL_ASKED = "_model_asked"


def went_back() -> bool:
    """Whether the browser went back or forth to this address; who writes into it then, ends the way forth."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and context.is_history_navigation


def says_all() -> bool:
    """Whether the address says all that was chosen there: those that pages leave behind on the way name no viewer."""
    return current.USER in st.query_params


def take_over_model(models: Sequence[str]) -> None:
    """Takes over which model the address asks for, and notes what it asked as the session began."""
    asked = st.query_params.get(current.MODEL)
    st.session_state.setdefault(_MODEL_ASKED, asked)
    if went_back() and says_all():
        st.session_state[current.MODEL] = asked if asked in models else models[0]


def take_over_viewer_and_moment(options: Options) -> None:
    """Takes both over as a session begins, and where the browser went back or forth; also on a page without the bar."""
    asked, user = st.query_params, st.query_params.get(current.USER)
    at = current.read_clock(asked.get(current.AT, ""))
    if went_back() and says_all():
        st.session_state.pop(current.AT, None)
        st.session_state[current.USER] = user if user in options.users else options.first_user
    elif current.USER not in st.session_state and user in options.users:
        st.session_state[current.USER] = user
    if current.AT not in st.session_state and options.has_clock and current.is_inside(at, options):
        st.session_state[current.AT] = at


def write_viewer(options: Options) -> None:
    """Writes the viewer into the address, also whom pages open with, see `says_all`.

    Streamlit would bind the picker to the address by its labels, and a label may be a persona's name.
    """
    chosen = current.choices(options).user
    if st.query_params.get(current.USER) != chosen and not went_back():
        st.query_params[current.USER] = chosen


def take_over_list(options: Options) -> None:
    """Takes over what the address says of the list, which a page without the list's controls would not.

    It does so as a session begins, and where the browser went back or forth to an address that says it.
    """
    asked = st.query_params
    read = {
        current.TITLES: list(_read_titles(asked.get_all(current.TITLES), options)),
        current.K: _read_k(asked.get_all(current.K)) or DEFAULT_K,
        **{key: _read_switch(asked.get_all(key), usual) for key, usual in current.SWITCHES.items()},
    }
    for key, value in read.items():
        if key not in st.session_state or (went_back() and says_all()):
            st.session_state[key] = value
    for key, written in current.WRITTEN.items():
        found = _asked_of(written)
        if key not in st.session_state or (went_back() and says_all()):
            st.session_state[key] = written.read(found)
    narrowed = st.session_state[current.FILTERS]
    known = tuple(title for title in narrowed.aside if title in options.titles)
    st.session_state[current.FILTERS] = replace(narrowed, aside=known)


def choices_of(asked: Mapping[str, Sequence[str]], options: Options) -> Choices:
    """What an address chooses, without a session: what it does not say, or what cannot be, is as it always is.

    Args:
      asked: the parameters of the address.
      options: what may be chosen.
    """
    last = {key: values[-1] for key, values in asked.items() if values}
    at, pin = (current.read_clock(last.get(key, "")) for key in (current.AT, current.PIN))
    user = last.get(current.USER, "")
    on = {key: _read_switch(asked.get(key, ()), usual) for key, usual in current.SWITCHES.items()}
    user = user if user in options.users else options.first_user
    return Choices(
        user=user,
        at=_seconds(at, options) or current.to_seconds(options.last) * options.has_clock,
        pin=_seconds(pin, options),
        titles=_read_titles(asked.get(current.TITLES, ()), options),
        k=_read_k(asked.get(current.K, ())) or DEFAULT_K,
        hide_seen=on[current.HIDE_SEEN],
        as_of_then=options.has_clock and not on[current.ALL_KNOWN],
        show_future=on[current.FUTURE],
        as_cards=not on[current.TABLE],
        filters=filters.read(asked),
        dials=dial_places.read(asked),
        changes=what_if.read(asked).changes_for(user),
    )


def _seconds(clock: datetime | None, options: Options) -> int | None:
    """A moment that the model can be asked for; None if it cannot."""
    possible = options.has_clock and clock is not None and current.is_inside(clock, options)
    return current.to_seconds(clock) if possible and clock is not None else None


def _read_titles(asked: Sequence[str], options: Options) -> tuple[str, ...]:
    return tuple(title for title in asked if title in options.titles)[:MAX_TITLES]


def check(options: Options, models: Sequence[str], check_page: Callable[[], Sequence[str]] = tuple) -> None:
    """Says once in a session what is wrong with the address, and mends it where no widget does.

    Args:
      options: what may be chosen.
      models: names of all bundles.
      check_page: gives what is wrong with the parameters that only the page has, one clause each.
    """
    if _CHECKED in st.session_state:
        return
    st.session_state[_CHECKED] = True
    keys = (current.USER, current.TITLES, current.K, *current.SWITCHES)
    asked = {key: st.query_params.get_all(key) for key in keys}
    wrong = []
    if asked[current.USER] and (user := asked[current.USER][-1]) not in options.users:
        wrong.append(
            f"viewer '{plain(user)}' is not one the model knows, so this is viewer {plain(options.first_user)}"
        )
    wrong += _check_moments(options)
    unknown = [title for title in asked[current.TITLES] if title not in options.titles]
    if unknown:
        wrong.append(f"'{plain(unknown[0])}' is not in the catalogue and was left out")
    if len(asked[current.TITLES]) > MAX_TITLES:
        wrong.append(f"{MAX_TITLES} titles can be followed at once")
    if asked[current.K] and _read_k(asked[current.K]) is None:
        wrong.append(f"a list can have 1 to {MAX_K} titles, so it has {DEFAULT_K}")
    wrong += [
        f"{key} is true or false, so {_USUALLY[key]}"
        for key in current.SWITCHES
        if asked[key] and asked[key][-1].lower() not in ("true", "false")
    ]
    wrong += [
        f"{name} cannot be '{plain(found[name][-1])}', so it is not asked for"
        for written, found in ((written, _asked_of(written)) for written in current.WRITTEN.values())
        for name in written.wrong_in(found)
    ]
    model = st.session_state.get(_MODEL_ASKED)
    if model is not None and model not in models:
        wrong.append(f"there is no model '{plain(model)}', so this is {plain(models[0])}")
    if len(models) == 1 or model not in models:  # there may be no picker to mend it
        st.query_params.pop(current.MODEL, None)
    notice.write("From the address: ", [*wrong, *check_page()])


def _asked_of(written: ModuleType) -> dict[str, list[str]]:
    """What the address says of the parameters that something is written as."""
    return {name: st.query_params.get_all(name) for name in written.NAMES}


def _check_moments(options: Options) -> list[str]:
    """What is wrong with the moment and the pin; a pin that cannot be is taken away."""
    at, pin = (st.query_params.get_all(key)[-1:] for key in (current.AT, current.PIN))
    if not options.has_clock:
        st.query_params.pop(current.AT, None)
        current.pin(None)
        return ["this model's data have no times, so there is no moment to choose"] if at or pin else []
    wrong = []
    if at and (reason := _why_no_moment(at[0], options)):
        wrong.append(f"{reason}, so no moment is chosen")
        st.query_params.pop(current.AT, None)
    if pin and (reason := _why_no_moment(pin[0], options)):
        wrong.append(f"{reason}, so nothing is pinned")
        current.pin(None)
    return wrong


def _why_no_moment(text: str, options: Options) -> str:
    """Why the model cannot be asked for this moment; empty if it can."""
    clock = current.read_clock(text)
    if clock is None:
        return f"'{plain(text)}' is not a time like {current.write_clock(options.last)}"
    if not current.is_inside(clock, options):
        return f"'{plain(text)}' lies outside the data ({options.first:%Y-%m-%d} to {options.last:%Y-%m-%d})"
    return ""


def _read_switch(values: Sequence[str], usual: bool) -> bool:
    text = values[-1].lower() if values else ""
    return text == "true" if text in ("true", "false") else usual


def _read_k(values: Sequence[str]) -> int | None:
    """The last of the values of ?k=, if it is a length a list can have."""
    text = values[-1] if values else ""
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,2}", text) and int(text) <= MAX_K else None
