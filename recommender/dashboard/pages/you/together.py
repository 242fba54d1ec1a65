"""Draws two people's side of the page: who of them is asked, and the list for both."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.drawing import columns
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.pages.you import answers
from recommender.dashboard.pages.you.changes import name_of
from recommender.dashboard.pages.you.joint_list import RULE, joint_list
from recommender.dashboard.pages.you.view import history_of
from recommender.dashboard.pages.you.visitor import BOTH, FRIEND, YOU, Company, Visitor
from recommender.dashboard.parts import dials
from recommender.data.exchange.spreadsheets import csv_for_people

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_SHOWN, _NAME = "you_shown", "you_friend_name"
_MOST_LETTERS = 24
_FAR_APART = 100  # places: nobody looks that far down a list


@dataclass(frozen=True)
class JointView:
    """The list for two.

    Attributes:
      listed: by `joint_list`, with `name` and `year`.
      friend: what the other one is called inside a sentence, as text.
      first: the title that stands first, in a sentence; empty without one.
      missing: who has rated nothing, so that their half is anybody's; empty if both have.
      rates: whether stars are predicted.
    """

    listed: pd.DataFrame
    friend: str
    first: str
    missing: str
    rates: bool


def joint_view(recommender: "Recommender", options: Options, company: Company, chosen: Choices) -> JointView:
    """Works out the list for two; two calls of the model, both kept."""
    assert company.friend is not None
    people = (company.you, company.friend)
    turned = recommender.with_dials(chosen.dials)
    version = title_lists.version(turned)
    first, second = (
        answers.catalogue(turned, version, chosen.at, history_of(recommender, options, visitor)) for visitor in people
    )
    rated = {title for visitor in people for title in visitor.stars}
    listed = title_lists.describe(joint_list(first, second, rated, chosen.k))
    friend = company.friend_called
    rates = abilities_of(recommender).rates
    return JointView(
        listed=listed,
        friend=friend,
        first=said_of_first(listed.iloc[0], friend, rates=rates) if len(listed) else "",
        missing=_said_of_missing([who for who, v in zip(("you", friend), people, strict=True) if not v.stars]),
        rates=rates,
    )


def said_of_first(row: pd.Series, friend: str, *, rates: bool) -> str:
    """The title that stands first, with its places and stars, in Markdown.

    Args:
      row: of a `joint_list`.
      friend: what the other one is called.
      rates: whether stars are predicted.
    """
    stars = ""
    if rates:
        expected = f"{row['stars_first']:.1f} stars from you and {row['stars_second']:.1f} from {escape(friend)}"
        stars = f" The model expects {expected}."
    lower = int(max(row["place_first"], row["place_second"]))
    apart = f" Your tastes lie far apart: no title is among the first {lower - 1:,} of both." * (lower > _FAR_APART)
    return (
        f"*{name_of(row['title'])}* comes first: it is number {row['place_first']:,} of your own list and number "
        f"{row['place_second']:,} of {escape(friend)}'s.{stars}{apart}"
    )


def _said_of_missing(names: list[str]) -> str:
    if not names:
        return ""
    have, count = ("have", "count") if len(names) > 1 or names == ["you"] else ("has", "counts")
    return f"{escape(_capital(' and '.join(names)))} {have} rated nothing yet and {count} as anybody new."


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def draw_switch(company: Company) -> None:
    """Draws whose page it is: a button that adds somebody, or the choice between the two and both."""
    friend = company.friend
    if friend is None:
        st.button(
            "Watch with somebody",
            icon=":material/group_add:",
            type="tertiary",
            key="you_invite",
            on_click=company.invite,
            help="They rate a few titles here too, or send you a link to their ratings; then there is a list for both.",
        )
        return
    names = {YOU: "You", FRIEND: _capital(company.friend_called), BOTH: "Both"}
    st.session_state[_SHOWN] = company.shown

    def show() -> None:
        company.shown = st.session_state[_SHOWN]

    st.segmented_control(
        "Whose page",
        list(names),
        format_func=lambda who: escape(names[who]),
        required=True,
        key=_SHOWN,
        on_change=show,
        label_visibility="collapsed",
    )
    if company.shown == FRIEND:
        _draw_name(friend)
    st.button(
        "Alone again",
        icon=":material/group_remove:",
        type="tertiary",
        key="you_part",
        on_click=company.part,
        help="Forgets what they rated; yours are kept.",
    )


def _draw_name(friend: Visitor) -> None:
    st.session_state[_NAME] = friend.name

    def rename() -> None:
        friend.name = " ".join(str(st.session_state[_NAME]).split())[:_MOST_LETTERS]

    st.text_input(
        "Their name",
        key=_NAME,
        on_change=rename,
        max_chars=_MOST_LETTERS,
        placeholder="Their name",
        label_visibility="collapsed",
        width=180,
        icon=":material/edit:",
    )


def draw_both(view: JointView, recommender: "Recommender", chosen: Choices) -> None:
    """Draws the list for two, which is turned as that of each."""
    friend = view.friend
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(f"For you and {escape(friend)}", anchor=False, width="content")
        dials.draw(recommender, chosen)
    dials.draw_what_is_turned(recommender, chosen)
    if view.first:
        st.markdown(view.first)
    st.caption(f"{RULE} Titles that one of you has rated are left out. {view.missing}")
    if view.listed.empty:
        st.caption("No title is left: you two have rated them all.")
        return
    number = st.column_config.NumberColumn
    shown = ["place", "name", *["stars_first", "stars_second"] * view.rates, "place_first", "place_second", "year"]
    if view.listed["year"].isna().all():
        shown.remove("year")
    st.dataframe(
        view.listed[shown],
        hide_index=True,
        height="content",
        width="content",
        placeholder="",
        key="you_both",
        alt=f"Recommended for you and {friend}, with the stars and places of each, best first for both",
        column_config={
            "place": columns.place(),
            "name": columns.title(182),
            "stars_first": number("You", format="%.1f", width=55, help="The stars the model expects of you."),
            "stars_second": number(
                _capital(friend), format="%.1f", width=80, help=f"The stars the model expects of {friend}."
            ),
            "place_first": number("Your place", format="localized", width=85, help="Where it stands in your own list."),
            "place_second": number(
                "Their place", format="localized", width=85, help=f"Where it stands in the list of {friend}."
            ),
            "year": columns.year(),
        },
    )
    st.download_button(
        "Download csv",
        _csv_of(view),
        file_name="recommended-for-both.csv",
        mime="text/csv",
        icon=":material/download:",
        key="you_download_both",
        on_click="ignore",
    )


def _csv_of(view: JointView) -> bytes:
    names = {
        f"{what}_{which}": f"{what}, {name}"
        for what in ("stars", "place")
        for which, name in (("first", "you"), ("second", view.friend))
    }
    table = view.listed[["place", "title", *names]].rename(columns=names)
    return csv_for_people(table if view.rates else table.dropna(axis="columns", how="all")).encode()
