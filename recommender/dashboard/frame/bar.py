"""The bar on top of every page but You: who is watching, when, and what is pinned.

It is one line: a menu that says who and when, and opens to the pickers; the clock; the pin. On a phone these are two.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recommender.dashboard.answers import personas, title_lists
from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.answers.viewers import Persona
from recommender.dashboard.bundles.manifests import summary
from recommender.dashboard.choices import address, current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.drawing import links
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import day, moment
from recommender.dashboard.frame import present, show, tour, viewer_picker

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

MOST_OPTIONS = (
    5_000  # a select box ships every option to the browser; beyond this, viewers are typed and titles searched
)
_SLIDER = "_clock"
_PERSONA = "_persona"


def choose_model(bundles: Mapping[str, Path]) -> str:
    """The name of the chosen model; it loads none of them.

    Args:
      bundles: name -> folder; the default first.
    """
    address.take_over_model(list(bundles))
    tour.choose_model(links.pages(), bundles)
    show.choose_model(bundles)
    return current.model(list(bundles))


def draw_model(bundles: Mapping[str, Path]) -> None:
    """Draws the picker of models, if there are several; also where one failed to load, which can be left so.

    Args:
      bundles: name -> folder; the default first.
    """
    if len(bundles) > 1:
        st.selectbox(
            "Model",
            list(bundles),
            key=current.MODEL,
            bind="query-params",
            persist_state="session",  # a closed menu does not send its widgets to the next page
            help="\n".join(f"- **{escape(name)}**: {escape(summary(bundle))}" for name, bundle in bundles.items()),
        )


def draw(
    frame: present.Frame, recommender: "Recommender", options: Options, bundles: Mapping[str, Path]
) -> DeltaGenerator:
    """Draws who is watching and when, and leaves what is chosen in the session.

    Args:
      frame: where to.
      recommender: the model.
      options: what may be chosen.
      bundles: all models, by name.

    Returns:
      Where the personas are drawn, see `draw_personas`.
    """
    settled = current.settle_moment(recommender, options)
    user, at = current.choices(options).user, current.choices(options).at
    who = personas.name_of(recommender, user, short=True)
    with frame.row:
        menu = present.open_menu(escape(f"{who} · {day(at)}" if options.has_clock else who), ":material/person:")
    with menu:
        names = {user: personas.name_of(recommender, user) for user in personas.named(recommender)}
        viewer_picker.draw(options, names, MOST_OPTIONS)
        shortcuts = st.container()
        if options.has_clock:
            st.datetime_input(
                "Moment, UTC",
                value=settled,
                min_value=options.first,
                max_value=options.last,
                step=timedelta(minutes=1),
                format="YYYY-MM-DD",
                key=current.AT,
                bind="query-params",
                persist_state="session",
            )
            _draw_ends(recommender, user, options)
        draw_model(bundles)
    if options.has_clock:
        chosen = current.choices(options)
        with present.fold(frame.row):
            _draw_slider(chosen, options)
            _draw_pin(chosen)
    return shortcuts


def draw_idle_clock(recommender: "Recommender") -> None:
    """Says so, if there is a clock that this model does not read."""
    if abilities_of(recommender).has_idle_clock:
        st.caption(
            f":material/timer_off: {escape(recommender.manifest.model)} does not read the clock: turning it changes "
            "nothing here."
        )


def draw_personas(place: DeltaGenerator, recommender: "Recommender", options: Options) -> None:
    """Draws personas and dice; after the page, for finding personas must not hold up a list.

    Args:
      place: where to.
      recommender: the model.
      options: what may be chosen.
    """
    with place:
        _draw_personas(personas.find(recommender), current.choices(options).user)
        st.button(
            "Someone else",
            icon=":material/casino:",
            type="tertiary",
            key="random_viewer",
            on_click=_become_anyone,
            args=(options,),
            help="A viewer drawn at random.",
        )


def _draw_ends(recommender: "Recommender", user: str, options: Options) -> None:
    """Draws buttons to the first and the last day of the viewer's ratings, where the model reads the clock."""
    profile = title_lists.viewer_profile(recommender, title_lists.version(recommender), user)
    if profile is None or profile.span is None or not abilities_of(recommender).reads_clock:
        return
    first, last = profile.span
    with st.container(horizontal=True, gap="small"):
        jump(f"First rating, {day(first)}", ":material/first_page:", first, options, "jump_first")
        if day(first) != day(last):
            jump(f"Last rating, {day(last)}", ":material/last_page:", last, options, "jump_last")


def _draw_slider(chosen: current.Choices, options: Options) -> None:
    # The slider follows the exact input, which is the one bound to the URL.
    st.session_state[_SLIDER] = current.to_clock(chosen.at)
    st.slider(
        "Turn the clock",
        min_value=options.first,
        max_value=options.last,
        step=min(timedelta(hours=6), (options.last - options.first) / 10),
        format="D MMM YYYY",
        key=_SLIDER,
        on_change=_turn_clock,
    )


def _turn_clock() -> None:
    current.choose_moment(st.session_state[_SLIDER].replace(tzinfo=None))


def _draw_pin(chosen: current.Choices) -> None:
    with st.container(horizontal=True, gap="small", width="content"):
        if chosen.pin is not None:
            st.button(
                f"Unpin {day(chosen.pin)}",
                icon=":material/keep_off:",
                key="unpin",
                on_click=current.pin,
                args=(None,),
                help=f"Pinned: {moment(chosen.pin)}. Takes the pin away.",
            )
        st.button(
            "Pin this moment" if chosen.pin is None else "Pin",
            icon=":material/keep:",
            key="pin_moment",
            on_click=current.pin,
            args=(current.to_clock(chosen.at),),
            disabled=chosen.pin == chosen.at,
            help="Keeps this moment to compare with: turn the clock and see what moves.",
        )


def _draw_personas(found: tuple[Persona, ...], user: str) -> None:
    if not found:
        return
    names = {persona.user_id: persona.name for persona in found}
    users = {persona.name: persona.user_id for persona in found}
    st.session_state[_PERSONA] = names.get(user)
    st.pills(
        "Personas",
        list(users),
        format_func=escape,
        key=_PERSONA,
        label_visibility="collapsed",
        wrap=True,
        on_change=_become,
        args=(users,),
    )


def _become(users: dict[str, str]) -> None:
    name = st.session_state[_PERSONA]
    if name in users:
        current.choose_user(users[name])


def _become_anyone(options: Options) -> None:
    current.choose_user(str(np.random.default_rng().choice(np.array(options.users.ordered, dtype=object))))


def jump(label: str, icon: str, to: int, options: Options, key: str) -> None:
    """A small button that turns the clock to a moment."""
    clock: datetime = min(max(current.to_clock(to), options.first), options.last)
    st.button(
        label,
        icon=icon,
        type="tertiary",
        key=key,
        on_click=current.choose_moment,
        args=(clock,),
        help=f"Rated then. Turns the clock to {moment(to)}.",
    )
