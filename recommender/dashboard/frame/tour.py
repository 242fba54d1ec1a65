"""The guided tour through the pages: each step is a page, what is chosen on it, and one sentence.

The sentences take their figures from the model that is shown, so that they stay true of one that is trained anew. A
step whose page this app has not got is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from recommender.bundle.figures import figure, reference_name
from recommender.dashboard.answers import personas, title_lists
from recommender.dashboard.answers.viewers import HARSH
from recommender.dashboard.bundles import exams, manifests
from recommender.dashboard.choices import address, current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.choices.marked_views import LONGEST_SENTENCE, MarkedView
from recommender.dashboard.drawing import links
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import day
from recommender.data.titles import spoken_name
from recommender.errors import BundleError

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

MODEL, DATA = "flagship", "ml-latest-small"  # what the tour is about
_APPLIED = "_step_applied"
_BEGUN = "_session_begun"
_STANDS_FOR = "_step_stands_for"
_THEN, _LATER = datetime(2000, 6, 1), datetime(2003, 6, 1)
_PERSON = "427"  # fifteen years of films, a few at a time; with other data whoever came back most often
_OF_THE_LIST = (  # of the first step, and all of them out by then
    "All About My Mother (Todo sobre mi madre) (1999)",
    "Girl, Interrupted (1999)",
    "Magnolia (1999)",
    "Man on the Moon (1999)",
)
_FOLLOWED = (
    "All About My Mother (Todo sobre mi madre) (1999)",
    "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)",
    "City of God (Cidade de Deus) (2002)",
    "Matrix, The (1999)",
)
_OPENED = "Amelie (Fabuleux destin d'Amélie Poulain, Le) (2001)"


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
      page: the path of its page.
      sentence: from the model that is shown.
      user: the viewer, unless there is that persona.
      at: the moment, UTC; None for the last that is known of the viewer.
      pin: the pinned moment, UTC, or None.
      titles: the titles that are followed.
      movie: the title that is opened.
      persona: the name of the persona who is the viewer, of those that are found in the data.
    """

    page: str
    sentence: Callable[["Recommender"], str]
    user: str = _PERSON
    at: datetime | None = _LATER
    pin: datetime | None = None
    titles: tuple[str, ...] = ()
    movie: str | None = None
    persona: str | None = None

    def viewer(self, recommender: "Recommender") -> str:
        """Whose step it is: the persona where the data have it, else the viewer of the other steps."""
        named = personas.find(recommender) if self.persona is not None else ()
        return next((persona.user_id for persona in named if persona.name == self.persona), self.user)


def _what_they_watched(recommender: "Recommender") -> str:
    listed = _listed(recommender, _PERSON, _THEN)
    rated = recommender.rated(_PERSON)
    by_then = len(recommender.as_of(current.to_seconds(_THEN)).rated(_PERSON))
    said = f"In {_THEN:%B %Y} viewer {_PERSON} had rated {by_then:,} films"
    if not by_then or "timestamp" not in rated:
        total, first = f"{len(recommender.titles):,}", spoken_name(listed[0]).name
        return f"Of {total} titles the model puts these ten before viewer {_PERSON}: {first} first."
    later = set(rated["title"][rated["timestamp"] > current.to_seconds(_THEN)])
    watched = [title for title in listed if title in later]
    names = ", ".join(spoken_name(title).name for title in watched[:2])
    found = f"{len(watched)} they went on to watch, {names} among them" if watched else "none they went on to watch"
    return (
        f"{said}: of the ten the model puts before them, {found}. It has learned from later ratings too; Replay asks "
        "models that have not."
    )


def _turn_the_clock(recommender: "Recommender") -> str:
    then, now = (_listed(recommender, _PERSON, moment) for moment in (_THEN, _LATER))
    new = len(set(now) - set(then))
    n_then, n_now = (len(recommender.as_of(current.to_seconds(at)).rated(_PERSON)) for at in (_THEN, _LATER))
    why = (
        f"for by now they have rated {n_now:,} films, {n_now - n_then:,} more, and there are new ones"
        if n_then < n_now
        else "for the model reads the clock"
    )
    return f"Three years later, the moment before pinned: {new} of the ten titles are others, {why}."


