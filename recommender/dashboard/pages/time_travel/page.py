"""The page Time travel: what the clock does to a viewer's list, and what it does to everybody's."""

import math
import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from recommender.charts import PICKED, QUIET
from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options, to_clock
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.drawing import columns, pictures
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import day, moment
from recommender.dashboard.frame import present
from recommender.dashboard.pages.time_travel import no_clock, over_time, stretch
from recommender.dashboard.pages.time_travel.download import SPAN, download_of
from recommender.dashboard.pages.time_travel.picture_frames import frames_of, layout_of
from recommender.dashboard.pages.time_travel.view import MOST_ROWS, OwnChoices, TimeTravelView, time_travel_view
from recommender.dashboard.parts import follow, introduction, list_controls, what_if, what_moved
from recommender.data.titles import spoken_name
from recommender.serving.time_travel import Step
from recommender.serving.traveller import NO_TITLE

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

CHART = "turning_clock"
_CLICKS = "_clicks_in_the_picture"
_CLICKED = "clicked_mover"
_LISTED = "_listed_movers"
_PLAYING, _NEXT = "_playing", "_played_next"
_BEAT, _EARLY = 1.5, 0.1  # seconds from one rating to the next while playing, and how much too soon a beat may come
_MOST_MOVERS_SHOWN = 8
_LONGEST_NAME = 24


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the page below the bar: first the controls, which say what stands in the places left above them."""
    can = abilities_of(recommender)
    if not can.reads_clock:
        no_clock.draw(recommender, can)
        return
    introduction.draw(recommender, can, current.choices(options).user)
    what_if.draw_real_viewer(recommender, current.choices(options))
    turning = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    life = turning.container(width="content")  # before what grows where the viewer rated, so that it stays in its place
    stage = st.container()
    below = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    with present.fold(turning):
        own = OwnChoices(_draw_span(recommender, options))
    with present.fold(below):
        list_controls.draw_controls(can)
        with st.container():
            follow.draw(options)
        menu = st.container(width="content")

    view = time_travel_view(recommender, options, current.choices(options), own)
    with stage:
        _draw_picture(view)
    with life:
        _draw_life(view)
    with turning:
        _draw_first_changes(view)
    st.caption(view.caveats)
    left, right = st.columns([1, 1], gap="large")
    with left:
        _draw_what_moved(view, recommender)
        _draw_followed_moves(view)
    with right:
        _draw_catalogue_moves(view)
    with menu:
        download_menu.draw(download_of(view, recommender, options))


def spans(recommender: "Recommender", options: Options) -> list[str]:
    """What the address may say of the span; see `page_parameters`."""
    names = stretch.spans_of(options) if abilities_of(recommender).reads_clock else []
    return [stretch.SPAN_NAMES[name] for name in names]


def _draw_span(recommender: "Recommender", options: Options) -> str:
    chosen = current.choices(options)
    question = over_time.question_of(recommender, chosen)
    rated_at = over_time.life(recommender, question)["timestamp"].to_numpy(np.int64)
    worth = stretch.spans_worth_showing(options, chosen.at, rated_at)
    asked = st.session_state.get(SPAN)
    names = [name for name in stretch.spans_of(options) if name in worth or name == asked]
    span = st.segmented_control(
        "Show",
        names,
        default=stretch.ALL,
        required=True,
        format_func=stretch.SPAN_NAMES.__getitem__,
        key=SPAN,
        bind="query-params",
        persist_state="session",
        help="How much time the picture shows around the clock; a day or less only where this viewer rated in it.",
        width="content",
    )
    return span if span in names else stretch.ALL


def _draw_picture(view: TimeTravelView) -> None:
    layout = layout_of(view)
    frames = frames_of(view, layout)
    # A picture of its own after each click: what the slider below it was turned by would be added to the new clock.
    key = f"{CHART}_{st.session_state.get(_CLICKS, 0)}"
    pictures.show_named(
        "turning_clock",
        frames,
        layout,
        key=key,
        alt=f"The list, and {'predicted stars' if view.can.rates else 'scores'} of the followed titles, over time; "
        "the slider below it turns the clock",
        on_select=partial(_turn_to_picked, key),
        selection=PICKED,
    )
    if not view.listed:
        st.caption("This viewer has seen the whole catalogue: switch off `Hide seen` to list it.")
    st.caption(_legend(view, dots=frames["doors"].num_rows > 0))


def _turn_to_picked(key: str) -> None:
    """Turns the bar's clock to the moment that was clicked in the picture; for callbacks."""
    picked = st.session_state[key]["selection"].get(PICKED) or []
    if picked and isinstance(at := picked[0].get("at"), int | float):
        st.session_state[_CLICKS] = st.session_state.get(_CLICKS, 0) + 1
        current.choose_moment(to_clock(int(at)))


