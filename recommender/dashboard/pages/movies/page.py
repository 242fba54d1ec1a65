"""The page Movies: find a title, see where it lies in the catalogue, what there is to say of it, and why it is here."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recommender.dashboard.answers import searching
from recommender.dashboard.answers.abilities import Abilities, abilities_of
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.drawing import columns, pictures
from recommender.dashboard.drawing.markdown import escape, plain
from recommender.dashboard.drawing.words import day, moment
from recommender.dashboard.pages.movies import opened_title, title_map
from recommender.dashboard.pages.movies.download import COLOURING, INKS, WHY, download_of
from recommender.dashboard.pages.movies.reception import Reception
from recommender.dashboard.pages.movies.title_map import heading_of
from recommender.dashboard.pages.movies.view import MoviesView, OwnChoices, movies_view
from recommender.dashboard.parts import details, dials, found_titles, list_controls, what_if, why

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

FIND = "find"
MAP = "catalogue_map"
ALIKE = "like_it"
ALIKE_CLICKED = "like_it_clicked"
_ALIKE_LISTED = "_like_it_listed"
_ON_MAP = "_on_map"
_MOST_FOUND = 6


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the page below the bar."""
    can = abilities_of(recommender)
    what_if.draw_real_viewer(recommender, current.choices(options))
    _draw_search(recommender)
    title = opened_title.asked_for()
    if title is not None and title not in options.titles:
        st.caption(f":material/info: This model does not know '{plain(title)}'.")
        title = None
    charted, beside = st.columns([3, 2], gap="large")
    with charted:
        st.subheader("The catalogue as the model sees it", anchor=False)
        colouring = _draw_colouring(recommender, can)

    own = OwnChoices(title, opened_title.n_opened(), current.followed(options), colouring)
    view = movies_view(recommender, current.choices(options), own)
    with charted:
        _draw_map(view)
    with beside:
        menu = _draw_title(view, recommender, options)
        _draw_reception(view)
    effects = _draw_why(view, recommender)
    alike, rated = st.columns(2, gap="large")
    with alike:
        _draw_alike(view)
    with rated:
        _draw_nearest(view, recommender)
    with menu:
        download_menu.draw(download_of(view, recommender, options, effects))


def _draw_search(recommender: "Recommender") -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = st.text_input(
            "Find a title",
            key=FIND,
            bind="query-params",
            placeholder=f"Find one of {len(recommender.titles):,} titles",
            icon=":material/search:",
            label_visibility="collapsed",
            width=330,
            max_chars=100,
        )
        if not words.strip():
            st.caption("Words in any order, parts of words, a year; typing errors are forgiven.", width="content")
            return
        found_titles.draw(words, searching.find(recommender, words, _MOST_FOUND), "found", opened_title.open_title)


def colourings(recommender: "Recommender", options: Options) -> list[str]:
    """What the address may say of the colours; see `page_parameters`."""
    can = abilities_of(recommender)
    return [escape(heading) for heading in title_map.by_heading(title_map.map_of(recommender, can), can)]


def _draw_colouring(recommender: "Recommender", can: Abilities) -> str:
    by_heading = title_map.by_heading(title_map.map_of(recommender, can), can)
    if not by_heading:
        return title_map.colouring_of(recommender, can, "")
    heading: str = st.segmented_control(
        "Coloured by",
        list(by_heading),
        default=next(iter(by_heading)),
        required=True,
        format_func=escape,
        key=COLOURING,
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
    )
    return title_map.colouring_of(recommender, can, heading)


def _draw_map(view: MoviesView) -> None:
    if not view.can.has_space:
        st.caption("To this model no title is more like one than another, so there is no map of its catalogue.")
        return
    found, marks = view.title_map, view.marks
    if found is None or marks is None:
        st.caption(
            "This bundle holds no map: there is none of very few titles, or of titles that all lie on one line. If it "
            "was only written before there were maps, this draws one, which takes seconds and trains nothing:"
        )
        st.code("python -m recommender map DIR", language="bash")
        return
    st.session_state[_ON_MAP] = dict(zip(found.titles["item_id"], found.titles["title"], strict=True))
    colouring = view.own.colouring
    pictures.show_named(
        "catalogue_map",
        {"titles": found.table(view.own.n_opened), "marks": marks},
        "titles",
        "marks",
        found.reach,
        colouring,
        found.domain(colouring),
        heading_of(colouring, view.can),
        view.scale,
        _inks(),
        key=MAP,
        alt=f"Map of {len(found.titles):,} titles, near each other where the model thinks them alike; "
        "the opened one is ringed. The search above and the tables below open the same titles.",
        on_select=_open_picked,
        selection="pick",
    )
    st.caption(_legend(view, len(found.titles), bool(marks["given"].notna().any())))


def _inks() -> tuple[str, str]:
    """Colours of text and ground; the light ones until the browser has said which theme it shows."""
    return ("#efe6d8", "#16120e") if st.context.theme.type == "dark" else INKS


def _open_picked() -> None:
    """Opens the title whose point was clicked; for the map. A click beside all points opens nothing."""
    picked = st.session_state[MAP]["selection"].get("pick", [])
    titles = st.session_state.get(_ON_MAP, {})
    if picked and picked[0].get("item_id") in titles:
        opened_title.open_title(titles[picked[0]["item_id"]])


