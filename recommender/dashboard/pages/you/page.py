"""The page You: a visitor whom the model has never seen says a little, and the list follows each click.

What is said is handed to the model as a history, which it reads in place of one it was trained on; nothing is trained.
"""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.bundles.manifests import all_bundles, readable_manifests
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.drawing import cards, columns
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import sentence_case
from recommender.dashboard.pages.you import answers, browser, memory, rating, ratings_link, together, upload
from recommender.dashboard.pages.you.download import csv_of, download_of
from recommender.dashboard.pages.you.view import YouView, history_of, you_view
from recommender.dashboard.pages.you.visitor import BOTH, YOU, Company, Visitor, company_of
from recommender.dashboard.parts import details, dials, list_controls
from recommender.data.exchange.rating_exports import write_own_ratings

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_CARDS = "you_cards"
_ROWS_SHOWN = 12
_MOST_PILLS = 20


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the page below the bar."""
    if abilities_of(recommender).reads_history:
        _draw_visitor(recommender, options)
    else:
        _draw_cannot_fold_in(recommender)


def _draw_visitor(recommender: "Recommender", options: Options) -> None:
    company = company_of(recommender.manifest.data.checksum)
    # The page has no clock: a visitor is asked about as of the end of the data.
    chosen = replace(current.choices(options), at=recommender.last_moment if options.has_clock else 0)
    visitor = company.asked
    if company.shown == BOTH:
        _draw_who(company, "")
        ratings_link.draw_arrival(recommender, company.you.bring, company.bring_friend)
        together.draw_both(together.joint_view(recommender, options, company, chosen), recommender, chosen)
    else:
        visitor.note(history_of(recommender, options, visitor))
        view = you_view(recommender, options, visitor, chosen)
        _draw_who(company, view.said)
        ratings_link.draw_arrival(recommender, company.you.bring, company.bring_friend)
        _draw_asked(view, visitor, recommender, options)
    memory.draw_store(recommender, options, company.you)


def _draw_asked(view: YouView, visitor: Visitor, recommender: "Recommender", options: Options) -> None:
    upload.draw(recommender, visitor)  # over the whole width: what is brought is a table
    asked, given = st.columns([5, 6], gap="large")
    with asked:
        if view.is_own:
            _draw_way_to_list(visitor)
        rating.draw_titles(recommender, options, visitor, view.change)
    with given:
        _draw_list(view, visitor, recommender, options)
        browser.come_here(visitor.n_brought + visitor.n_to_list, f"you_list_of_{visitor.key}")
    likes, gave = st.columns([5, 6], gap="large")  # a row of its own: on a phone, the list comes before it
    with likes:
        _draw_preferences(recommender, visitor)
    with gave:
        if view.said:
            _draw_rated(view, visitor, recommender, options)


def _draw_way_to_list(visitor: Visitor) -> None:
    """Draws the way past what can still be rated; on a phone alone, where it stays in view until then (`phone.css`)."""
    with st.container(key="you_way_to_list"):
        st.button("See your list", icon=":material/arrow_downward:", key="you_to_list", on_click=visitor.go_to_list)


def _draw_who(company: Company, said: str) -> None:
    """Draws whose page it is, and what they said in a line."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.header(escape(company.title), anchor=False, width="content")
        together.draw_switch(company)
        if said:
            st.markdown(said, width="content")
        elif company.asked.cleared:
            st.button(
                "Bring back what was cleared",
                icon=":material/undo:",
                type="tertiary",
                key="you_undo",
                on_click=company.asked.undo_clear,
            )
    st.caption(
        "Rate a few films, and the list follows each click. Nothing leaves this session unless you keep it, link to it "
        "or download it; it is not in the address either."
    )


def _draw_rated(view: YouView, visitor: Visitor, recommender: "Recommender", options: Options) -> None:
    """Draws what they have rated, and what can be done with it: kept, linked to, downloaded, cleared."""
    if visitor.stars:
        st.subheader("What you have rated" if view.can.has_stars else "What you know", anchor=False)
        rating.draw_rated(visitor, recommender.scale if view.can.has_stars else None, options)
    if visitor.key == YOU:
        memory.draw_switch(visitor)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if visitor.stars:
            known = {title: stars for title, stars in visitor.stars.items() if title in options.titles}
            ratings_link.draw_maker(known, recommender)
            st.download_button(
                "Download your ratings" if view.can.has_stars else "Download what you know",
                write_own_ratings(visitor.stars, recommender.scale),
                file_name="my-ratings.csv",
                mime="text/csv",
                icon=":material/download:",
                type="tertiary",
                key="you_download",
                on_click="ignore",
                help="What you gave, to bring along another time.",
            )
        st.button(
            "Clear",
            icon=":material/delete_sweep:",
            type="tertiary",
            key="you_clear",
            on_click=visitor.clear,
            help="Forgets all you have said here, and what this browser has kept of it.",
        )