def _legend(view: TimeTravelView, *, dots: bool) -> str:
    value = "stars" if view.can.rates else "score"
    parts = [
        "Move over the picture, or the slider below it, and the list follows; click to set the clock there. Lines: the "
        "places of the titles you follow and of the ten listed at the clock.",
        f"Solid: this viewer's {value}; dotted, and “all” beside it: the mean of {view.n_averaged} viewers, which "
        "is what the clock does to everybody.",
    ]
    if view.shaded is not None:
        other = " Click the name of another one to see its own." if len(view.followed) > 1 else ""
        parts.append(
            f"Shaded: between these stars a rating of {_short(spoken_name(view.shaded).name)} lies with 80%.{other}"
        )
    if len(view.given):
        parts.append("Diamond: what this viewer gave, and when.")
    if dots:
        parts.append("A full dot: a title enters the list; a hollow one: it leaves.")
    if np.isnan(view.curves).any():
        parts.append("Not out: nobody had rated it by then, or its year had not begun.")
    if not view.chosen.titles:
        first = view.chosen.follows_from
        when = f" on {day(first)}" if first != view.chosen.at else ""
        parts.append(f"The titles you follow are the first of the list{when}, until you choose.")
    if view.chosen.k > view.k == MOST_ROWS:
        parts.append(f"The picture has room for the first {view.k} of the {view.chosen.k}.")
    return " ".join(parts)


def _draw_life(view: TimeTravelView) -> None:
    """Buttons that lead through the viewer's life, a rating at a time."""
    if view.life.empty:
        return
    before, after = view.rated_around
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", width="content"):
        for way, at in (("before", before), ("after", after)):
            st.button(
                f"Rating {way}",
                icon=f":material/{'arrow_back' if way == 'before' else 'arrow_forward'}:",
                icon_position="left" if way == "before" else "right",
                key=f"rating_{way}",
                disabled=at is None,
                on_click=current.choose_moment,
                args=None if at is None else (to_clock(at),),
                help=f"Nothing that this viewer rated {way} this moment."
                if at is None
                else f"Turns the clock to {moment(at)}, when this viewer rated again.",
            )
        _draw_play(after)


def _draw_play(after: int | None) -> None:
    """A button that turns the clock from rating to rating until it is pressed again, or the last is reached."""
    playing = bool(st.session_state.get(_PLAYING)) and after is not None
    st.session_state[_PLAYING] = playing
    st.button(
        "Stop" if playing else "Play",
        icon=f":material/{'stop' if playing else 'play_arrow'}:",
        key="play",
        disabled=after is None,
        on_click=_set_playing,
        args=(not playing,),
        help="From one rating of this viewer to the next, and the list follows.",
    )
    if playing and after is not None:
        st.session_state[_NEXT] = (after, time.monotonic() + _BEAT)
        st.fragment(_turn_if_due, run_every=_BEAT)()


def _set_playing(playing: bool) -> None:
    st.session_state[_PLAYING] = playing


def _turn_if_due() -> None:
    """Turns the clock to the rating that is next; it also runs whenever the page is drawn, and is not due then."""
    at, due = st.session_state.get(_NEXT, (0, math.inf))
    if time.monotonic() >= due - _EARLY:
        del st.session_state[_NEXT]
        current.choose_moment(to_clock(at))
        st.rerun()


def _draw_what_moved(view: TimeTravelView, recommender: "Recommender") -> None:
    listed = [title for title in view.followed if title in view.listed]  # first what has a place at the clock
    titles = list(dict.fromkeys([*listed, *view.listed, *view.followed]))
    if not titles:
        return
    st.subheader("What moved it", anchor=False)
    if view.change is not None:
        st.caption(view.change.since(view.compared_with))
    title: str | None = titles[0]
    if not current.presenting():
        title = st.selectbox(
            "Title",
            titles,
            format_func=lambda title: spoken_name(title).name,
            key="moved_title_in_time",
            label_visibility="collapsed",
        )
    since = None if title is None else view.moved_since(title)
    if title is None or since is None:
        st.caption("Nothing lies between the clock and the moment that it is compared with.")
        return
    what_moved.draw(recommender, view.can, view.chosen, title, (since, view.chosen.at), place="time_travel")
    st.caption(_compared_with(view, since))


