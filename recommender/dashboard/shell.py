"""What all pages stand in: configuration, navigation, the wait for the model, and what is said if something lacks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from recommender.dashboard.answers import personas
from recommender.dashboard.bundles.loading import Loading, RatingsState, load, try_again
from recommender.dashboard.bundles.manifests import all_bundles
from recommender.dashboard.choices import address, carrying, current, notice, page_parameters
from recommender.dashboard.choices.current import Opening, Options
from recommender.dashboard.choices.marked_views import MarkedView, MarkedViewsError
from recommender.dashboard.downloads import marked_menu
from recommender.dashboard.downloads.asked import Asked
from recommender.dashboard.downloads.download import Download
from recommender.dashboard.drawing import links
from recommender.dashboard.drawing.markdown import plain, sentence
from recommender.dashboard.frame import bar, menus, present, show, tour
from recommender.dashboard.frame.menu_text import ABOUT
from recommender.dashboard.pages.models import download as models_download
from recommender.dashboard.pages.models import page as models
from recommender.dashboard.pages.movies import download as movies_download
from recommender.dashboard.pages.movies import page as movies
from recommender.dashboard.pages.recommend import download as recommend_download
from recommender.dashboard.pages.recommend import page as recommend
from recommender.dashboard.pages.replay import download as replay_download
from recommender.dashboard.pages.replay import page as replay
from recommender.dashboard.pages.time_travel import download as time_travel_download
from recommender.dashboard.pages.time_travel import page as time_travel
from recommender.dashboard.pages.training import download as training_download
from recommender.dashboard.pages.training import offered as training_offered
from recommender.dashboard.pages.training import page as training
from recommender.dashboard.pages.training import tabs as training_tabs
from recommender.dashboard.pages.you import page as you
from recommender.errors import RecommenderError

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

_ASSETS = Path(__file__).resolve().parents[2] / "assets"
_LOOK_AGAIN_SECONDS = 1.0


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
      title, icon, path, help: what the navigation says of it.
      draw: draws it below the bar.
      work_out: works out what it gives to take along, without drawing it.
      of_viewer: whether it is about the viewer in the bar.
      parameters: those of the address that only it has, and what each may be.
      not_held_as_text: for some of them, what the session holds for a value of the address.
    """

    title: str
    icon: str
    path: str
    help: str
    draw: Callable[["Recommender", Options], None]
    work_out: Callable[[Asked], Download | None]
    of_viewer: bool = True
    parameters: Mapping[str, page_parameters.Values] = field(default_factory=dict)
    not_held_as_text: Mapping[str, Callable[[str], Any]] = field(default_factory=dict)

    @property
    def held(self) -> Mapping[str, Callable[[str], Any]]:
        """For each of its parameters, what the session holds for a value of the address."""
        return {**dict.fromkeys(self.parameters, str), **self.not_held_as_text}


# The order is that of the navigation; the first is the start page.
PAGES = (
    Page(
        "Recommend",
        ":material/theaters:",
        "recommend",
        "What the model puts before a viewer at a moment, with predicted stars, and what moved since a pinned moment.",
        recommend.draw,
        recommend_download.work_out,
    ),
    Page(
        "Time travel",
        ":material/history_toggle_off:",
        "time-travel",
        "Turn the clock inside the picture: list, ranks and stars follow, and the page says what is the clock "
        "and what is the viewer.",
        time_travel.draw,
        time_travel_download.work_out,
        parameters={time_travel.SPAN: time_travel.spans},
        not_held_as_text={time_travel.SPAN: time_travel_download.span_of},
    ),
    Page(
        "Replay",
        ":material/replay:",
        "replay",
        "Was it right? Models trained on what was known by then alone, asked about what came next; and how fast one "
        "ages.",
        replay.draw,
        replay_download.work_out,
        parameters={replay.MEASURE: replay.measures},
    ),
    Page(
        "Movies",
        ":material/movie:",
        "movies",
        "Find a title: where it lies in the catalogue, how it was rated, what is like it, and why it stands where it "
        "stands.",
        movies.draw,
        movies_download.work_out,
        parameters={movies.COLOURING: movies.colourings, movies.WHY: page_parameters.on_or_off},
        not_held_as_text={movies.WHY: page_parameters.is_on},
    ),
    Page(
        "Models",
        ":material/compare:",
        "models",
        "Two models side by side for the same viewer and moment, all of them in one picture, and what each is.",
        models.draw,
        models_download.work_out,
        parameters={models.VERSUS: models.others},
    ),
    Page(
        "Training",
        ":material/show_chart:",
        "training",
        "Learning curves, final figures beside simple references, what was trained on what; and train another model.",
        training.draw,
        training_download.work_out,
        parameters={
            training_tabs.TAB: training_tabs.names,
            training_tabs.MODEL: training_offered.models,
            training_tabs.DATA: training_offered.data,
            training_tabs.SPLIT: training_offered.splits,
        },
    ),
    Page(
        "You",
        ":material/person:",
        "you",
        "Rate a few titles or say what you like, alone or with somebody: the list follows each click and says why.",
        you.draw,
        lambda asked: None,  # what a visitor said is in no address
        of_viewer=False,
    ),
)


