"""The choices on their way from page to page, and from model to model; for the shell."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.errors import StreamlitAPIException

from recommender.dashboard.choices import address, current, notice
from recommender.dashboard.choices.current import Opening, Options
from recommender.dashboard.drawing.markdown import plain
from recommender.dashboard.drawing.words import day

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_IN_THE_BAR = (current.USER, current.AT, current.MODEL)  # which not every page has
_PAGE = "_page"
_WITHOUT_WIDGET = "_without_widget"
_MODEL_SHOWN = "_model_shown"
_LAST_PIN = "_last_pin"


@contextmanager
def to_page(page: str) -> Iterator[None]:
    """Keeps the whole view in the address of every page; the page is drawn inside.

    On the way to another page Streamlit keeps in the session what a bound widget holds, also for pages without the
    widget. But it drops from the address what has no widget on the new page.

    Where the browser went back or forth, the address says all, and nothing is carried.

    Args:
      page: the path of the page that is drawn.
    """
    if st.session_state.get(_PAGE, page) != page and not address.went_back():
        carried: dict[str, list[str]] = {**st.session_state.get(_WITHOUT_WIDGET, {}), **_list_parameters()}
        missing = {key: values for key, values in carried.items() if values and key not in st.query_params}
        with suppress(StreamlitAPIException):
            st.query_params.update(missing)  # at once: every writing is a step of the browser's history
    st.session_state[_PAGE] = page
    try:
        yield
        if not address.went_back():
            _write_list()
    finally:
        keys = (current.PIN, current.STEP, current.MARKED, current.MOVIE, current.PRESENT, *_IN_THE_BAR)
        st.session_state[_WITHOUT_WIDGET] = {key: st.query_params.get_all(key) for key in keys}


def _write_list() -> None:
    for key, values in _list_parameters().items():
        if st.query_params.get_all(key) != values:
            with suppress(StreamlitAPIException):  # the page has its widget, which writes the address itself
                if values:
                    st.query_params[key] = values
                else:
                    st.query_params.pop(key, None)


def _list_parameters() -> dict[str, list[str]]:
    """What the address has to say of the list in this session: nothing of what is as it always is."""
    held = st.session_state
    if current.TITLES not in held:  # the session has not begun: there was no model to show yet
        return {}
    return {
        current.TITLES: list(held[current.TITLES]),
        current.K: [] if held[current.K] == current.DEFAULT_K else [str(held[current.K])],
        **{key: [] if held[key] == usual else [str(not usual).lower()] for key, usual in current.SWITCHES.items()},
        **current.list_written(),
    }


def to_model(
    name: str,
    recommender: "Recommender",
    models: Sequence[str],
    opening: Opening | None,
    check_page: Callable[[Options], Sequence[str]],
) -> Options:
    """Fits what is chosen, and the address, to the model that is shown.

    Every widget needs the options that this returns, so none is drawn before.

    Args:
      name: of the model's bundle.
      recommender: the model.
      models: names of all bundles.
      opening: with whom its pages open.
      check_page: gives what is wrong with the parameters that only the page has, one clause each.

    Returns:
      What may be chosen.
    """
    options = current.options_of(recommender, opening)
    address.check(options, models, lambda: check_page(options))
    address.take_over_list(options)
    address.take_over_viewer_and_moment(options)
    before = st.session_state.get(_MODEL_SHOWN, name)
    st.session_state[_MODEL_SHOWN] = name
    if before != name and current.USER in st.session_state:
        notice.write("This model knows ", [*_fit_viewer(options), *_fit_titles(options), *_fit_moments(options)])
    return options


def _fit_viewer(options: Options) -> list[str]:
    user = st.session_state[current.USER]
    found = user in options.users
    current.choose_user(user if found else options.first_user)
    return [] if found else [f"no viewer '{plain(user)}', so this is viewer {plain(options.first_user)}"]


def _fit_titles(options: Options) -> list[str]:
    titles = st.session_state[current.TITLES]
    unknown = [title for title in titles if title not in options.titles]
    st.session_state[current.TITLES] = [title for title in titles if title in options.titles]
    return [f"no title '{plain(unknown[0])}', which is no longer followed"] if unknown else []


def _fit_moments(options: Options) -> list[str]:
    """Moment and pin outlive a model whose data have no times: those chosen before come back after it."""
    pin = current.read_clock(st.query_params.get(current.PIN, "")) or st.session_state.get(_LAST_PIN)
    if not options.has_clock:
        st.session_state[_LAST_PIN] = pin
        current.pin(None)
        return []
    st.session_state.pop(_LAST_PIN, None)
    wrong = []
    clock = st.session_state.get(current.AT, options.last)
    if not current.moment_is_chosen():
        current.leave_moment(options)
    elif not current.is_inside(clock, options):
        wrong.append(f"nothing of {day(current.to_seconds(clock))}, so no moment is chosen")
        current.leave_moment(options)
    if pin is not None and not current.is_inside(pin, options):
        wrong.append("nothing of the pinned moment")
        pin = None
    current.pin(pin)
    return wrong