def _compared_with(view: TimeTravelView, since: int) -> str:
    """Which moment a title's move is explained from, and how to take another."""
    if since != view.compared_with:
        return f"From {day(since)} on, when it came out. Pin a moment to compare the clock with that."
    if view.chosen.pin is not None:
        return f"Compared with the moment that you pinned, {moment(since)}."
    where = "where the picture begins" if view.chosen.follows_from == view.chosen.at else "where the clock began"
    return f"Compared with {day(since)}, {where}. Pin a moment to compare the clock with that."


def _draw_first_changes(view: TimeTravelView) -> None:
    """Buttons to the nearest moments at which another title is first."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", width="content"):
        for way, change in zip(("before", "after"), view.first_changes, strict=True):
            icon = f":material/skip_{'previous' if way == 'before' else 'next'}:"
            if change is None:
                stays = f"Number one stays so {way} this moment."
                st.button(f"No change {way}", icon=icon, disabled=True, key=f"change_{way}", help=stays)
                continue
            was, becomes = ("nothing" if row == NO_TITLE else spoken_name(view.titles[row]).name for row in change.turn)
            st.button(
                f"{_short(was)} → {_short(becomes)}",
                icon=icon,
                icon_position="left" if way == "before" else "right",
                key=f"change_{way}",
                on_click=_turn_to_change,
                args=(view, change),
                help=f"Number one changes between {moment(min(change[:2]))} and {moment(max(change[:2]))}. Turns the "
                f"clock to the {'last minute before' if way == 'before' else 'first minute after'} the change.",
            )


def _turn_to_change(view: TimeTravelView, change: Step) -> None:
    current.choose_moment(to_clock(view.minute_of(change)))


def _short(name: str) -> str:
    cut = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"
    return escape(cut)


def _draw_followed_moves(view: TimeTravelView) -> None:
    st.subheader("How far these titles move", anchor=False)
    if view.followed_moves is None:
        st.caption("Nothing is listed, so nothing moves.")
        return
    what = "Stars" if view.can.rates else "Score"
    drawn = {
        "name": columns.title(170),
        "low": _two_digits("Low", 52, f"{what}, at the lowest."),
        "high": _two_digits("High", 52, f"{what}, at the highest."),
        "move": _two_digits("Moves", 60, "From lowest to highest."),
        "all": _two_digits("All", 52, "The same of the average viewer: what the clock does to everybody."),
        "best": columns.places("Best", "Best place in the list, however long that is.", 55),
        "worst": columns.places("Worst", "Worst place in it.", 58),
    }
    st.dataframe(
        view.followed_moves[list(drawn)],
        hide_index=True,
        height="content",
        key="followed_moves",
        alt="How far the followed titles move in the time shown, the farthest first",
        column_config=drawn,
    )
    st.caption("All: the average viewer. Where this viewer moves and all stay, it is what this viewer rated.")


def _two_digits(name: str, width: int, help: str) -> ColumnConfig:
    return st.column_config.NumberColumn(name, format="%.2f", width=width, help=help)


def _draw_catalogue_moves(view: TimeTravelView) -> None:
    st.subheader("What moves most in the catalogue", anchor=False)
    moves = view.catalogue_moves
    if moves is None:
        st.caption("No title changes its place in this time.")
        return
    st.session_state[_LISTED] = moves["title"].tolist()
    drawn = {
        "name": columns.title_button(165, _CLICKED, _follow_clicked, help="Click a title to follow it."),
        "best": columns.places("Best", "Best place in this time.", 52),
        "best_at": st.column_config.TextColumn("on", width=90),
        "worst": columns.places("Worst", "Worst place in it.", 57),
        "worst_at": st.column_config.TextColumn("on", width=90),
        "course": st.column_config.LineChartColumn(
            "Course", width=65, color=QUIET, help="Its place over time; up is better."
        ),
    }
    st.dataframe(
        moves[list(drawn)],
        hide_index=True,
        height=columns.height(len(moves), _MOST_MOVERS_SHOWN),
        key="movers_in_time",
        alt="Titles of the whole catalogue whose place moves most in the time shown, the farthest first",
        column_config=drawn,
    )
    st.caption(
        "Among titles that are ever in the first hundred places; counted while they can be listed, so neither before "
        "they are out nor after they are seen. A step near the top counts more: from place 20 to 10 is as far as "
        "from 2 to 1."
    )


def _follow_clicked() -> None:
    click, titles = st.session_state[_CLICKED], st.session_state.get(_LISTED, [])
    if click is not None and 0 <= click["row"] < len(titles):
        current.follow(titles[click["row"]], True)
