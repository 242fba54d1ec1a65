"""The guided tour through the pages: each step is a page, what is chosen on it, and one sentence.

The sentences take their figures from the model that is shown, so that they stay true of one that is trained anew. A
step whose page this app has not got is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from recommender.bundle.figures import figure
from recommender.dashboard.answers import personas, title_lists
from recommender.dashboard.answers.viewers import HARSH
from recommender.dashboard.bundles import exams, loading, manifests
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.drawing import links
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import day, reference_name
from recommender.data.titles import spoken_name
from recommender.errors import BundleError

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

MODEL, DATA = "flagship", "ml-100k"  # what the tour is about
VERSUS = "versus"  # key of the picker of the model beside the shown one
_APPLIED = "_step_applied"
_SPRING, _AUTUMN = datetime(1998, 4, 22, 23, 10), datetime(1997, 11, 9, 6, 38)
_FOLLOWED = ("Star Wars (1977)", "Fargo (1996)", "Titanic (1997)", "Scream (1996)")


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
      page: the path of its page.
      sentence: from the model that is shown.
      user: the viewer, unless there is that persona.
      at: the moment, UTC.
      pin: the pinned moment, UTC, or None.
      titles: the titles that are followed.
      movie: the title that is opened.
      others: choices that only its page has: key of the widget -> value.
      persona: the name of the persona who is the viewer, of those that are found in the data.
    """

    page: str
    sentence: Callable[["Recommender"], str]
    user: str = "42"
    at: datetime = _SPRING
    pin: datetime | None = None
    titles: tuple[str, ...] = ()
    movie: str | None = None
    others: Mapping[str, str] = field(default_factory=dict)
    persona: str | None = None

    def viewer(self, recommender: "Recommender") -> str:
        """Whose step it is: the persona where the data have it, else the viewer of the other steps."""
        named = personas.find(recommender) if self.persona is not None else ()
        return next((persona.user_id for persona in named if persona.name == self.persona), self.user)


def _list_of_ten(recommender: "Recommender") -> str:
    listed = _listed(recommender, "42", _SPRING)
    seen = recommender.as_of(current.to_seconds(_SPRING)).rated("42")
    rated = f", none of which is among the {len(seen):,} they have rated" if len(seen) else ""
    return f"Of {len(recommender.titles):,} titles the model puts these ten before viewer 42{rated}: {listed[0]} first."


def _turn_the_clock(recommender: "Recommender") -> str:
    then, now = (_listed(recommender, "42", moment) for moment in (_AUTUMN, _SPRING))
    new = len(set(now) - set(then))
    n_then, n_now = (len(recommender.as_of(current.to_seconds(at)).rated("42")) for at in (_AUTUMN, _SPRING))
    why = (
        f"for by then they had rated {n_then} of {n_now} titles" if n_then < n_now else "for the model reads the clock"
    )
    said = f"The same viewer on {_day(_SPRING)} and, pinned, on {_day(_AUTUMN)}"
    return f"{said}: {new} of the ten titles are others, {why}."


def _all_at_once(recommender: "Recommender") -> str:
    first, last = day(recommender.first_moment), day(recommender.last_moment)
    return f"Every moment at once, {first} to {last}: move over the picture, and list and stars follow."


def _harsh_critic(recommender: "Recommender") -> str:
    user = _CRITIC.viewer(recommender)
    now = _catalogue(recommender, user, _SPRING)
    unseen = now[now["place"].notna()]["stars"]
    predicted = f"{unseen.head(current.DEFAULT_K).mean():.1f}"
    moral = "what one picks is not what one praises."
    if user == _CRITIC.user:  # nobody is a harsh critic, or the ratings are missing
        most = f"{unseen.nlargest(current.DEFAULT_K).mean():.1f}"
        return f"These ten are predicted {predicted} stars, the ten with the most stars {most}: {moral}"
    gives = f"{recommender.rated(user)['rating'].mean():.1f} stars on average"
    return f"A harsh critic: viewer {user} gives {gives}, and these ten are predicted {predicted}: {moral}"


def _map_of_titles(recommender: "Recommender") -> str:
    near = spoken_name(recommender.similar("Star Wars (1977)", 1)["title"].iloc[0]).name
    total = f"{len(recommender.titles):,}"
    return f"Each of the {total} titles has a place among the others: nearest to Star Wars lies {near}."