def _all_at_once(recommender: "Recommender") -> str:
    first, last = day(recommender.first_moment), day(recommender.last_moment)
    return (
        f"Every moment at once, {first} to {last}, the ratings of this viewer as ticks: move over the picture, or play "
        "it, and the list follows."
    )


def _was_it_right(recommender: "Recommender") -> str:
    return (
        "Was it right? Models trained on what was known by then alone, asked what people would watch next: misses are "
        "shown as plainly as hits."
    )


def _harsh_critic(recommender: "Recommender") -> str:
    user = _CRITIC.viewer(recommender)
    now = _catalogue(recommender, user, recommender.last_known_moment(user))
    unseen = now[now["place"].notna()]["stars"]
    predicted = f"{unseen.head(current.DEFAULT_K).mean():.1f}"
    moral = "what one picks is not what one praises."
    if user == _CRITIC.user:  # nobody is a harsh critic, or the ratings are missing
        most = f"{unseen.nlargest(current.DEFAULT_K).mean():.1f}"
        return f"These ten are predicted {predicted} stars, the ten with the most stars {most}: {moral}"
    gives = f"{recommender.rated(user)['rating'].mean():.1f} stars on average"
    return f"A harsh critic: viewer {user} gives {gives}, and these ten are predicted {predicted}: {moral}"


def _map_of_titles(recommender: "Recommender") -> str:
    near = [spoken_name(title).name for title in recommender.similar(_OPENED, 2)["title"]]
    total = f"{len(recommender.titles):,}"
    return (
        f"Each of the {total} titles has a place among the others, by who rated it: nearest to "
        f"{spoken_name(_OPENED).name} lie {' and '.join(near)}."
    )


def _how_it_learned(recommender: "Recommender") -> str:
    manifest = recommender.manifest
    test = manifest.metrics.get("test", {})
    longest = exams.exam_of(manifest).longest
    found, rmse = figure(test, "top_k_unseen", str(longest)), figure(test, "rmse")
    learned = f"It learned for {manifest.training.seconds:,.0f} seconds from {manifest.split.n_train:,} ratings"
    if found is None:
        return f"{learned}."
    beside = ", ".join(
        f"{reference_name(name)} {share:.0%}" for name, share in exams.references({"": manifest}, [""]).items()
    )
    off = "" if rmse is None else f"; its stars are off by {rmse:.2f}"
    return (
        f"{learned}; of {manifest.split.n_test:,} others it has {found:.0%} among a viewer's first {longest} "
        f"(simpler methods: {beside}){off}."
    )


def _yourself(recommender: "Recommender") -> str:
    return "And you: rate a few titles and the list follows each click, with nothing trained and nothing kept."


_CRITIC = Step("recommend", _harsh_critic, at=None, persona=HARSH)
STEPS = (
    Step("recommend", _what_they_watched, at=_THEN, titles=_OF_THE_LIST),
    Step("recommend", _turn_the_clock, pin=_THEN, titles=_OF_THE_LIST),
    Step("time-travel", _all_at_once, titles=_FOLLOWED),
    Step("replay", _was_it_right),
    _CRITIC,
    Step("movies", _map_of_titles, movie=_OPENED),
    Step("training", _how_it_learned),
    Step("you", _yourself),
)


def steps(pages: Sequence[str]) -> tuple[Step, ...]:
    """The steps whose pages there are."""
    return tuple(step for step in STEPS if step.page in pages)


def is_about(recommender: "Recommender") -> bool:
    """Whether the tour is about this model, and the model knows everybody and everything it names."""
    manifest = recommender.manifest
    users, titles = (
        {step.user for step in STEPS},
        {title for step in STEPS for title in (*step.titles, *([step.movie] if step.movie else []))},
    )
    named = users <= set(recommender.user_ids) and titles <= set(recommender.titles)
    return manifest.model == MODEL and manifest.data.name == DATA and named