def _legend(view: MoviesView, n_on_map: int, rated: bool) -> str:
    facts = view.map_facts
    parts = ["Near each other: alike to the model; directions and empty space mean nothing."]
    if facts is not None:
        parts.append(
            f"The {facts.neighbours} nearest on the map are near to the model too, to {facts.trustworthiness:.1%} "
            "(trustworthiness of the map, drawn by t-SNE)."
        )
    if n_on_map < view.n_titles:
        parts.append(f"{n_on_map:,} of {view.n_titles:,} titles are on it.")
    if view.can.has_ratings:
        parts.append("Small points: rated by few, so their place rests on little.")
    if view.own.colouring == title_map.GENRE:
        parts.append("A title of several genres has the colour of the one that fewest titles have.")
    if rated:
        parts.append(f"Rings: what this viewer {'rated, the wider the more stars' if view.can.has_stars else 'took'}.")
    return " ".join(parts) + " Drag and scroll to look closer, double-click to go back, click a point to open it."


def _draw_title(view: MoviesView, recommender: "Recommender", options: Options) -> DeltaGenerator:
    """Draws what the model says of the title; returns the place for the menu of downloads."""
    st.subheader(escape(view.called), anchor=False)
    if view.own.title is None:
        st.caption(f"The first recommendation for viewer {escape(view.chosen.user)}, until you open another.")
    details.draw_features(recommender, view.can, view.item_id)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        if view.can.rates:
            st.metric("Predicted stars", f"{view.stars:.1f}")
        details.draw_place(view.stands)
        st.button(
            "Stop following" if view.following else "Follow",
            icon=":material/visibility_off:" if view.following else ":material/visibility:",
            key="follow_movie",
            on_click=current.follow,
            args=(view.title, not view.following),
            help="Followed titles are compared on the other pages.",
        )
        menu = st.container(width="content")
    when = f" on {moment(view.chosen.at)}" if view.can.reads_clock else ""
    st.caption(f"For viewer {escape(view.chosen.user)}{when}.")
    list_controls.draw_what_is_left(view.chosen)
    dials.draw_what_is_turned(recommender, view.chosen)
    return menu


def _draw_reception(view: MoviesView) -> None:
    received, stars, over_time = view.reception, view.stars_given, view.rated_over_time
    if received is None:
        st.caption("How viewers rated it comes with the ratings.")
        return
    if not received.n_ratings:
        st.caption(f"Nobody in the data has {'rated' if view.can.has_stars else 'taken'} it.")
        return
    st.markdown(_received(received, view))
    if stars is not None:
        pictures.show("stars_given", stars, key="movie_stars", alt="How often viewers gave it each number of stars")
    if over_time is not None:
        says = "How often it was rated over the data's span, and how well"
        if not view.can.has_stars:
            says = "How often it was taken over the data's span"
        pictures.show("rated_over_time", over_time, key="movie_times", alt=says)


def _received(received: Reception, view: MoviesView) -> str:
    who, given, now = f"Viewer {escape(view.chosen.user)}", view.given, day(view.chosen.at)
    has_not = f" by {now}" if given is None and view.chosen.as_of_then else ""
    by, of_them = f"by {received.n_ratings:,}**", ""
    if received.times is not None:
        first, last = (datetime.fromtimestamp(int(at), UTC).year for at in (received.times[0], received.times[-1]))
        by += f" in {first}" if first == last else f" from {first} to {last}"
        of_them = f"; {received.n_by(view.chosen.at):,} of them by {now}"
    if not view.can.has_stars:
        return f"**Taken {by}{of_them}. {who} {'has not taken' if given is None else 'took'} it{has_not}."
    counted = f"**Rated {by}, {received.mean:.2f} stars on average"
    if received.n_ratings > 1:
        counted += f", opinions typically within {received.spread:.2f} stars of that"
    return f"{counted}{of_them}. {who} {'has not rated it' if given is None else f'gave it {given:g}'}{has_not}."


def _draw_why(view: MoviesView, recommender: "Recommender") -> why.Effects | None:
    """Asks the model some hundred times over, so only if somebody wants to know."""
    opening = st.expander(
        "Why it stands there for this viewer",
        icon=":material/balance:",
        key=WHY,
        bind="query-params",
        on_change="rerun",
    )
    if not opening.open:
        return None
    with opening:
        return why.draw(recommender, view.can, view.chosen, view.title, place="page")


def _draw_alike(view: MoviesView) -> None:
    st.subheader("Titles like it", anchor=False)
    if view.alike is None:
        st.caption("To this model no title is more like one than another.")
        return
    st.session_state[_ALIKE_LISTED] = view.alike["title"].tolist()
    drawn = {"name": columns.title_button(215, ALIKE_CLICKED, _open_clicked)}
    if view.alike["year"].notna().any():
        drawn["year"] = columns.year()
    drawn["similarity"] = columns.likeness()
    st.dataframe(
        view.alike[list(drawn)],
        hide_index=True,
        height="content",
        placeholder="",
        key=ALIKE,
        alt="Titles nearest to this one in the model's space of titles, by cosine",
        column_config=drawn,
    )
    st.caption("Cosine of the two titles' places in the model's space: 1 is the same direction. A click opens a title.")


def _open_clicked() -> None:
    click, titles = st.session_state[ALIKE_CLICKED], st.session_state.get(_ALIKE_LISTED, [])
    if click is not None and 0 <= click["row"] < len(titles):
        opened_title.open_title(titles[click["row"]])


def _draw_nearest(view: MoviesView, recommender: "Recommender") -> None:
    if view.can.has_space:
        st.subheader(f"The nearest this viewer {'rated' if view.can.has_stars else 'took'}", anchor=False)
        details.draw_nearest(recommender, view.chosen, view.title, width=215)
