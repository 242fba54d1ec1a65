"""The page You: a visitor whom the model has never seen says a little, and the list follows each click.

What is said is handed to the model as a history, which it reads in place of one it was trained on; nothing is trained.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import Abilities, abilities_of, reads_history
from recommender.dashboard.bundles.manifests import all_bundles, readable_manifests
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.drawing.words import escape, moment, sentence_case
from recommender.dashboard.pages.you import asking, bringing, download, preferences
from recommender.dashboard.pages.you.visitor import Stars, Visitor, forget, visitor_of
from recommender.data.exchange.rating_exports import write_own_ratings
from recommender.data.exchange.spreadsheets import csv_for_people

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_CHIP = "#9b8f8033"  # as on Recommend: in this place colour would mean nothing
_ROWS_SHOWN = 12
_ENOUGH = 3


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the page below the bar."""
    can = abilities_of(recommender)
    if can.reads_history:
        _draw_visitor(recommender, can, options)
    else:
        _draw_cannot_fold_in(recommender, all_bundles())


def _draw_visitor(recommender: "Recommender", can: Abilities, options: Options) -> None:
    data = recommender.manifest.data.checksum
    visitor = visitor_of(data)
    who = st.container()  # filled last: the ratings are given below
    bringing.draw(recommender, visitor)  # over the whole width: what is brought is a table
    says, gets = st.columns([2, 3], gap="large")
    with says:
        asking.draw_titles(recommender, options, visitor)
    with gets:
        _draw_list(recommender, can, options, visitor)
    likes, gave = st.columns([2, 3], gap="large")  # a row of its own: on a phone, the list comes before it
    with likes:
        asking.draw_preferences(recommender, visitor)
    with gave:
        if visitor.stars:
            st.subheader("What you have rated", anchor=False)
            asking.draw_rated(visitor, recommender.scale, options)
    with who:
        _draw_who(visitor, recommender, data)


def _draw_who(visitor: Visitor, recommender: "Recommender", data: str) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.header("You", anchor=False, width="content")
        facts = []
        if visitor.stars:
            mean = sum(visitor.stars.values()) / len(visitor.stars)
            facts.append(f"**{len(visitor.stars):,}** rating{'s' * (len(visitor.stars) != 1)}, mean **{mean:.1f}**")
        picked = [escape(value) for values in visitor.picks.values() for value in values]
        if picked:
            facts.append("you like " + ", ".join(picked))
        st.markdown("  ·  ".join(facts) or "A visitor the model has never seen", width="content")
        if facts:
            st.download_button(
                "Download your ratings",
                write_own_ratings(visitor.stars, recommender.scale),
                file_name="my-ratings.csv",
                mime="text/csv",
                icon=":material/download:",
                type="tertiary",
                key="you_download",
                on_click="ignore",
                disabled=not visitor.stars,
                help="What you gave, to bring along another time.",
            )
            st.button(
                "Clear",
                icon=":material/delete_sweep:",
                type="tertiary",
                key="you_clear",
                on_click=forget,
                args=(data,),
                help="Forgets all you have said here.",
            )
    st.caption(
        "Nothing is trained: the model reads what you say as it reads a history. Nothing leaves this session unless "
        "you download it; it is not in the address either. The viewer in the bar plays no part here."
    )