def draw() -> None:
    """Draws the page that is asked for."""
    icon = str(_ASSETS / "icon.svg")
    st.set_page_config(page_title="Matinee", page_icon=icon, layout="wide", menu_items={"About": ABOUT})
    st.logo(str(_ASSETS / "logo.svg"), size="large")
    st.html(_ASSETS / "phone.css")
    show.take_over()
    shared: list[tuple[Recommender, Options]] = []  # filled once the model is there, before the page runs
    entries = {page.path: _entry(page, shared) for page in PAGES}
    links.remember(entries)
    asked = st.navigation(list(entries.values()), position="top")
    show.turn()
    page = next(page for page in PAGES if page.path == (asked.url_path or PAGES[0].path))
    with carrying.to_page(page.path):
        _draw(page, asked, shared)
    menus.draw()  # last, where it takes no room
    _stay_in_touch()


@st.fragment(run_every=timedelta(days=1))
def _stay_in_touch() -> None:
    """Draws nothing, and has the page drawn again as soon as its browser has found a server again.

    Browsers ask for that only if a part of the page is drawn by itself from time to time. Without it a session that
    begins because the server had died would begin with the viewer's next click, and take over the address instead.
    """


def _draw(page: Page, asked: StreamlitPage, shared: list[tuple["Recommender", Options]]) -> None:
    bundles = all_bundles()
    strip, frame = st.container(), present.frame()
    model = bar.choose_model(bundles)
    stage = load(bundles[model])
    slot = st.empty()
    if not stage.finished:
        with slot.container():
            _draw_waiting()
    try:
        recommender = stage.recommender()
    except RecommenderError as error:
        with slot.container():
            bar.draw_model(bundles)
            _draw_missing(stage, error, others=len(bundles) > 1)
        return
    slot.empty()
    options = _fit_choices(page, model, recommender, list(bundles))
    shared.append((recommender, options))
    try:
        address.write_viewer(options)
        shortcuts = bar.draw(frame, recommender, options, bundles) if page.of_viewer else None
        with frame.row:
            tour.draw_start()
        with present.fold(frame.row):
            present.draw_switch()
            marked = st.container(width="content")
        present.draw_heading(frame.heading, recommender, options, model, of_viewer=page.of_viewer)
        tour.draw(strip, page.path, recommender, bundles)
        show.draw(strip, page.path)
        bar.draw_idle_clock(recommender)
        with st.container():  # one place, whatever is said in it: what stands below is not drawn anew when that changes
            _draw_notices(stage, options)
        asked.run()
        if shortcuts is not None:
            bar.draw_personas(shortcuts, recommender, options)
        marked_menu.draw(marked, recommender, options, work_out)
    except RecommenderError as error:
        st.error(sentence(error), icon=":material/report:")


def _fit_choices(page: Page, model: str, recommender: "Recommender", models: Sequence[str]) -> Options:
    """What may be chosen, which every widget needs: so the choices are made to fit before any of them is drawn."""
    parameters = {
        **page.parameters,
        current.STEP: tour.numbers,
        current.MARKED: show.numbers,
        current.PRESENT: page_parameters.on_or_off,
    }
    options = carrying.to_model(
        model,
        recommender,
        models,
        _opening(recommender),
        lambda options: page_parameters.check(parameters, recommender, options),
    )
    tour.apply(links.pages(), page.path, recommender, options)
    show.apply(options, page.held)
    return options


