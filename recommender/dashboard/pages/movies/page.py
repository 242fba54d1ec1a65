"""The page Movies: find a title, see where it lies in the catalogue, what there is to say of it, and why it is here."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recommender.dashboard.answers import searching, title_lists
from recommender.dashboard.answers.abilities import Abilities, abilities_of
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices, Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.download import Picture
from recommender.dashboard.drawing import pictures
from recommender.dashboard.drawing.words import escape, moment, plain, sentence_case
from recommender.dashboard.pages.movies import download, opened, places
from recommender.dashboard.pages.movies.reception import Reception, reception
from recommender.dashboard.parts import details, found_titles, why
from recommender.data.titles import spoken_name

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

FIND = "find"
WHY = download.WHY
COLOURING = "colour"
MAP = "catalogue_map"
LIKE = "like_it"
LIKE_CLICKED = "like_it_clicked"
_LIKE_SHOWN = "_like_it_shown"
_ON_MAP = "_on_map"
_FOUND = 6
_LIKE = 8


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the page below the bar."""
    can = abilities_of(recommender)
    version = title_lists.version(recommender)
    chosen = current.choices(options)
    now = title_lists.whole_catalogue(recommender, version, chosen.user, chosen.at)
    _draw_search(recommender)
    title = opened.asked()
    unasked = title is None or title not in options.titles
    if title is None or unasked:
        if title is not None:
            st.caption(f":material/info: This model does not know '{plain(title)}'.")
        title = _first(now, can)
    charted, beside = st.columns([3, 2], gap="large")
    with charted:
        catalogue = _draw_map(recommender, can, options, title)
    with beside:
        menu, received = _draw_title(recommender, can, options, chosen, now, title, unasked)
    effects = _draw_why(recommender, can, chosen, title)
    alike, rated = st.columns(2, gap="large")
    with alike:
        like = _draw_like(recommender, can, title)
    with rated:
        _draw_nearest(recommender, can, chosen, title)
    with menu:
        download_menu.draw(download.download(recommender, options, now, title, received, effects, like, catalogue))


def _draw_why(recommender: "Recommender", can: Abilities, chosen: Choices, title: str) -> why.Effects | None:
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
        return why.draw(recommender, can, chosen, title, place="page")


def _first(now: pd.DataFrame, can: Abilities) -> str:
    """What is open until something is asked for: the first recommendation."""
    unseen = now[now["place"].notna()] if can.has_ratings else now
    return str((unseen if len(unseen) else now)["title"].iloc[0])


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
        found_titles.draw(words, searching.find(recommender, words, _FOUND), "found", opened.open_title)


def _draw_map(recommender: "Recommender", can: Abilities, options: Options, title: str) -> Picture | None:
    st.subheader("The catalogue as the model sees it", anchor=False)
    if not can.has_space:
        st.caption("To this model no title is more like one than another, so there is no map of its catalogue.")
        return None
    found = places.places(recommender, title_lists.version(recommender))
    if found is None:
        st.caption(
            "This bundle holds no map: there is none of very few titles, or of titles that all lie on one line. If it "
            "was only written before there were maps, this draws one, which takes seconds and trains nothing:"
        )
        st.code("python -m recommender map DIR", language="bash")
        return None
    colouring = _draw_colouring(can, found)
    seen = recommender.seen(current.choices(options).user)
    marks = places.marks(found, seen, current.followed(options), title, opened.times_opened())
    st.session_state[_ON_MAP] = dict(zip(found.titles["item_id"], found.titles["title"], strict=True))
    heading = _heading(can, colouring)
    scale = (recommender.scale.low, recommender.scale.high)
    pictures.show_named(
        "catalogue_map",
        {"titles": found.table(opened.times_opened()), "marks": marks},
        "titles",
        "marks",
        found.reach,
        colouring,
        found.domain(colouring),
        heading,
        scale,
        _inks(),
        key=MAP,
        alt=f"Map of {len(found.titles):,} titles, near each other where the model thinks them alike; "
        "the opened one is ringed. The search above and the tables below open the same titles.",
        on_select=_note_pick,
        selection="pick",
    )
    st.caption(_legend(recommender, can, found, colouring, bool(marks["given"].notna().any())))
    return download.catalogue_of(found, marks, colouring, heading, scale)


def _inks() -> tuple[str, str]:
    """Colours of text and ground; the light ones until the browser has said which theme it shows."""
    return ("#efe6d8", "#16120e") if st.context.theme.type == "dark" else download.INKS


def colourings(recommender: "Recommender", options: Options) -> list[str]:
    """What the address may say of the colours; see `own_parameters`."""
    can = abilities_of(recommender)
    found = places.places(recommender, title_lists.version(recommender)) if can.has_space else None
    return [] if found is None or len(found.colourings) < 2 else [escape(c) for c in _by_heading(can, found)]


def _by_heading(can: Abilities, found: places.Places) -> dict[str, str]:
    return {_heading(can, colouring): colouring for colouring in found.colourings}


def _draw_colouring(can: Abilities, found: places.Places) -> str:
    if len(found.colourings) < 2:
        return found.colourings[0] if found.colourings else places.PLAIN
    by_heading = _by_heading(can, found)
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
    return by_heading.get(heading, found.colourings[0])


def _heading(can: Abilities, colouring: str) -> str:
    if colouring == places.GENRE:
        return sentence_case(can.labels or "")
    return {places.YEAR: "Year", places.POPULARITY: "Times rated"}.get(colouring, "")


def _note_pick() -> None:
    """Opens the title whose point was clicked; for the map. A click beside all points opens nothing."""
    picked = st.session_state[MAP]["selection"].get("pick", [])
    titles = st.session_state.get(_ON_MAP, {})
    if picked and picked[0].get("item_id") in titles:
        opened.open_title(titles[picked[0]["item_id"]])