def _draw_list(recommender: "Recommender", can: Abilities, options: Options, visitor: Visitor) -> None:
    chosen = current.choices(options)
    rated = {title: stars for title, stars in visitor.stars.items() if title in options.titles}
    stood_in = _stand_ins(recommender, options, visitor, len(rated))
    visitor.note(tuple({**stood_in, **rated}.items()))
    at_moment = f" on {moment(chosen.at)}" if can.reads_clock else ""
    if rated or visitor.has_picked:
        st.subheader(f"Recommended for you{at_moment}", anchor=False)
    else:
        st.subheader("Rate three titles and the list is yours", anchor=False)
        st.caption(f"Until then, this is what anybody new would be given{at_moment}.")
    kept = None
    if visitor.has_picked and recommender.ratings is not None and visitor.only_matching:
        kept = _cached_matching(recommender, title_lists.version(recommender), tuple(visitor.picks.items()))
    assert visitor.said is not None
    now = _placed(_catalogue(recommender, title_lists.version(recommender), chosen.at, visitor.said), rated, kept)
    before = visitor.said_before
    then = (
        None
        if before is None
        else _placed(_catalogue(recommender, title_lists.version(recommender), chosen.at, before), rated, kept)
    )
    listed = title_lists.recommended(now, then, chosen.k, hide_seen=True)
    if can.labels is not None:
        listed = listed.assign(labels=pd.Series(title_lists.labels_of(recommender, listed["item_id"].tolist())))
    if listed.empty:
        st.caption("No title is left: you have rated all that match.")
    else:
        _draw_table(recommender, can, listed)
    menu = _draw_below(recommender, can, chosen, visitor, listed, len(stood_in), len(rated))
    if not listed.empty:
        with menu:
            download_menu.draw(download.download(recommender, options, listed))


def _stand_ins(recommender: "Recommender", options: Options, visitor: Visitor, n_rated: int) -> Mapping[str, float]:
    if recommender.ratings is None or not visitor.has_picked:
        return {}
    n = max(0, preferences.STAND_INS - n_rated)
    return _cached_stand_ins(recommender, title_lists.version(recommender), tuple(visitor.picks.items()), n)


@st.cache_data(max_entries=20, max_size="20MB", scope="session", show_spinner=False)
def _cached_matching(
    _recommender: "Recommender", version: str, picks: tuple[tuple[str, tuple[str, ...]], ...]
) -> frozenset[str]:
    assert _recommender.ratings is not None
    return preferences.matching(_recommender.ratings, dict(picks))


@st.cache_data(max_entries=20, scope="session", show_spinner=False)
def _cached_stand_ins(
    _recommender: "Recommender", version: str, picks: tuple[tuple[str, tuple[str, ...]], ...], n: int
) -> dict[str, float]:
    assert _recommender.ratings is not None
    return preferences.stand_ins(_recommender.ratings, dict(picks), _recommender.titles, n)


@st.cache_data(max_entries=20, max_size="50MB", scope="session", show_spinner=False)  # two are drawn at once
def _catalogue(_recommender: "Recommender", version: str, at: int, said: Stars) -> pd.DataFrame:
    """Every title as the model ranks it for somebody with this history; one call of the model."""
    from recommender.serving.recommender import History

    history = History(dict(said)) if said else None
    return _recommender.retrieve(None, at, len(_recommender.titles), history=history, include_seen=True)


def _placed(catalogue: pd.DataFrame, rated: Mapping[str, float], kept: frozenset[str] | None) -> pd.DataFrame:
    """With `place`, the rank among titles that are not rated and match; missing for the others."""
    listed = ~catalogue["title"].isin(set(rated))
    if kept is not None:
        listed &= catalogue["item_id"].isin(kept)
    return catalogue.assign(place=listed.cumsum().where(listed).astype("Int64"))


def _draw_table(recommender: "Recommender", can: Abilities, listed: pd.DataFrame) -> None:
    wanted = {
        "place": True,
        "name": True,
        "move": "move" in listed,  # early, to be seen on a phone too
        "stars": can.rates,
        "score": not can.rates,
        "labels": can.labels is not None,
        "year": bool(listed["year"].notna().any()),
    }
    columns = [column for column, shown in wanted.items() if shown]
    scale = recommender.scale
    st.dataframe(
        listed[columns],
        hide_index=True,
        height="content" if len(listed) <= _ROWS_SHOWN else (_ROWS_SHOWN + 1) * 35 + 2,
        placeholder="",
        key="you_listed",
        alt="Recommended for you, with " + ("predicted stars" if can.rates else "retrieval score") + ", best first",
        column_config={
            "place": st.column_config.NumberColumn("#", width=36),
            "name": st.column_config.TextColumn("Title", width=190 + 35 * ("year" not in columns)),
            "stars": st.column_config.NumberColumn(
                "Stars", format="%.1f", width=55, help=f"The rating the model predicts of you, {scale}."
            ),
            "score": st.column_config.NumberColumn(
                "Score", format="%.2f", width=60, help="Retrieval score: what the list is ordered by; it has no scale."
            ),
            "move": st.column_config.TextColumn("Move", width=72, help="Places gained by your last click."),
            "year": st.column_config.NumberColumn("Year", format="%d", width=55),
            "labels": st.column_config.MultiselectColumn(
                sentence_case(can.labels or ""), color=_CHIP, width=300 - 72 * ("move" in columns)
            ),
        },
    )


