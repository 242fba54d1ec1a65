"""The page Time travel: what the clock does to a viewer's list, and what it does to everybody's."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from recommender.charts import PICKED, ClockLayout
from recommender.dashboard.answers.abilities import Abilities, abilities_of
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices, Options, to_clock, to_seconds
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.drawing import pictures
from recommender.dashboard.drawing.words import escape, moment
from recommender.dashboard.frame import present
from recommender.dashboard.pages.time_travel import caveats, download, moved, sweeps, timeless
from recommender.dashboard.pages.time_travel.clock_frames import Shown, frames_of, with_moment
from recommender.dashboard.pages.time_travel.sweeps import Question, Stretch
from recommender.dashboard.parts import follow, introduction, listing
from recommender.data.titles import spoken_name
from recommender.serving.time_travel import NOBODY, Change

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

SPAN, THEN = "span", "then"
CHART = "turning_clock"
MOST_ROWS = 20  # more would not fit a screen
_FOLLOWED_UNASKED = 4
_MOST_STEPS = 161
_SPAN_NAMES = {"all": "All", "year": "Year", "month": "Month", "week": "Week", "day": "Day", "hours": "6 hours"}
_LONGEST_NAME = 24


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the page below the bar."""
    can = abilities_of(recommender)
    if not can.reads_clock:
        timeless.draw(recommender, can)
        return
    introduction.draw(recommender, can, options, current.choices(options).user)
    turning = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    stage = st.container()
    below = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    with present.fold(turning):
        span = _draw_span(options)
        only_then = _draw_then(can)
    with present.fold(below):
        listing.draw_controls(can)
        with st.container():
            follow.draw(options)
        menu = st.container(width="content")
    chosen = current.choices(options)
    question = sweeps.question_of(
        recommender, chosen.user, hide_seen=chosen.hide_seen and can.has_ratings, only_then=only_then
    )
    stretch = sweeps.stretch(options, chosen.at, span, len(recommender.titles))
    with stage:
        shown = _draw_stage(recommender, can, options, chosen, question, stretch)
    with turning:
        _draw_changes(recommender, options, chosen, question)
    st.caption(caveats.in_words(recommender, can, chosen, question, only_then))
    moves = moved.draw(recommender, can, question, stretch, shown)
    with menu:
        download_menu.draw(
            download.download(recommender, options, chosen, question, shown, moves, _own(span, only_then))
        )


def _own(span: str, only_then: bool) -> dict[str, str]:
    """The choices that only this page has, as its address holds them; the browser's may be one click behind."""
    own = {} if span == sweeps.ALL else {SPAN: _SPAN_NAMES[span]}
    return own | ({THEN: "true"} if only_then else {})


def spans(recommender: "Recommender", options: Options) -> list[str]:
    """What the address may say of the span; see `own_parameters`."""
    return [_SPAN_NAMES[name] for name in sweeps.spans_of(options)] if abilities_of(recommender).reads_clock else []


def _draw_span(options: Options) -> str:
    names = sweeps.spans_of(options)
    span = st.segmented_control(
        "Show",
        names,
        default=sweeps.ALL,
        required=True,
        format_func=_SPAN_NAMES.__getitem__,
        key=SPAN,
        bind="query-params",
        persist_state="session",
        help="How much time the picture shows around the clock, from all of it to hours.",
        width="content",
    )
    return span if span in names else sweeps.ALL


def _draw_then(can: Abilities) -> bool:
    asked = st.toggle(
        "Only what was known then",
        key=THEN,
        bind="query-params",
        persist_state="session",
        disabled=not can.has_ratings,
        help="At each moment the model reads only what this viewer had rated by then, and only that counts as seen. "
        "Nothing is trained again: what it learned from everybody, it keeps."
        if can.has_ratings
        else "Needs the ratings.",
    )
    return bool(asked) and can.has_ratings


