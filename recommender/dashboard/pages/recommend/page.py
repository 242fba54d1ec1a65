"""The page Recommend: what the model puts before a viewer at a moment."""

import re
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recommender import charts
from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import Abilities, abilities_of
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.drawing import links, pictures
from recommender.dashboard.drawing.words import moment, sentence_case
from recommender.dashboard.frame import present
from recommender.dashboard.pages.recommend import download
from recommender.dashboard.parts import details, follow, introduction, listing
from recommender.data.exchange.spreadsheets import csv_for_people

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_CHIP = "#9b8f8033"  # quiet: in this place colour would mean nothing
_FOLLOWED_UNASKED = 4
_ROWS_SHOWN = 12
_HISTORY_ROWS = 8


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the page below the bar."""
    version = title_lists.version(recommender)
    can = abilities_of(recommender)
    chosen = current.choices(options)
    now = title_lists.whole_catalogue(recommender, version, chosen.user, chosen.at)
    compared = chosen.pin if can.reads_clock else None
    pinned = None if compared is None else title_lists.whole_catalogue(recommender, version, chosen.user, compared)
    seen = recommender.seen(chosen.user)

    who = st.container()  # filled after the list: the list is what everybody waits for
    programme, beside = st.columns([2, 1], gap="large")
    with programme:
        listed, menu = _draw_list(recommender, can, options, now, pinned)
    with who:
        introduction.draw(recommender, can, options, chosen.user)
    with beside:
        followed = _draw_followed(recommender, can, options, now, pinned, seen, listed)
    with menu:
        chosen = current.choices(options)
        download_menu.draw(download.download(recommender, options, chosen, listed, followed, len(now)))
    if can.reads_clock and not (pinned is None and current.presenting()):
        left, right = st.columns([2, 1], gap="large")
        with left:
            _draw_history(recommender, can, seen, now)
        with right:
            _draw_movers(chosen, now, pinned)
    else:
        _draw_history(recommender, can, seen, now)
    details.open_if_asked(recommender, options, now)


def _draw_list(
    recommender: "Recommender", can: Abilities, options: Options, now: pd.DataFrame, pinned: pd.DataFrame | None
) -> tuple[pd.DataFrame, DeltaGenerator]:
    """Draws the list and its controls; returns what is listed, and the place beside them."""
    chosen = current.choices(options)
    st.subheader(f"Recommended on {moment(chosen.at)}" if can.reads_clock else "Recommended", anchor=False)
    table = st.container()
    with present.fold(st.container(horizontal=True, vertical_alignment="bottom", gap="medium")):
        listing.draw_controls(can)
        chosen = current.choices(options)
        listed = title_lists.recommended(now, pinned, chosen.k, chosen.hide_seen and can.has_ratings)
        st.download_button(
            "Download csv",
            _csv(recommender, can, chosen, listed),
            file_name=_file_name(can, chosen),
            mime="text/csv",
            icon=":material/download:",
            key="download",
            on_click="ignore",
        )
        if can.reads_clock:
            links.draw("time-travel", "See it over time", ":material/history_toggle_off:")
        menu = st.container(width="content")
    if can.labels is not None:
        listed = listed.assign(labels=pd.Series(title_lists.labels_of(recommender, listed["item_id"].tolist())))
    columns = _columns(can, listed, pinned is not None, can.has_ratings and not chosen.hide_seen)
    st.session_state[details.SHOWN] = listed["title"].tolist()
    with table:
        if listed.empty:
            st.caption("This viewer has seen the whole catalogue: switch off `Hide seen` to list it.")
        else:
            _draw_table(recommender, can, listed[[*columns, "title"]], columns)
    if not can.retrieves:
        st.caption(
            ":material/sort: Ordered by predicted rating, the only thing this model learned: what would be praised, "
            "not what would be picked."
        )
    return listed, menu


def _columns(can: Abilities, listed: pd.DataFrame, moved: bool, seen: bool) -> list[str]:
    wanted = {
        "place": True,
        "name": True,
        "stars": can.rates,
        "score": can.retrieves,
        "move": moved,
        "year": bool(listed["year"].notna().any()),
        "labels": can.labels is not None,
        "seen": seen,
    }
    return [column for column, shown in wanted.items() if shown]


def _draw_table(recommender: "Recommender", can: Abilities, listed: pd.DataFrame, columns: list[str]) -> None:
    scale = recommender.scale
    st.dataframe(
        listed,
        hide_index=True,
        column_order=columns,
        height="content" if len(listed) <= _ROWS_SHOWN else (_ROWS_SHOWN + 1) * 35 + 2,
        placeholder="",
        key=details.TABLE,
        on_select=details.note_touch,
        selection_mode="single-cell",
        alt="Recommended titles with " + ("predicted stars" if can.rates else "retrieval score") + ", best first",
        column_config={
            "place": st.column_config.NumberColumn("#", width=36),
            "name": st.column_config.ButtonColumn(
                "Title",
                type="tertiary",
                alignment="left",
                width=215,
                key=details.CLICKED,
                on_click=details.note_click,
                help="Click a title to see why it is here.",
            ),
            "year": st.column_config.NumberColumn("Year", format="%d", width=55),
            "labels": st.column_config.MultiselectColumn(
                sentence_case(can.labels or ""),
                color=_CHIP,
                width=185 - 35 * ("move" in columns) + 105 * (not can.rates),
            ),
            "stars": st.column_config.ProgressColumn(
                "Stars",
                min_value=scale.low,
                max_value=scale.high,
                format="%.1f",
                color=charts.QUIET,
                width=105,
                help=f"Predicted rating, {scale}.",
            ),
            "score": st.column_config.NumberColumn(
                "Score", format="%.2f", width=62, help="Retrieval score: what the list is ordered by; it has no scale."
            ),
            "move": st.column_config.TextColumn("Move", width=75, help="Places gained since the pinned moment."),
            "seen": st.column_config.CheckboxColumn("Seen", width=55),
        },
    )


def _file_name(can: Abilities, chosen: Choices) -> str:
    moment_of_list = f"-{current.to_clock(chosen.at):%Y%m%dT%H%M}" if can.has_clock else ""
    viewer = re.sub(r"[^\w.-]", "_", chosen.user)
    return f"recommended-{viewer}{moment_of_list}.csv"


def _csv(recommender: "Recommender", can: Abilities, chosen: Choices, listed: pd.DataFrame) -> bytes:
    frame = listed.rename(
        columns={
            "place": "rank",
            "rank": "rank_in_catalogue",
            "place_before": "rank_when_pinned",
            "stars_before": "stars_when_pinned",
        }
    )
    wanted = ["rank", "item_id", "title", "year", "score"] + ["stars"] * can.rates + ["seen", "rank_in_catalogue"]
    if "place_before" in listed:
        wanted += ["rank_when_pinned"] + ["stars_when_pinned"] * can.rates
    about = {"model": recommender.manifest.model, "viewer": chosen.user}
    if can.has_clock:
        about["moment_utc"] = f"{current.to_clock(chosen.at):%Y-%m-%dT%H:%M:%SZ}"
    if chosen.pin is not None and "place_before" in listed:
        about["pinned_utc"] = f"{current.to_clock(chosen.pin):%Y-%m-%dT%H:%M:%SZ}"
    frame = frame[wanted].assign(**about)
    return csv_for_people(frame[[*about, *wanted]]).encode()


def _draw_followed(
    recommender: "Recommender",
    can: Abilities,
    options: Options,
    now: pd.DataFrame,
    pinned: pd.DataFrame | None,
    seen: pd.DataFrame,
    listed: pd.DataFrame,
) -> pd.DataFrame | None:
    """Draws the followed titles; returns what is drawn."""
    st.subheader("Titles you follow", anchor=False)
    picture = st.container()
    with present.fold(st.container()):
        follow.draw(options)
    chosen = current.choices(options)
    titles = chosen.titles or tuple(listed["title"].head(_FOLLOWED_UNASKED))
    if not titles:
        return None
    frame = title_lists.followed(now, pinned, titles, seen)
    with picture:
        colours = current.colours(titles)
        frame = frame.assign(colour=[colours[title] for title in titles])
        if can.rates:
            scale = (recommender.scale.low, recommender.scale.high)
            says = "Predicted stars and ranks of the followed titles at this moment"
            pictures.show("predicted_stars", frame, scale, key="predicted_stars", alt=says)
        else:
            says = "Ranks of the followed titles in the catalogue at this moment"
            pictures.show("ranks_in_catalogue", frame, len(now), key="ranks_in_catalogue", alt=says)
        st.caption(_legend(can, bool(chosen.titles), pinned is not None, bool(frame["given"].notna().any())))
    return frame


def _legend(can: Abilities, asked: bool, pinned: bool, given: bool) -> str:
    parts = ["Dot: predicted now" if can.rates else "Dot: rank now, the first at the right"]
    if pinned:
        parts.append("tick: at the pinned moment")
    if given and can.rates:
        parts.append("diamond: what this viewer gave")
    line = ", ".join(parts) + "."
    if can.rates and can.retrieves:
        line += (
            " Many stars and a late rank go together: the list ranks what a viewer would pick, not what they would "
            "praise."
        )
    return line if asked else f"The first of the list, until you choose. {line}"


def _draw_history(recommender: "Recommender", can: Abilities, seen: pd.DataFrame, now: pd.DataFrame) -> None:
    st.subheader("What this viewer has rated", anchor=False)
    if not can.has_ratings:
        st.caption("Comes with the ratings.")
        return
    if seen.empty:
        st.caption("Nothing yet.")
        return
    frame = title_lists.rated_by(seen, now)
    columns = ["name", "given", "predicted" if can.rates else "rank"]
    columns += ["year"] * bool(frame["year"].notna().any()) + ["when"] * ("when" in frame)
    st.dataframe(
        frame[columns],
        hide_index=True,
        height="content" if len(frame) <= _HISTORY_ROWS else (_HISTORY_ROWS + 1) * 35 + 2,
        placeholder="",
        key="history",
        alt=f"Titles this viewer has rated, {'newest first, ' * ('when' in frame)}with the stars given and "
        + ("the stars predicted" if can.rates else "the rank in the catalogue"),
        column_config={
            "name": st.column_config.TextColumn("Title", width=195),
            "year": st.column_config.NumberColumn("Year", format="%d", width=55),
            "given": st.column_config.NumberColumn("Gave", format="%g", width=55, help="Stars this viewer gave."),
            "predicted": st.column_config.ProgressColumn(
                "Predicted",
                min_value=recommender.scale.low,
                max_value=recommender.scale.high,
                format="%.1f",
                color=charts.QUIET,
                width=110,
                help="What the model predicts" + " for the chosen moment" * can.reads_clock + ".",
            ),
            "rank": st.column_config.NumberColumn(
                "Rank", format="localized", width=65, help="Its rank in the whole catalogue, seen titles included."
            ),
            "when": st.column_config.DatetimeColumn("Rated (UTC)", format="D MMM YYYY, HH:mm", width=150),
        },
    )


def _draw_movers(chosen: Choices, now: pd.DataFrame, pinned: pd.DataFrame | None) -> None:
    st.subheader("What moved since the pin", anchor=False)
    if pinned is None or chosen.pin is None:
        st.caption(
            ":material/keep: Pin this moment, then turn the clock: the biggest risers and fallers are listed here."
        )
        return
    risers, fallers = title_lists.moved_most(now, pinned)
    if risers.empty and fallers.empty:
        st.caption(f"Nothing has moved since {moment(chosen.pin)}: the clock stands there.")
        return
    both = pd.concat([risers, fallers], ignore_index=True)
    both["step"] = [f"▲ {step}" if step > 0 else f"▼ {-step}" for step in both["step"]]
    st.dataframe(
        both[["step", "name", "rank_before", "rank"]],
        hide_index=True,
        height="content",
        key="movers",
        alt="Biggest risers and fallers in the catalogue since the pinned moment",
        column_config={
            "step": st.column_config.TextColumn("Move", width=60),
            "name": st.column_config.TextColumn("Title", width=165),
            "rank_before": st.column_config.NumberColumn(
                "Then", width=55, help="Rank in the whole catalogue at the pinned moment."
            ),
            "rank": st.column_config.NumberColumn("Now", width=55, help="Rank in the whole catalogue now."),
        },
    )
    st.caption(f"Among titles in the first hundred now or on {moment(chosen.pin)}, seen ones included.")