def marked(recommender: "Recommender", options: Options) -> tuple[MarkedView, ...]:
    """The steps as marked views, which can be changed, shown in another order and taken along.

    Args:
      recommender: the model, which the tour is about.
      options: what may be chosen.
    """
    pages = links.pages()
    return tuple(
        MarkedView(
            name=pages[step.page].title,
            sentence=step.sentence(recommender)[:LONGEST_SENTENCE],
            address=f"{step.page}?{urlencode(_parameters(step, recommender, options), doseq=True, safe=':')}",
        )
        for step in steps(list(pages))
    )


def _parameters(step: Step, recommender: "Recommender", options: Options) -> dict[str, str | list[str]]:
    """A step's choices as an address holds them."""
    user = step.viewer(recommender)
    at = step.at or current.to_clock(recommender.last_known_moment(user))
    model = st.session_state.get(current.MODEL)
    found: dict[str, str | list[str] | None] = {
        current.MODEL: model,
        current.USER: user,
        current.AT: current.write_clock(min(max(at, options.first), options.last)),
        current.PIN: None if step.pin is None else current.write_clock(step.pin),
        current.TITLES: list(step.titles),
        current.MOVIE: step.movie,
    }
    return {key: value for key, value in found.items() if value}


def choose_model(pages: Mapping[str, StreamlitPage], bundles: Mapping[str, Path]) -> None:
    """Chooses the model of the tour where a step begins."""
    if _beginning(pages) is not None:
        found = _its_bundle(bundles)
        if found is not None and len(bundles) > 1 and not (_is_new_session() and current.MODEL in st.query_params):
            st.session_state[current.MODEL] = found


def apply(pages: Mapping[str, StreamlitPage], page: str, recommender: "Recommender", options: Options) -> None:
    """Makes a step's choices where it begins.

    In a session that begins with a step, what the address asks for beside it holds.
    """
    _apply(pages, page, recommender, options)
    st.session_state[_BEGUN] = True


def _apply(pages: Mapping[str, StreamlitPage], page: str, recommender: "Recommender", options: Options) -> None:
    st.session_state[_STANDS_FOR] = _left_behind(pages, page)
    number = _beginning(pages)
    if number is None or not is_about(recommender):
        return
    step = steps(list(pages))[number - 1]
    if step.page != page:
        if _is_new_session():
            st.switch_page(pages[step.page], query_params=st.query_params.to_dict())
        return
    st.session_state[_APPLIED] = number
    if address.went_back():  # the address says what was chosen there, or nothing
        return
    asked = set(st.query_params) if _is_new_session() else set()
    user = step.viewer(recommender)
    at = step.at or current.to_clock(recommender.last_known_moment(user))
    choices = {
        current.USER: user,
        current.AT: min(max(at, options.first), options.last),
        current.TITLES: list(step.titles),
        current.K: current.DEFAULT_K,
        current.HIDE_SEEN: True,
        current.ALL_KNOWN: False,
        current.FUTURE: False,
    }
    for key, value in choices.items():
        if key not in asked:
            st.session_state[key] = value
    if current.PIN not in asked:
        current.pin(step.pin)
    if step.movie is not None and current.MOVIE not in asked:
        st.query_params[current.MOVIE] = step.movie


def _left_behind(pages: Mapping[str, StreamlitPage], page: str) -> tuple[str, int] | None:
    """What an address stands for that a step's link leaves behind on its way: the next step, on the page of this one.

    Returns:
      The step in the address, and the number of the one that was shown there; None of any other address.
    """
    held: tuple[str, int] | None = st.session_state.get(_STANDS_FOR)
    asked, shown = st.query_params.get(current.STEP, ""), steps(list(pages))
    if not address.went_back():
        return held if held is not None and held[0] == asked and shown[held[1] - 1].page == page else None
    if not asked.isdecimal() or not 1 < int(asked) <= len(shown) or shown[int(asked) - 1].page == page:
        return None
    return (asked, int(asked) - 1) if shown[int(asked) - 2].page == page else None