def _two_models(recommender: "Recommender") -> str:
    rows = ", ".join(
        f"{reference_name(name)} {share:.0%}"
        for name, share in exams.references({"": recommender.manifest}, [""]).items()
    )
    longest = exams.exam_of(recommender.manifest).longest
    share = figure(recommender.manifest.metrics.get("test", {}), "top_k_unseen", str(longest))
    if share is None:
        return "Any two models, for the same viewer and moment."
    return (
        f"Any two models, for the same viewer and moment; over all viewers the flagship has {share:.0%} of the titles "
        f"it must find among its first {longest} ({rows})."
    )


def _how_it_learned(recommender: "Recommender") -> str:
    manifest = recommender.manifest
    rmse = figure(manifest.metrics.get("test", {}), "rmse")
    off = "" if rmse is None else f"; on {manifest.split.n_test:,} others its stars are off by {rmse:.2f}"
    return f"It learned for {manifest.training.seconds:,.0f} seconds from {manifest.split.n_train:,} ratings{off}."


def _yourself(recommender: "Recommender") -> str:
    return "And you: rate a few titles and the list follows each click, with nothing trained and nothing kept."


_CRITIC = Step("recommend", _harsh_critic, persona=HARSH)
STEPS = (
    Step("recommend", _list_of_ten),
    Step("recommend", _turn_the_clock, pin=_AUTUMN),
    Step("time-travel", _all_at_once, titles=_FOLLOWED),
    _CRITIC,
    Step("movies", _map_of_titles, movie=_FOLLOWED[0]),
    Step("models", _two_models, others={VERSUS: "multitask"}),
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
    number = _beginning(pages)
    if number is None or not is_about(recommender):
        return
    step = steps(list(pages))[number - 1]
    if step.page != page:
        if _is_new_session():
            st.switch_page(pages[step.page], query_params=st.query_params.to_dict())
        return
    asked = set(st.query_params) if _is_new_session() else set()
    st.session_state[_APPLIED] = number
    choices = {
        current.USER: step.viewer(recommender),
        current.AT: min(max(step.at, options.first), options.last),
        current.TITLES: list(step.titles),
        current.K: current.DEFAULT_K,
        current.HIDE_SEEN: True,
        current.ALL_KNOWN: False,
        current.FUTURE: False,
        **step.others,
    }
    for key, value in choices.items():
        if key not in asked:
            st.session_state[key] = value
    if current.PIN not in asked:
        current.pin(step.pin)
    if step.movie is not None and current.MOVIE not in asked:
        st.query_params[current.MOVIE] = step.movie


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
    for beside in {name for one in shown for key, name in one.others.items() if key == VERSUS}:
        if beside in bundles:
            loading.load(bundles[beside])  # so that it is there when its step is
    with place, st.container(border=True):
        words, ways = st.columns([5, 3], gap="medium", vertical_alignment="center")
    with words:
        if is_about(recommender):
            sentence = escape(step.sentence(recommender))
        else:
            other = _its_bundle(bundles)
            sentence = "The tour is about the flagship on MovieLens, and this is another model. " + (
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
        st.button("Leave", icon=":material/close:", type="tertiary", key="leave_tour", on_click=_leave)


def number() -> int | None:
    """The number of the step that is shown; None outside the tour."""
    return _asked(links.pages())


def draw_start() -> None:
    """Draws the link that starts the tour, unless it is on."""
    pages = links.pages()
    if _asked(pages) is None:
        _link(pages, 1, f"Tour, {len(steps(list(pages)))} steps", ":material/tour:")


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
    numbers = {str(number): number for number in range(1, len(steps(list(pages))) + 1)}
    return numbers.get(st.query_params.get(current.STEP, ""))


def _beginning(pages: Mapping[str, StreamlitPage]) -> int | None:
    """The number of a step that is asked for and not applied yet."""
    number = _asked(pages)
    return None if number == st.session_state.get(_APPLIED) else number


def _is_new_session() -> bool:
    return current.USER not in st.session_state


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
    now = _catalogue(recommender, user, at)
    return [spoken_name(title).name for title in now[now["place"].notna()].head(current.DEFAULT_K)["title"]]


def _catalogue(recommender: "Recommender", user: str, at: datetime) -> pd.DataFrame:
    asked = recommender.as_of(current.to_seconds(at))
    return title_lists.catalogue_at(asked, user, current.to_seconds(at))


def _day(moment: datetime) -> str:
    return day(current.to_seconds(moment))