def _draw_below(
    recommender: "Recommender",
    can: Abilities,
    chosen: Choices,
    visitor: Visitor,
    listed: pd.DataFrame,
    n_stood_in: int,
    n_rated: int,
) -> DeltaGenerator:
    """Draws what belongs to the list; returns the place for a menu."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if visitor.has_picked and recommender.ratings is not None:
            st.session_state["you_only"] = visitor.only_matching
            st.toggle(
                "Only what matches",
                key="you_only",
                on_change=_toggle_matching,
                args=(visitor,),
                help="Leaves out titles that are not of the kinds you picked.",
            )
        st.download_button(
            "Download csv",
            _csv(recommender, can, chosen, listed),
            file_name="recommended-for-me.csv",
            mime="text/csv",
            icon=":material/download:",
            key="you_download_list",
            on_click="ignore",
        )
        menu = st.container(width="content")
    lines = []
    if "move" in listed and len(listed):
        lines.append(_last_click(listed))
    elif n_rated == 0 and not visitor.has_picked:
        lines.append("A click on the stars moves it at once.")
    if n_stood_in:
        lines.append(
            f"For what you picked, the model reads {n_stood_in} well-known titles of these kinds as if you had rated "
            "each with its mean stars; every title you rate takes the place of one."
        )
    elif 0 < n_rated < _ENOUGH:
        lines.append(f"{_ENOUGH - n_rated} more and it knows you better.")
    if not can.retrieves:
        lines.append("Ordered by predicted rating, the only thing this model learned.")
    if lines:
        st.caption(" ".join(lines))
    return menu


def _last_click(listed: pd.DataFrame) -> str:
    new = int(listed["move"].str.endswith("new").sum())
    moved = int((listed["move"] != "=").sum()) - new
    if not new and not moved:
        return "Your last click moved nothing here."
    return f"Your last click: {new} new here, {moved} moved, {len(listed) - new - moved} in their place."


def _toggle_matching(visitor: Visitor) -> None:
    visitor.only_matching = bool(st.session_state["you_only"])


def _csv(recommender: "Recommender", can: Abilities, chosen: Choices, listed: pd.DataFrame) -> bytes:
    wanted = ["rank", "item_id", "title", "year", "score"] + ["stars"] * can.rates + ["rank_in_catalogue"]
    about = {"model": recommender.manifest.model, "viewer": "you"}
    if can.has_clock:
        about["moment_utc"] = f"{current.to_clock(chosen.at):%Y-%m-%dT%H:%M:%SZ}"
    frame = listed.rename(columns={"place": "rank", "rank": "rank_in_catalogue"})[wanted].assign(**about)
    return csv_for_people(frame[[*about, *wanted]]).encode()


def _draw_cannot_fold_in(recommender: "Recommender", bundles: Mapping[str, Path]) -> None:
    st.header("You", anchor=False)
    model = escape(recommender.manifest.model)
    reads = ", ".join(escape(name.replace("_", " ")) for name in recommender.manifest.inputs) or "counts alone"
    st.markdown(
        f"**{model} cannot take you in.** It reads {reads}, and no history: what you rate would change nothing. A "
        "model that reads histories can, without being trained again."
    )
    able = [name for name, manifest in readable_manifests(bundles).items() if reads_history(manifest)]
    with st.container(horizontal=True, gap="small"):
        for name in able:
            st.button(
                f"Show {escape(name)}",
                icon=":material/swap_horiz:",
                key=f"you_choose_{name}",
                on_click=current.choose_model,
                args=(name,),
                type="primary" if name == able[0] else "secondary",
            )
    if not able:
        st.caption("None of the models here does; train one, which takes about a minute:")
        st.code("python -m recommender train flagship", language="bash")