def work_out(view: MarkedView) -> Download | None:
    """What a marked view shows, without a session; None where its page has nothing to show.

    Raises:
      RecommenderError: if its model cannot be shown.
    """
    bundles, asked = all_bundles(), view.parameters
    model = next(iter(asked.get(current.MODEL, ())), next(iter(bundles)))
    if model not in bundles:
        raise MarkedViewsError(f"there is no model '{model}' any more; train one, or mark the view of another.")
    recommender = load(bundles[model]).recommender()
    options = current.options_of(recommender, _opening(recommender))
    page = next((page for page in PAGES if page.path == view.page), PAGES[0])
    return page.work_out(Asked(recommender, model, options, address.choices_of(asked, options), asked))


def _opening(recommender: "Recommender") -> Opening | None:
    regular = personas.find_regular(recommender)
    return None if regular is None else Opening(regular.user_id, regular.middle)


def _entry(page: Page, shared: list[tuple["Recommender", Options]]) -> StreamlitPage:
    return st.Page(
        lambda: page.draw(*shared[0]),
        title=page.title,
        icon=page.icon,
        url_path=page.path,
        help=page.help,
        default=page is PAGES[0],
    )


def _draw_waiting() -> None:
    """The page as it will be, its controls still dark, for the few seconds a start takes.

    The controls, the table and the chart are real: the browser fetches their code while the server loads the model.
    """
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        st.expander("Viewer", icon=":material/person:", width=250, key="_waiting_viewer")
        st.slider("Turn the clock", disabled=True, format=" ", key="_waiting_clock")
        st.button("Pin this moment", icon=":material/keep:", disabled=True, key="_waiting_pin")
    st.caption("The house lights go down: the model is being loaded, once for all viewers. A few seconds.")
    left, right = st.columns([2, 1], gap="large")
    with left:
        st.dataframe(
            {"#": range(1, 11), "Title": [""] * 10, "Stars": [""] * 10, "Score": [""] * 10, "Year": [""] * 10},
            hide_index=True,
            height="content",
            key="_waiting_table",
            alt="The list of recommendations, not there yet",
            column_config={
                "#": st.column_config.NumberColumn(width=36),
                "Title": st.column_config.TextColumn(width=300),
            },
        )
    with right:
        st.skeleton(height=300)
        blank = {"mark": "point", "height": 10, "config": {"view": {"stroke": None}}}
        st.vega_lite_chart({"x": []}, blank, key="_waiting_chart", alt="A chart, not there yet")
        st.multiselect("Follow titles", [], disabled=True, label_visibility="collapsed", key="_waiting_titles")


def _draw_missing(stage: Loading, error: RecommenderError, *, others: bool) -> None:
    st.header("This model cannot be shown" if others else "There is no model to show", anchor=False)
    st.error(sentence(error), icon=":material/movie_off:")
    st.markdown(f"{'Choose another above, or train' if others else 'Train'} one, which takes about a minute:")
    st.code(f"python -m recommender train flagship --out {_shown_path(stage.bundle)}", language="bash")
    st.button("Look again", icon=":material/refresh:", on_click=try_again, args=(stage.bundle,), key="look_again")


def _draw_notices(stage: Loading, options: Options) -> None:
    line = notice.read(current.choices(options))
    if line:
        st.caption(f":material/info: {line}")
    if stage.ratings.state is RatingsState.FETCHING:
        _watch_fetch(stage)
    elif stage.ratings.state is RatingsState.FAILED:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(
                ":material/cloud_off: Histories, genres and seen titles are missing, because the ratings are not on "
                f"this machine. {sentence(stage.ratings.message)}",
                width="content",
            )
            st.button("Try again", type="tertiary", icon=":material/refresh:", on_click=stage.fetch_again, key="fetch")
    elif stage.ratings.state is RatingsState.UNAVAILABLE:
        st.caption(f":material/folder_off: Histories and seen titles are missing. {sentence(stage.ratings.message)}")


@st.fragment(run_every=_LOOK_AGAIN_SECONDS)
def _watch_fetch(stage: Loading) -> None:
    news = stage.ratings
    if news.state is not RatingsState.FETCHING:
        st.rerun()
    doing = (
        f" Now {plain(news.message)}" + ("." if news.share is None else f", {news.share:.0%}.") if news.message else ""
    )
    st.caption(
        ":material/cloud_download: The ratings are on their way, once for this machine. Until then the page works "
        f"without histories, genres and seen titles.{doing}"
    )


def _shown_path(bundle: Path) -> str:
    try:
        return str(bundle.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(bundle)