def draw(place: DeltaGenerator, page: str, recommender: "Recommender", bundles: Mapping[str, Path]) -> None:
    """Draws the strip on top, while the tour is on.

    Args:
      place: where to.
      page: the path of the page that is shown.
      recommender: the model that is shown.
      bundles: all models, by name.
    """
    pages = links.pages()
    number = _asked(pages)
    if number is None:
        return
    shown = steps(list(pages))
    step = shown[number - 1]
    with place, st.container(border=True):
        words, ways = st.columns([5, 3], gap="medium", vertical_alignment="center")
    with words:
        if is_about(recommender):
            sentence = escape(step.sentence(recommender))
        else:
            other = _its_bundle(bundles)
            sentence = "The tour is about the flagship on MovieLens latest-small, and this is another model. " + (
                "Its next step goes there." if other else "Train one: `python -m recommender train flagship`"
            )
        st.markdown(f"#### {sentence}" if current.presenting() else sentence)
    with ways, st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right", gap="small"):
        st.caption(f"{number} of {len(shown)}", width="content")
        if is_about(recommender) and step.page != page:
            _link(pages, number, "To this step", ":material/arrow_outward:")
        if number > 1:
            _link(pages, number - 1, "Back", ":material/arrow_back:")
        if number < len(shown):
            _link(pages, number + 1, "Next", ":material/arrow_forward:")
        over = number == len(shown)
        st.button(
            "Finish" if over else "Leave",
            icon=":material/check:" if over else ":material/close:",
            type="tertiary",
            key="leave_tour",
            on_click=_leave,
        )


def number() -> int | None:
    """The number of the step that is shown; None outside the tour."""
    return _asked(links.pages())


def draw_start() -> None:
    """Draws the link that starts the tour, unless it is on."""
    pages = links.pages()
    if _asked(pages) is None:
        with links.tall_as_a_button():
            _link(pages, 1, "Take the tour", ":material/tour:")


def numbers(recommender: "Recommender", options: Options) -> list[str]:
    """What the address may say of the step; see `page_parameters`."""
    return ["none", *(str(number) for number in range(1, len(steps(list(links.pages()))) + 1))]


def _link(pages: Mapping[str, StreamlitPage], number: int, label: str, icon: str) -> None:
    query = {current.STEP: str(number)} | ({current.PRESENT: "true"} if current.presenting() else {})
    step = steps(list(pages))[number - 1]
    st.page_link(pages[step.page], label=label, icon=icon, query_params=query, help="")


def _leave() -> None:
    st.query_params.pop(current.STEP, None)
    st.session_state.pop(_APPLIED, None)


def _asked(pages: Mapping[str, StreamlitPage]) -> int | None:
    """The number of the step in the address, if there is such a step."""
    asked = st.query_params.get(current.STEP, "")
    stands_for: tuple[str, int] | None = st.session_state.get(_STANDS_FOR)
    if stands_for is not None and stands_for[0] == asked:
        return stands_for[1]
    return {str(number): number for number in range(1, len(steps(list(pages))) + 1)}.get(asked)


def _beginning(pages: Mapping[str, StreamlitPage]) -> int | None:
    """The number of a step that is asked for and not applied yet."""
    number = _asked(pages)
    return None if number == st.session_state.get(_APPLIED) else number


def _is_new_session() -> bool:
    return _BEGUN not in st.session_state


def _its_bundle(bundles: Mapping[str, Path]) -> str | None:
    for name, bundle in bundles.items():
        try:
            manifest = manifests.manifest_of(bundle)
        except BundleError:
            continue
        if manifest.model == MODEL and manifest.data.name == DATA:
            return name
    return None


def _listed(recommender: "Recommender", user: str, at: datetime) -> list[str]:
    now = _catalogue(recommender, user, current.to_seconds(at))
    return now[now["place"].notna()].head(current.DEFAULT_K)["title"].tolist()


def _catalogue(recommender: "Recommender", user: str, at: int) -> pd.DataFrame:
    return title_lists.catalogue_at(recommender.as_of(at), user, at)
