"""What the page Models shows, worked out from the bundles, the model beside the shown one, and what is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from recommender.bundle.figures import verdict
from recommender.dashboard.answers import both_tasks, title_lists
from recommender.dashboard.bundles import exams
from recommender.dashboard.bundles.loading import Loading, load
from recommender.dashboard.bundles.manifests import readable_manifests, refused
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.pages.models import facts
from recommender.dashboard.pages.models.all_models import AllModels, all_models
from recommender.dashboard.pages.models.comparison import Comparison, Question, compare
from recommender.dashboard.pages.models.two_tasks import TwoTasks, two_tasks
from recommender.errors import RecommenderError

if TYPE_CHECKING:
    from recommender.bundle.manifest import Manifest
    from recommender.serving.recommender import Recommender

VERSUS = "versus"  # key of the picker of the model beside the shown one
MOST_ROWS = 25  # of the two lists; beyond it the lines between them say nothing


@dataclass(frozen=True)
class Bundles:
    """The bundles to choose from.

    Attributes:
      shown: name of the one in the bar.
      folders: name -> folder.
      manifests: name -> manifest of those that can be read, the shown one first.
      others: names of those that can stand beside the shown one, as they were trained on the same data: first those
        examined on the same test part, the best of them first; last any whose data nobody can say.
      elsewhere: the two best of other data that can stand side by side, where none can beside the shown one.
      refused: name -> why, of those that cannot be read.
    """

    shown: str
    folders: Mapping[str, Path]
    manifests: Mapping[str, "Manifest"]
    others: tuple[str, ...]
    elsewhere: tuple[str, str] | None
    refused: Mapping[str, str]


@dataclass(frozen=True)
class Pair:
    """The shown model and the one beside it, asked the same question.

    Attributes:
      models: the two.
      names: of their bundles.
      chosen: viewer, moment and length of the lists.
      hide_seen: whether titles the viewer has rated are left out; only where both models have the ratings.
      found: their answers, compared.
    """

    models: tuple["Recommender", "Recommender"]
    names: tuple[str, str]
    chosen: Choices
    hide_seen: bool
    found: Comparison


@dataclass(frozen=True)
class NoPair:
    """Why two chosen models do not stand side by side.

    Attributes:
      reason: a line of Markdown.
      loading: the model beside, if all that lacks is that it is loaded.
      failed: the folder of the model beside, if it could not be loaded.
    """

    reason: str
    loading: Loading | None = None
    failed: Path | None = None


@dataclass(frozen=True)
class ModelsView:
    """All that the page shows.

    Attributes:
      verdicts: of each of the chosen bundles what it is worth, in Markdown; none of one that was not examined.
      pair: the two models side by side, or why they are not; None where there is none to stand beside.
      all_models: every bundle, by what it was examined on.
      described: names of the one or two chosen bundles.
      facts: a column of facts for each of them, as text.
      settings: a column of settings for each of them, as `facts.settings_table` gives them.
      two_tasks: what training both tasks together gives each; None if nobody measured it, or the data have no ratings.
    """

    verdicts: tuple[str, ...]
    pair: Pair | NoPair | None
    all_models: AllModels
    described: tuple[str, ...]
    facts: pd.DataFrame
    settings: pd.DataFrame
    two_tasks: TwoTasks | None


def bundles_of(recommender: "Recommender", folders: Mapping[str, Path], shown: str) -> Bundles:
    """The bundles to choose from.

    Args:
      recommender: the shown model.
      folders: name -> folder of every bundle.
      shown: the shown model's name.
    """
    others = {name: folder for name, folder in folders.items() if name != shown}
    manifests = {shown: recommender.manifest, **readable_manifests(others)}
    exam = exams.exam_of(recommender.manifest)
    alike = [name for name in others if name in manifests and exams.exam_of(manifests[name]) == exam]
    best = exams.table(manifests, alike)["name"].tolist()
    data = {name: manifest.data.checksum for name, manifest in manifests.items()}
    rest = [name for name in others if name not in best and data.get(name, data[shown]) == data[shown]]
    rest.sort(key=lambda name: name not in data)
    elsewhere = None if best or rest else _pair_elsewhere(manifests, shown)
    return Bundles(shown, folders, manifests, (*best, *rest), elsewhere, refused(others))


def _pair_elsewhere(manifests: Mapping[str, "Manifest"], shown: str) -> tuple[str, str] | None:
    """The two best models of an exam that more than one bundle has; of several exams the one with the most bundles."""
    groups = exams.by_exam({name: manifest for name, manifest in manifests.items() if name != shown})
    most = max(groups.values(), key=len, default=[])
    if len(most) < 2:
        return None
    first, second, *_ = exams.table(manifests, most)["name"].tolist()
    return first, second


def models_view(recommender: "Recommender", bundles: Bundles, beside: str | None, chosen: Choices) -> ModelsView:
    """Works out what the page shows.

    Args:
      recommender: the shown model.
      bundles: the bundles.
      beside: one of `bundles.others`, or None.
      chosen: what is chosen in the bar and above the lists.
    """
    names = [bundles.shown] if beside is None else [bundles.shown, beside]
    manifests = {name: bundles.manifests[name] for name in names if name in bundles.manifests}
    said = (verdict(f"**{escape(name)}**", m.metrics.get("test", {}), m.references) for name, m in manifests.items())
    return ModelsView(
        verdicts=tuple(filter(None, said)),
        pair=None if beside is None else _pair(recommender, bundles, beside, chosen),
        all_models=all_models(bundles.manifests, bundles.shown, beside),
        described=tuple(manifests),
        facts=pd.DataFrame({name: facts.facts_of(manifest) for name, manifest in manifests.items()}),
        settings=facts.settings_table(manifests),
        two_tasks=two_tasks(both_tasks.read(), recommender.manifest.model)
        if recommender.manifest.data.has_ratings
        else None,
    )


def _pair(recommender: "Recommender", bundles: Bundles, beside: str, chosen: Choices) -> Pair | NoPair:
    name, folder = escape(beside), bundles.folders[beside]
    stage = load(folder)
    if not stage.finished:
        line = f":material/hourglass_top: {name} is being loaded; the rest of the page works meanwhile."
        return NoPair(line, loading=stage)
    try:
        other = stage.recommender()
    except RecommenderError as error:
        return NoPair(f":material/report: {name} cannot be loaded: {escape(str(error))}", failed=folder)
    if chosen.user not in other.user_ids:
        return NoPair(f":material/person_off: {name} does not know viewer {escape(chosen.user)}.")
    return pair_of((recommender, other), (bundles.shown, beside), chosen)


def pair_of(models: tuple["Recommender", "Recommender"], names: tuple[str, str], chosen: Choices) -> Pair:
    """Asks two models that know the viewer the same question.

    Args:
      models: the two.
      names: of their bundles.
      chosen: what is chosen; at most `MOST_ROWS` titles are listed.
    """
    hide_seen = chosen.hide_seen and all(model.has_ratings for model in models)
    ours, theirs = (title_lists.catalogue_at(chosen.asked(model), chosen.user, chosen.at) for model in models)
    first, second = (title_lists.version(chosen.asked(model)) for model in models)
    question = Question(
        (first, second), chosen.user, chosen.at, min(chosen.k, MOST_ROWS), hide_seen, chosen.show_future
    )
    return Pair(models, names, chosen, hide_seen, compare(ours, theirs, question))