def _draw_stage(
    recommender: "Recommender", can: Abilities, options: Options, chosen: Choices, question: Question, stretch: Stretch
) -> Shown:
    """Draws the picture; returns what it shows."""
    k = min(chosen.k, MOST_ROWS, len(recommender.titles))
    listed, now = with_moment(
        sweeps.lists(recommender, question, stretch, k), sweeps.lists(recommender, question, chosen.at, k)
    )
    first = [recommender.titles[row] for row in listed.rows[now] if row != NOBODY]
    titles = chosen.titles or tuple(first[:_FOLLOWED_UNASKED])
    shown = Shown(
        lists=listed,
        now=now,
        titles=recommender.titles,
        followed=current.colours(titles),
        curves=_curves(recommender, question, stretch, chosen.at, now, titles),
        means=_means(recommender, question, stretch, listed.moments, titles),
        # Beside scores, which have no scale, stars have no place.
        given=sweeps.given(recommender, question.version, chosen.user, titles if can.rates else (), stretch),
        scale=(recommender.scale.low, recommender.scale.high) if can.rates else None,
        first=recommender.first_moment,
        last=recommender.last_moment,
        pinned=chosen.pin,
        told=_told(recommender, question),
    )
    layout = ClockLayout(n_rows=k, curves=bool(titles), bins=shown.told is not None, n_steps=_MOST_STEPS)
    drawn = frames_of(shown, layout)
    pictures.show_named(
        "turning_clock",
        drawn,
        layout,
        key=CHART,
        alt=f"The list, and {'predicted stars' if can.rates else 'scores'} of the followed titles, over time; "
        "the slider below it turns the clock",
        on_select=_pick,
        selection=PICKED,
    )
    if not first:
        st.caption("This viewer has seen the whole catalogue: switch off `Hide seen` to list it.")
    st.caption(_legend(recommender, can, chosen, shown, k, dots=drawn["doors"].num_rows > 0))
    return shown


def _told(recommender: "Recommender", question: Question) -> sweeps.Rows | None:
    found = sweeps.told(recommender, question.version)
    return None if found is None else found[0]


def _curves(
    recommender: "Recommender", question: Question, stretch: Stretch, at: int, now: int, titles: tuple[str, ...]
) -> sweeps.Values:
    if not titles:
        return np.zeros((len(stretch.moments) + (at not in stretch.moments), 0))
    many = sweeps.curves(recommender, question, stretch, titles)
    if at in stretch.moments:
        return many
    return np.insert(many, now, sweeps.curves(recommender, question, at, titles)[0], axis=0)


def _means(
    recommender: "Recommender", question: Question, stretch: Stretch, moments: sweeps.Rows, titles: tuple[str, ...]
) -> sweeps.Values:
    """[n_moments, n_titles] of everybody, straight between the moments that were asked about."""
    means = [sweeps.mean_curve(recommender, question.version, stretch, title) for title in titles]
    columns = [np.interp(moments, asked, mean) for asked, mean in means]
    return np.stack(columns, axis=1) if columns else np.zeros((len(moments), 0))


def _pick() -> None:
    """Carries the moment that was clicked into the bar's clock."""
    picked = st.session_state[CHART]["selection"].get(PICKED) or []
    if picked and isinstance(at := picked[0].get("at"), int | float):
        current.choose_moment(to_clock(int(at)))


def _draw_changes(recommender: "Recommender", options: Options, chosen: Choices, question: Question) -> None:
    """Buttons to the nearest moments at which another title is first."""
    before, after = sweeps.changes(
        recommender, question, chosen.at, to_seconds(options.first), to_seconds(options.last)
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", width="content"):
        _draw_change(recommender, before, ":material/skip_previous:", "left", "change_before")
        _draw_change(recommender, after, ":material/skip_next:", "right", "change_after")


def _draw_change(recommender: "Recommender", change: Change | None, icon: str, side: str, key: str) -> None:
    if change is None:
        way = "before" if side == "left" else "after"
        st.button(f"No change {way}", icon=icon, disabled=True, key=key, help=f"Number one stays so {way} this moment.")
        return
    was, becomes = ("nothing" if row == NOBODY else spoken_name(recommender.titles[row]).name for row in change[1:])
    st.button(
        f"{_short(was)} → {_short(becomes)}",
        icon=icon,
        icon_position="left" if side == "left" else "right",
        key=key,
        on_click=current.choose_moment,
        args=(to_clock(change.at),),
        help=f"Number one changes here, found to the minute. Turns the clock to {moment(change.at)}, "
        + ("the last minute before it." if side == "left" else "the first minute after it."),
    )


def _short(name: str) -> str:
    cut = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"
    return escape(cut)


def _legend(recommender: "Recommender", can: Abilities, chosen: Choices, shown: Shown, k: int, *, dots: bool) -> str:
    value = "stars" if can.rates else "score"
    n_averaged = min(sweeps.N_AVERAGED, len(recommender.user_ids))
    parts = [
        "Move over the picture, or the slider below it, and the list follows; click to set the clock there.",
        f"Solid: this viewer's {value}; dotted, and “all” beside it: the mean of {n_averaged} viewers, which "
        "is what the clock does to everybody.",
    ]
    if len(shown.given):
        parts.append("Diamond: what this viewer gave, and when.")
    if dots:
        parts.append("A full dot: a title enters the list; a hollow one: it leaves.")
    if not chosen.titles:
        parts.append("The titles are the first of the list, until you choose.")
    if chosen.k > k == MOST_ROWS:
        parts.append(f"The picture has room for the first {k} of the {chosen.k}.")
    return " ".join(parts)
