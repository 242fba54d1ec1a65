"""Marking a view, and the marked views: named, ordered, shown, and taken along as slides, a file or a link."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recommender.dashboard.choices import current, marked_views
from recommender.dashboard.choices.current import Options
from recommender.dashboard.choices.marked_views import (
    LONGEST_NAME,
    LONGEST_SENTENCE,
    MOST_VIEWS,
    MarkedView,
    MarkedViewsError,
)
from recommender.dashboard.choices.shared_link import address_of_app
from recommender.dashboard.downloads.download import Download
from recommender.dashboard.downloads.slides import Slide
from recommender.dashboard.downloads.slides_pdf import slides_pdf
from recommender.dashboard.downloads.slides_pptx import PPTX, slides_pptx
from recommender.dashboard.drawing import links
from recommender.dashboard.drawing.markdown import escape, sentence
from recommender.dashboard.frame import show, tour
from recommender.errors import RecommenderError

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

WorkOut = Callable[[MarkedView], Download | None]  # raises a RecommenderError if it cannot
_DOWNLOADS = "_marked_downloads"  # as they were marked, by address: a visitor's list is in no address
_LONGEST_LINK = 8_000  # letters that browsers and chats hand on


def draw_marking(download: Download) -> None:
    """Draws the form that marks a view, for the menu of downloads."""
    name, said = f"mark_name_{download.file_stem}", f"mark_sentence_{download.file_stem}"
    st.text_input(
        "Name of this view",
        value=download.title[:LONGEST_NAME],
        max_chars=LONGEST_NAME,
        key=name,
    )
    st.text_area(
        "What it shows, in a sentence",
        value="",
        placeholder="The title of its slide; the name if there is none.",
        max_chars=LONGEST_SENTENCE,
        height=70,
        key=said,
    )
    st.button(
        "Mark this view",
        icon=":material/bookmark_add:",
        key=f"mark_{download.file_stem.split('-')[0]}",
        on_click=_mark,
        args=(download, name, said),
        disabled=len(marked_views.held()) >= MOST_VIEWS,
        help="Puts it among the marked views: to be shown one after another, or taken along as slides.",
    )


def draw(place: DeltaGenerator, recommender: "Recommender", options: Options, work_out: WorkOut) -> None:
    """Draws the button that opens the marked views.

    Args:
      place: where to.
      recommender: the model.
      options: what may be chosen.
      work_out: works out what a view shows.
    """
    n = len(marked_views.held())
    with place:
        if st.button(
            f"Marked views ({n})" if n else "Marked views",
            icon=":material/bookmarks:",
            type="tertiary",
            key="marked_views",
            help="Views with a name and a sentence: show them one after another, or take them along as slides.",
        ):
            _draw_views(recommender, options, work_out)


@st.dialog("Marked views", width="large", icon=":material/bookmarks:")
def _draw_views(recommender: "Recommender", options: Options, work_out: WorkOut) -> None:
    views = marked_views.held()
    if not views:
        st.caption("None yet: *Mark this view*, in the menu *Export* of a page, puts it here.")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if views and st.button("Show them", icon=":material/slideshow:", type="primary", key="show_views"):
            show.turn_to(1)
            st.rerun()
        if tour.is_about(recommender):
            st.button(
                "Add the steps of the tour",
                icon=":material/tour:",
                key="mark_tour",
                on_click=_mark_tour,
                args=(recommender, options),
            )
        if views:
            st.button(
                "Remove all", icon=":material/delete:", type="tertiary", key="unmark_all", on_click=_hold, args=((),)
            )
    if views:
        _draw_files(views, work_out)
    for place, view in enumerate(views):
        _draw_view(place, view, last=place == len(views) - 1)
    if views:
        _draw_link(views)
    given = st.file_uploader("Marked views from a file", type="json", key="marked_file", max_upload_size=1)
    if given is not None:
        _take_over(given.file_id, given.getvalue())


def _draw_view(place: int, view: MarkedView, *, last: bool) -> None:
    key = f"{place}_{view.name}"
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap=None):  # one row on a phone, too
            st.text_input(
                "Name",
                value=view.name,
                max_chars=LONGEST_NAME,
                key=f"name_{key}",
                label_visibility="collapsed",
                on_change=_change,
                args=(place, "name", f"name_{key}"),
            )
            ways: tuple[tuple[str, str, bool, Callable[..., None], tuple[int, ...]], ...] = (
                ("Show", "play_arrow", False, show.turn_to, (place + 1,)),
                ("Up", "arrow_upward", not place, _move, (place, -1)),
                ("Down", "arrow_downward", last, _move, (place, 1)),
                ("Remove", "delete", False, _remove, (place,)),
            )
            for label, icon, disabled, act, args in ways:
                pressed = st.button(
                    f":material/{icon}:",
                    type="tertiary",
                    key=f"{label}_{key}",
                    help=f"{label}: {escape(view.name)}",
                    disabled=disabled,
                    on_click=act,
                    args=args,
                    width=36,
                )
                if pressed and act is show.turn_to:
                    st.rerun()
        st.text_input(
            "Sentence",
            value=view.sentence,
            max_chars=LONGEST_SENTENCE,
            placeholder="What it shows, in a sentence",
            key=f"sentence_{key}",
            label_visibility="collapsed",
            on_change=_change,
            args=(place, "sentence", f"sentence_{key}"),
        )


def _draw_files(views: Sequence[MarkedView], work_out: WorkOut) -> None:
    made = partial(_slides, views, work_out, address_of_app(), dict(st.session_state.get(_DOWNLOADS, {})))
    with st.container(horizontal=True, gap="small"):
        for label, name, build, mime, icon in (
            ("Slides, pptx", "matinee.pptx", lambda: slides_pptx(made()), PPTX, "slideshow"),
            ("Slides, pdf", "matinee.pdf", lambda: slides_pdf(made()), "application/pdf", "picture_as_pdf"),
            (
                "File, json",
                "marked-views.json",
                partial(marked_views.as_file, views),
                "application/json",
                "data_object",
            ),
        ):
            st.download_button(
                label,
                build,
                file_name=name,
                mime=mime,
                icon=f":material/{icon}:",
                key=f"take_{name}",
                on_click="ignore",
            )


def _draw_link(views: Sequence[MarkedView]) -> None:
    link = f"{address_of_app()}?{current.VIEWS}={marked_views.as_text(views)}"
    if len(link) <= _LONGEST_LINK:
        st.caption("One link to all of them: whoever opens it sees the first, and turns with the arrow keys.")
        st.code(link, language=None, wrap_lines=True, height=80)
    else:
        st.caption("These are too many for one link; hand on the file.")


def _slides(views: Sequence[MarkedView], work_out: WorkOut, root: str, marked: Mapping[str, Download]) -> list[Slide]:
    """The views as slides; one that cannot be worked out says why."""
    slides = []
    for view in views:
        address, missing, download = f"{root}{view.address}", "", marked.get(view.address)
        try:
            download = download or work_out(view)
        except RecommenderError as error:
            missing = sentence(error)
        if download is None:
            missing = missing or "Open the page to see it: what it shows there is in no address."
        else:
            download = replace(download, address=address)
        slides.append(Slide(view.name, view.sentence, address, download, missing))
    return slides


def _mark(download: Download, name_key: str, sentence_key: str) -> None:
    """Marks what is shown by what the fields hold now: a click may be what ends the typing."""
    name, said = str(st.session_state.get(name_key, "")), str(st.session_state.get(sentence_key, ""))
    st.session_state[sentence_key] = ""
    address = marked_views.from_root(download.address)
    page, _, query = address.partition("?")
    address = f"{page if page in links.pages() else ''}?{query}"
    view = MarkedView(name=name.strip() or download.title[:LONGEST_NAME], sentence=said, address=address)
    marked_views.hold((*marked_views.held(), view))
    st.session_state[_DOWNLOADS] = {**st.session_state.get(_DOWNLOADS, {}), address: download}
    st.toast(f"Marked: {len(marked_views.held())} in all.", icon=":material/bookmark_added:")


def _mark_tour(recommender: "Recommender", options: Options) -> None:
    _hold((*marked_views.held(), *tour.marked(recommender, options)))


def _hold(views: Sequence[MarkedView]) -> None:
    """Keeps these views, and of what was worked out only what they show."""
    marked_views.hold(views)
    addresses = {view.address for view in views}
    found: Mapping[str, Download] = st.session_state.get(_DOWNLOADS, {})
    st.session_state[_DOWNLOADS] = {address: found[address] for address in found if address in addresses}


def _move(place: int, by: int) -> None:
    marked_views.hold(marked_views.moved(marked_views.held(), place, by))


def _remove(place: int) -> None:
    views = marked_views.held()
    _hold((*views[:place], *views[place + 1 :]))


def _change(place: int, what: str, key: str) -> None:
    """Takes over a name or a sentence from its field; a view always has a name."""
    views, text = list(marked_views.held()), st.session_state[key].strip()
    if text or what == "sentence":
        views[place] = MarkedView(**{**views[place].model_dump(), what: text})
        marked_views.hold(views)


def _take_over(file: str, content: bytes) -> None:
    """Takes over the views of a file that was just given, once."""
    if st.session_state.get("_marked_file") == file:
        return
    try:
        views = marked_views.read_file(content)
    except MarkedViewsError as error:
        st.error(sentence(error), icon=":material/report:")
        return
    st.session_state["_marked_file"] = file
    _hold((*marked_views.held(), *views))
    st.rerun(scope="fragment")