def _draw_list(view: YouView, visitor: Visitor, recommender: "Recommender", options: Options) -> None:
    if view.is_own:
        _draw_heading(view, recommender, "Recommended for you")
    else:
        say = "Rate" if view.can.has_stars else "Name"
        _draw_heading(view, recommender, f"{say} three titles and the list is yours")
        st.caption("Until then, this is what anybody new would be given.")
    list_controls.draw_what_is_left(view.chosen)
    dials.draw_what_is_turned(recommender, view.chosen)
    if view.change is not None and view.change.title not in visitor.asked:  # else it stands where it was clicked
        rating.draw_change(view.change)
    if view.listed.empty:
        st.caption(
            "No title passes the filters."
            if view.chosen.filters
            else f"No title is left: you {'have rated' if view.can.has_stars else 'know'} all that match."
        )
    else:
        list_controls.draw_order(view.listed, view.chosen, "you")
        _draw_titles(view, recommender)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if visitor.has_picked and view.can.has_ratings:
            _draw_only_matching(visitor)
        st.download_button(
            "Download csv",
            partial(csv_of, view, recommender),
            file_name="recommended-for-me.csv",
            mime="text/csv",
            icon=":material/download:",
            key="you_download_list",
            on_click="ignore",
        )
        if not view.listed.empty:
            with st.container(width="content"):
                download_menu.draw(download_of(view, recommender, options))
    if view.notes:
        st.caption(view.notes)


def _draw_heading(view: YouView, recommender: "Recommender", heading: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(heading, anchor=False, width="content")
        with st.container(horizontal=True, width="content", gap="small"):
            list_controls.draw_filters(recommender, view.chosen)
            dials.draw(recommender, view.chosen)
            list_controls.draw_layout(view.chosen)


def _draw_titles(view: YouView, recommender: "Recommender") -> None:
    if not view.chosen.as_cards:
        _draw_table(view, recommender)
        return
    above = st.container()
    pictures = list_controls.draw_pictures(recommender, view.listed["item_id"].tolist())
    reading = cards.Reading("Recommended for you, best first", rates=view.can.rates, pictures=pictures, opens=False)
    details.note_rows(view.listed["title"].tolist())
    with above:
        cards.draw(view.listed, reading, _CARDS, on_aside=partial(details.put_card_aside, _CARDS))


def _draw_table(view: YouView, recommender: "Recommender") -> None:
    can, listed = view.can, view.listed
    wanted = {
        "place": True,
        "name": True,
        "move": "move" in listed,  # early, to be seen on a phone too
        "stars": can.rates,
        "score": not can.rates,
        "labels": can.labels is not None,
        "year": bool(listed["year"].notna().any()),
    }
    st.dataframe(
        listed[[column for column, shown in wanted.items() if shown]],
        hide_index=True,
        height=columns.height(len(listed), _ROWS_SHOWN),
        placeholder="",
        key="you_listed",
        alt="Recommended for you, with " + ("predicted stars" if can.rates else "retrieval score") + ", best first",
        column_config={
            "place": columns.place(),
            "name": columns.title(190 + 35 * (not wanted["year"])),
            "stars": columns.predicted_stars(f"The rating the model predicts of you, {recommender.scale}."),
            "score": columns.score(),
            "move": columns.move("Places gained by your last click."),
            "year": columns.year(),
            "labels": columns.labels(can.labels, 250 - 72 * wanted["move"]),
        },
    )


def _draw_only_matching(visitor: Visitor) -> None:
    key = "you_only"

    def change() -> None:
        visitor.only_matching = bool(st.session_state[key])

    st.session_state[key] = visitor.only_matching
    st.toggle(
        "Only what matches",
        key=key,
        on_change=change,
        help="Leaves out titles that are not of the kinds you picked.",
    )


def _draw_preferences(recommender: "Recommender", visitor: Visitor) -> None:
    """Draws what kinds of titles there are to pick from."""
    st.subheader("Or pick what you like", anchor=False)
    if recommender.ratings is None:
        st.caption("Genres and other kinds come with the ratings.")
        return
    categories = answers.categories(recommender, title_lists.version(recommender))
    if not categories:
        st.caption("The data say nothing of titles but their names, so there are no kinds to pick from.")
    for category in categories:
        key = f"you_likes_{category.feature}"
        st.session_state[key] = [v for v in visitor.picks.get(category.feature, ()) if v in category.values]
        label = escape(sentence_case(category.feature))
        rest: dict[str, Any] = {"key": key, "on_change": _pick, "args": (visitor, category.feature, key)}
        if len(category.values) <= _MOST_PILLS:
            st.pills(label, category.values, format_func=escape, selection_mode="multi", wrap=True, **rest)
        else:
            st.multiselect(label, category.values, placeholder=f"Any of {len(category.values)}", **rest)


def _pick(visitor: Visitor, feature: str, key: str) -> None:
    visitor.picks[feature] = tuple(st.session_state[key])


def _draw_cannot_fold_in(recommender: "Recommender") -> None:
    st.header("You", anchor=False)
    model = escape(recommender.manifest.model)
    reads = ", ".join(escape(name.replace("_", " ")) for name in recommender.manifest.inputs) or "counts alone"
    st.markdown(
        f"**{model} cannot take you in.** It reads {reads}, and no history: what you rate would change nothing. A "
        "model that reads histories can, without being trained again."
    )
    manifests = readable_manifests(all_bundles())
    able = [name for name, manifest in manifests.items() if manifest.reads_history]
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
