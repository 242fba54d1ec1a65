"""The page Recommend: what the model puts before a viewer at a moment."""

from typing import TYPE_CHECKING

import streamlit as st

from recommender.dashboard.answers import supposing, title_lists
from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Opening, Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.download import Download
from recommender.dashboard.drawing import cards, columns, links, pictures
from recommender.dashboard.drawing.words import day, in_a_row, moment
from recommender.dashboard.frame import present, tour
from recommender.dashboard.pages.recommend import list_columns
from recommender.dashboard.pages.recommend.download import download_of
from recommender.dashboard.pages.recommend.view import RecommendView, recommend_view
from recommender.dashboard.parts import details, dials, follow, introduction, list_controls, what_if, what_moved
from recommender.data.titles import spoken_name

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_MOST_ROWS = 12
_MOST_RATED_ROWS = 8


def draw(recommender: "Recommender", options: Options) -> None:
    """Draws the page below the bar: first the controls, which say what stands in the places left above them."""
    can = abilities_of(recommender)
    who = st.container()
    programme, beside = st.columns([2, 1], gap="large")
    with programme:
        table = st.container()
        with present.fold(st.container(horizontal=True, vertical_alignment="bottom", gap="medium")):
            list_controls.draw_controls(can)
            csv = st.container(width="content")
            if can.reads_clock:
                links.draw("time-travel", "See it over time", ":material/history_toggle_off:")
            menu = st.container(width="content")
        if not can.retrieves:
            st.caption(
                ":material/sort: Ordered by predicted rating, the only thing this model learned: what would be "
                "praised, not what would be picked."
            )
    with beside:
        followed = st.container()
        with present.fold(st.container()):
            follow.draw(options)
        moved = st.container()

    view = recommend_view(recommender, current.choices(options))
    download = download_of(view, recommender, options)
    with table:
        _draw_list(view, recommender, options)
    with csv:
        _draw_csv_button(download)
    with who:
        introduction.draw(recommender, can, view.chosen.user)
        if options.opening == Opening(view.chosen.user, view.chosen.at) and tour.number() is None:
            introduction.draw_invitation(recommender, view.chosen.k)
    with followed:
        _draw_followed(view)
    with menu:
        download_menu.draw(download)
    if can.reads_clock and not (view.moved is None and current.presenting()):
        with moved:
            _draw_moved(view, recommender)
    with programme if view.moved is not None else st.container():  # beside what moved, which is long
        _draw_rated(view)
    supposed = supposing.as_if(recommender, view.chosen.user, view.chosen.at, view.changes)
    details.open_if_asked(supposed, options, view.catalogue, view.listed)


def _draw_list(view: RecommendView, recommender: "Recommender", options: Options) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        heading = f"Recommended on {day(view.chosen.at)}" if view.can.reads_clock else "Recommended"
        st.subheader(heading, anchor=False, width="content")
        if not current.presenting():
            with st.container(horizontal=True, width="content", gap="xsmall"):
                list_controls.draw_filters(recommender, view.chosen)
                dials.draw(recommender, view.chosen)
                what_if.draw(recommender, view.chosen, options)
                list_controls.draw_layout(view.chosen)
    details.note_rows(view.listed["title"].tolist())
    what_if.draw_what_is_supposed(view.supposed, view.chosen)
    list_controls.draw_what_is_left(view.chosen)
    dials.draw_what_is_turned(recommender, view.chosen)
    if view.listed.empty:
        st.caption(
            "No title passes the filters."
            if view.chosen.filters
            else "This viewer has seen the whole catalogue: switch off `Hide seen` to list it."
        )
        return
    if view.since_pin:
        st.caption(view.since_pin)
    list_controls.draw_order(view.listed, view.chosen)
    if view.chosen.as_cards:
        _draw_cards(view, recommender)
    else:
        _draw_table(view)


def _draw_cards(view: RecommendView, recommender: "Recommender") -> None:
    above = st.container()
    reading = cards.Reading(
        "Recommended titles, best first",
        rates=view.can.rates,
        pictures=list_controls.draw_pictures(recommender, view.listed["item_id"].tolist()),
    )
    with above:
        cards.draw(view.listed, reading, details.CARDS, details.note_card, details.put_card_aside)


def _draw_table(view: RecommendView) -> None:
    drawn = list_columns.on_page(view)
    st.dataframe(
        view.listed[[*drawn, "title"]],
        hide_index=True,
        column_order=list(drawn),
        height=columns.height(len(view.listed), _MOST_ROWS),
        placeholder="",
        key="recommended",
        alt="Recommended titles with " + ("predicted stars" if view.can.rates else "retrieval score") + ", best first",
        column_config=drawn,
    )
    if not current.presenting():
        details.draw_picker(view.listed["title"].tolist())


def _draw_csv_button(download: Download) -> None:
    st.download_button(
        "Download csv",
        download.csv,
        file_name=f"{download.file_stem}.csv",
        mime="text/csv",
        icon=":material/download:",
        key="download",
        on_click="ignore",
    )