def _legend(recommender: "Recommender", can: Abilities, found: places.Places, colouring: str, rated: bool) -> str:
    facts = recommender.manifest.map
    parts = ["Near each other: alike to the model; directions and empty space mean nothing."]
    if facts is not None:
        parts.append(
            f"Trustworthiness {facts.trustworthiness:.3f} of 1: how far the {facts.neighbours} nearest on the map are "
            "near in the model's space too (t-SNE of cosines)."
        )
    if len(found.titles) < len(recommender.titles):
        parts.append(f"{len(found.titles):,} of {len(recommender.titles):,} titles are on it.")
    if can.has_ratings:
        parts.append("Small points: rated by few, so their place rests on little.")
    if colouring == places.GENRE:
        parts.append("A title with several of these has the colour of the rarest.")
    if rated:
        parts.append("Rings: what this viewer rated, the wider the more stars.")
    return " ".join(parts) + " Drag and scroll to look closer, double-click to go back, click a point to open it."


def _draw_title(
    recommender: "Recommender",
    can: Abilities,
    options: Options,
    chosen: Choices,
    now: pd.DataFrame,
    title: str,
    unasked: bool,
) -> tuple[DeltaGenerator, Reception | None]:
    """Draws the title; returns the place for a menu, and how the title was received, where that is known."""
    row = now.loc[now["title"] == title].iloc[0]
    name, year = spoken_name(title)
    st.subheader(escape(f"{name} ({year})" if year else name), anchor=False)
    if unasked:
        st.caption(f"The first recommendation for viewer {escape(chosen.user)}, until you open another.")
    details.draw_features(recommender, can, row["item_id"])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        if can.rates:
            st.metric("Predicted stars", f"{row['stars']:.1f}")
        st.metric("Rank", f"{row['rank']:,}", help=f"Of {len(now):,} titles, seen ones included.")
        following = title in current.followed(options)
        st.button(
            "Stop following" if following else "Follow",
            icon=":material/visibility_off:" if following else ":material/visibility:",
            key="follow_movie",
            on_click=current.follow,
            args=(title, not following),
            help="Followed titles are compared on the other pages.",
        )
        menu = st.container(width="content")
    when = f" on {moment(chosen.at)}" if can.reads_clock else ""
    st.caption(f"For viewer {escape(chosen.user)}{when}.")
    if not can.has_ratings:
        st.caption("How viewers rated it comes with the ratings.")
        return menu, None
    found = _received(recommender, title_lists.version(recommender), row["item_id"])
    seen = recommender.seen(chosen.user)
    own = seen.loc[seen["item_id"] == row["item_id"], "rating"]
    _draw_reception(can, chosen, found, None if own.empty else float(own.iloc[0]))
    return menu, found


@st.cache_data(max_entries=300, show_spinner=False)
def _received(_recommender: "Recommender", version: str, item_id: str) -> Reception:
    assert _recommender.ratings is not None
    return reception(_recommender.ratings, item_id)


def _draw_reception(can: Abilities, chosen: Choices, found: Reception, own: float | None) -> None:
    if not found.n_ratings:
        st.caption("Nobody in the data has rated it.")
        return
    counted = f"**Rated by {found.n_ratings:,}**, mean {found.mean:.2f}"
    if found.n_ratings > 1:
        counted += f", standard deviation {found.spread:.2f}"
    gave = "has not rated it" if own is None else f"gave it {own:g}"
    st.markdown(f"{counted}. Viewer {escape(chosen.user)} {gave}.")
    frame = found.stars.assign(own=found.stars["stars"] == own)
    pictures.show("stars_given", frame, key="movie_stars", alt="How often viewers gave it each number of stars")
    if found.parts is not None:
        at = pd.Timestamp(chosen.at, unit="s", tz="UTC")
        parts = found.parts.assign(own=(found.parts["from"] <= at) & (at < found.parts["next"]))
        pictures.show(
            "rated_over_time",
            parts,
            key="movie_times",
            alt="How often it was rated over the data's span, and how well",
        )


def _draw_like(recommender: "Recommender", can: Abilities, title: str) -> pd.DataFrame | None:
    st.subheader("Titles like it", anchor=False)
    if not can.has_space:
        st.caption("To this model no title is more like one than another.")
        return None
    frame = title_lists.describe(recommender.similar(title, _LIKE))
    st.session_state[_LIKE_SHOWN] = frame["title"].tolist()
    columns = ["name"] + ["year"] * bool(frame["year"].notna().any()) + ["similarity"]
    st.dataframe(
        frame[columns],
        hide_index=True,
        height="content",
        placeholder="",
        key=LIKE,
        alt="Titles nearest to this one in the model's space of titles, by cosine",
        column_config={
            "name": st.column_config.ButtonColumn(
                "Title", type="tertiary", alignment="left", width=215, key=LIKE_CLICKED, on_click=_open_like
            ),
            "year": st.column_config.NumberColumn("Year", format="%d", width=55),
            "similarity": st.column_config.NumberColumn("Cosine", format="%.2f", width=65),
        },
    )
    st.caption("Cosine of the two titles' places in the model's space: 1 is the same direction. A click opens a title.")
    return frame


def _open_like() -> None:
    click = st.session_state[LIKE_CLICKED]
    shown = st.session_state.get(_LIKE_SHOWN, [])
    if click is not None and 0 <= click["row"] < len(shown):
        opened.open_title(shown[click["row"]])


def _draw_nearest(recommender: "Recommender", can: Abilities, chosen: Choices, title: str) -> None:
    if can.has_space:
        st.subheader("The nearest this viewer rated", anchor=False)
        details.draw_nearest(recommender, chosen, title, width=215)
