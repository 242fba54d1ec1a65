"""What if this viewer had rated otherwise, or were somebody else: the menu that supposes it, and the line that says so.

What is supposed stands in the address; nothing is worked out while the menu is closed and nothing is supposed.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.answers import searching, supposing
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.drawing.words import gave_in_words, sentence_case
from recommender.dashboard.frame.bar import MOST_OPTIONS
from recommender.dashboard.parts import star_steps
from recommender.data.schema import TAKEN
from recommender.data.titles import short_name, spoken_name
from recommender.serving.changes import NO_CHANGES, Changes

if TYPE_CHECKING:
    from recommender.data.schema import RatingScale
    from recommender.serving.recommender import Recommender

_RATED, _OTHER, _SEARCH, _MADE = "_if_rated", "_if_other", "_if_search", "_if_made"
_MOST_FOUND = 50


def offered(recommender: "Recommender") -> bool:
    """Whether there is anything to suppose: the model reads ratings, or what else is said of viewers."""
    return supposing.reads_ratings(recommender) or bool(supposing.viewer_kinds(recommender).names)


def draw(recommender: "Recommender", chosen: Choices, options: Options) -> None:
    """Draws the menu, folded into a button; nothing for a model that reads nothing of viewers.

    Args:
      recommender: the model, of viewers as they are.
      chosen: the viewer, and what is supposed of them.
      options: the titles.
    """
    if not offered(recommender):
        return
    menu = st.popover("What if", icon=":material/alt_route:", key="what_if", width="content", on_change="rerun")
    if not menu.open:
        return
    with menu:
        st.caption("Change what this viewer did or is, and the list answers. Nothing of it is kept.")
        if supposing.reads_ratings(recommender):
            _draw_ratings(recommender, chosen, options)
        _draw_features(recommender, chosen)
        _draw_made(recommender, chosen)


def draw_what_is_supposed(said: str, chosen: Choices) -> None:
    """Draws what is supposed, and a way to take it back; nothing without a sentence."""
    if not said:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small", key="supposed"):
        st.markdown(f":material/alt_route: {said}", width="content")
        st.button(
            "Back to what they really did",
            type="tertiary",
            icon=":material/undo:",
            key="suppose_nothing",
            on_click=current.suppose,
            args=(chosen.user, NO_CHANGES),
        )


def draw_real_viewer(recommender: "Recommender", chosen: Choices) -> None:
    """Says on a page that does not follow a supposition that it shows the viewer as they are; nothing without one."""
    changes = supposing.fitting(recommender, chosen.user, chosen.changes)
    if changes:
        supposed = supposing.in_words(changes, gave(recommender, chosen), scale_of(recommender))
        answers = "Recommend answers that; this page shows what they really did."
        draw_what_is_supposed(f"**What if** {supposed}? {answers}", chosen)


def sentence(recommender: "Recommender", chosen: Choices, changes: Changes) -> str:
    """What is supposed, and how the list is to be read, in Markdown; "" if nothing is.

    Args:
      recommender: the model, of viewers as they are.
      chosen: the viewer.
      changes: what of that which is supposed the model is asked with.
    """
    if not changes:
        return ""
    supposed = supposing.in_words(changes, gave(recommender, chosen), scale_of(recommender))
    return f"**What if** {supposed}? Not what they really did: moves are counted from their real list."


def gave(recommender: "Recommender", chosen: Choices) -> dict[str, float]:
    """Title -> stars that the model reads of the viewer, oldest first; as the recommender supposes them."""
    read = chosen.asked(recommender).history_read(chosen.user)
    return dict(zip(read["title"], read["stars"].astype(float), strict=True))


def scale_of(recommender: "Recommender") -> "RatingScale | None":
    """Of stars that viewers gave; None where they gave none."""
    return recommender.scale if recommender.manifest.data.has_ratings else None


def _draw_ratings(recommender: "Recommender", chosen: Choices, options: Options) -> None:
    given, scale = gave(recommender, chosen), scale_of(recommender)

    def with_stars(title: str) -> str:
        return f"{short_name(title)}, {gave_in_words(given[title], scale)}" if scale else short_name(title)

    if given:
        rated = list(given)[::-1]
        _forget(_RATED, rated)
        title = st.selectbox(
            f"A title they {'rated' if scale else 'took'}",
            rated,
            index=None,
            format_func=with_stars,
            placeholder="Give it other stars, or take it back" if scale else "Take it back",
            key=_RATED,
            filter_mode="contains",
        )
        if title is not None:
            _draw_stars(title, given[title], scale, chosen)
    _draw_other(recommender, chosen, options, given)


def _draw_other(recommender: "Recommender", chosen: Choices, options: Options, given: Mapping[str, float]) -> None:
    """Draws the picker of titles that the viewer did not rate: of all, or beyond some thousands a search."""
    scale, titles = scale_of(recommender), options.titles.ordered
    if len(titles) > MOST_OPTIONS:
        words = st.text_input("Find a title", key=_SEARCH, icon=":material/search:", max_chars=100)
        titles = tuple(searching.find(recommender, words, _MOST_FOUND)) if words.strip() else titles[:_MOST_FOUND]
    others = [title for title in titles if title not in given]
    _forget(_OTHER, others)
    title = st.selectbox(
        f"A title they did not {'rate' if scale else 'take'}",
        others,
        index=None,
        format_func=_with_year,
        placeholder="Suppose that they had",
        key=_OTHER,
        filter_mode="contains",
    )
    if title is not None:
        _draw_stars(title, None, scale, chosen)


def _draw_stars(title: str, given: float | None, scale: "RatingScale | None", chosen: Choices) -> None:
    """Draws the stars that a title may be supposed to have been given, and the way back.

    Args:
      title: the title.
      given: what the viewer gave; None if nothing.
      scale: of the stars; None where there are none.
      chosen: the viewer, and what is supposed of them.
    """
    supposed = dict(chosen.changes.ratings)
    now, key = supposed.get(title, given), f"_if_stars_{given is None}"
    if scale is not None:
        steps = star_steps.steps_of(scale)
        st.session_state[key] = None if now is None else min(steps, key=lambda step: abs(step - now))

        def rate() -> None:
            _rate(chosen, title, st.session_state[key], given)

        if len(steps) <= star_steps.MOST_BUTTONS:
            st.segmented_control(
                f"Stars for {short_name(title)}",
                steps,
                format_func=star_steps.written,
                key=key,
                on_change=rate,
                label_visibility="collapsed",
                wrap=True,
            )
        else:
            st.select_slider(
                f"Stars for {short_name(title)}",
                [None, *steps],
                format_func=star_steps.written_or_not,
                key=key,
                on_change=rate,
                label_visibility="collapsed",
            )
    elif given is None:
        st.button("Suppose they had taken it", key="_if_taken", on_click=_rate, args=(chosen, title, TAKEN, None))
    if given is not None:
        st.button(
            "As if never rated" if scale else "As if never taken",
            icon=":material/backspace:",
            key="_if_never",
            on_click=_rate,
            args=(chosen, title, None, given),
            disabled=now is None,
        )


def _rate(chosen: Choices, title: str, stars: float | None, given: float | None) -> None:
    """Supposes these stars, None for none; those that were really given are no change."""
    changes = chosen.changes
    same = stars == given
    current.suppose(chosen.user, changes.with_rating_kept(title) if same else changes.rated(title, stars))


def _draw_features(recommender: "Recommender", chosen: Choices) -> None:
    kinds, supposed = supposing.viewer_kinds(recommender), dict(chosen.changes.features)
    real = kinds.read_of(chosen.user)
    for name in kinds.names:
        values, key = kinds.values(chosen.user, chosen.changes.features, name), f"_if_is_{name}"
        st.session_state[key] = supposed.get(name, real[name])

        def describe(name: str = name, key: str = key) -> None:
            value = st.session_state[key]
            current.suppose(chosen.user, chosen.changes.described(name, None if value == real[name] else value))

        st.selectbox(
            sentence_case(name),
            values,
            key=key,
            on_change=describe,
            help="Only what somebody in the data is, who is else the same: of others the model has learned nothing.",
        )


def _draw_made(recommender: "Recommender", chosen: Choices) -> None:
    """Draws what was changed, each to be taken back."""
    scale, changes = scale_of(recommender), chosen.changes
    made = {
        title: f"{short_name(title)}: {'never' if stars is None else gave_in_words(stars, scale) if scale else 'taken'}"
        for title, stars in changes.ratings
    } | {f":{name}": f"{sentence_case(name)}: {value}" for name, value in changes.features}
    if not made:
        return
    st.session_state[_MADE] = list(made)

    def take_back() -> None:
        left, found = set(st.session_state[_MADE]), changes
        for title, _ in changes.ratings:
            found = found if title in left else found.with_rating_kept(title)
        for name, _ in changes.features:
            found = found if f":{name}" in left else found.described(name, None)
        current.suppose(chosen.user, found)

    st.multiselect("Changed", list(made), format_func=lambda one: made[one], key=_MADE, on_change=take_back, wrap=True)


def _forget(key: str, options: list[str]) -> None:
    """Forgets a title that is picked and is no option any more: the viewer or the moment is another."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = None


def _with_year(title: str) -> str:
    name, year = spoken_name(title)
    return f"{name} ({year})" if year else name