def _draw_followed(view: RecommendView) -> None:
    st.subheader("Titles you follow", anchor=False)
    if view.followed is None:
        return
    if view.can.rates:
        says = "Predicted stars and places of the followed titles at this moment"
        scale = (view.scale.low, view.scale.high)
        pictures.show("predicted_stars", view.followed, scale, key="predicted_stars", alt=says)
    else:
        says = "Places of the followed titles at this moment"
        pictures.show("ranks_in_catalogue", view.followed, len(view.catalogue), key="ranks_in_catalogue", alt=says)
    st.caption(_legend(view))


def _legend(view: RecommendView) -> str:
    can = view.can
    parts = ["Dot: predicted now" if can.rates else "Dot: place now, the first at the right"]
    if view.changes:
        parts.append("tick: as it really is")
    elif view.pin is not None:
        parts.append("tick: at the pinned moment")
    if can.rates and view.followed is not None and view.followed["given"].notna().any():
        parts.append("diamond: what this viewer gave")
    line = f"{', '.join(parts)}, {_could_be_listed(view)}."
    if view.chosen.titles:
        return line
    first = view.chosen.follows_from
    when = f" on {day(first)}" if first != view.chosen.at and can.reads_clock else ""
    return f"The first of the list{when}, until you choose. {line}"


def _could_be_listed(view: RecommendView) -> str:
    """What places are counted among, and what is left out."""
    left_out = title_lists.n_left_out(view.catalogue)
    n = len(view.catalogue)
    if not left_out:
        return f"#: place among all {n:,} titles"
    why = in_a_row([f"{number:,} are {why}" for why, number in left_out.items()])
    return f"#: place among the {n - sum(left_out.values()):,} of {n:,} titles that could be listed now; {why}"


def _draw_rated(view: RecommendView) -> None:
    can, rated = view.can, view.rated
    did = "rated" if can.has_stars else "taken"
    st.subheader(f"What this viewer has {did}", anchor=False)
    if rated is None:
        nothing = "Nothing by then." if view.n_rated_later else "Nothing yet."
        st.caption(nothing if can.has_ratings else "Comes with the ratings.")
        return
    predicted = "What the model predicts" + " for the chosen moment" * can.reads_clock + "."
    drawn = {"name": columns.title(195)}
    if can.has_stars:
        drawn["given"] = columns.gave("Stars this viewer gave.")
    if can.rates:
        drawn["predicted"] = columns.predicted_stars_bar("Predicted", view.scale, 110, predicted)
    if rated["year"].notna().any():
        drawn["year"] = columns.year()
    if "when" in rated:
        drawn["when"] = columns.when()
    st.dataframe(
        rated[list(drawn)],
        hide_index=True,
        height=columns.height(len(rated), _MOST_RATED_ROWS),
        placeholder="",
        key="history",
        alt=f"Titles this viewer has {did}"
        + ", newest first" * ("when" in rated)
        + ", with the stars given" * can.has_stars
        + ", with the stars predicted" * can.rates,
        column_config=drawn,
    )
    if view.n_rated_later:
        st.caption(
            f":material/history: As of then: {len(rated):,} of {len(rated) + view.n_rated_later:,}. The model does not "
            "read here what came later; `With all that is known` lets it."
        )


def _draw_moved(view: RecommendView, recommender: "Recommender") -> None:
    st.subheader("What the change moved" if view.changes else "What moved since the pin", anchor=False)
    if view.moved is None:
        st.caption(
            ":material/keep: Pin this moment, then turn the clock: the biggest risers and fallers are listed here."
        )
        return
    since = f"on {moment(view.pin)}" if view.pin is not None else "in the real list"
    if view.moved.empty:
        nothing = "No place among the first hundred."
        still = "" if view.pin is None else f"Nothing has moved since {moment(view.pin)}: the clock stands there."
        st.caption(still or nothing)
        return
    before = "at the pinned moment" if view.pin is not None else "in the real list"
    drawn = {
        "step": columns.move(width=60),
        "name": columns.title(165),
        "place_before": columns.places(
            "Then" if view.pin is not None else "Really", f"Its place {before}, however long that is.", width=55
        ),
        "place": columns.places("Now", "Its place in the list now.", width=55),
    }
    st.dataframe(
        view.moved[list(drawn)],
        hide_index=True,
        height="content",
        key="movers",
        alt="Biggest risers and fallers in the list "
        + ("since the pinned moment" if view.pin is not None else "beside the real one"),
        column_config=drawn,
    )
    st.caption(f"Among titles in the first hundred places now or {since}.")
    if current.presenting() or view.pin is None:
        return
    _draw_why_moved(view, recommender, view.pin)


def _draw_why_moved(view: RecommendView, recommender: "Recommender", pin: int) -> None:
    title = st.selectbox(
        "What moved",
        view.could_be_explained,
        format_func=lambda title: spoken_name(title).name,
        key="moved_title",
        help="Any title of the list, or of those above that this viewer has not seen.",
    )
    if title is not None:
        what_moved.draw(recommender, view.can, view.chosen, title, (pin, view.chosen.at), place="recommend")
