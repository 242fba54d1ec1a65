"""All bundles: those examined on the same test part in one picture and one table, the others in tables of their own."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from recommender.bundle.figures import listed, reference_name, references_said, remarks
from recommender.dashboard.bundles import exams
from recommender.dashboard.bundles.exams import Exam
from recommender.dashboard.drawing.markdown import escape

if TYPE_CHECKING:
    from recommender.bundle.manifest import Manifest

_NOTE_APART = 0.06  # of the best share: the height of a line of text, for the names of references to stand clear


@dataclass(frozen=True)
class Plane:
    """The picture of RMSE against the share of titles found.

    Attributes:
      marks: `kind` ("model", "starless" or "reference"), `name`, `rmse`, `share`, `role`, `note`, `note_at` and
        `inward`, as `charts.quality_of_models` reads them.
      stars_axis: the least and the greatest RMSE shown; None if no model predicts stars.
      kinds: the kinds of models there are, sorted.
      about_references: what the references do, in a line; "" without any.
      longest: length of the lists in which titles are found.
    """

    marks: pd.DataFrame
    stars_axis: tuple[float, float] | None
    kinds: tuple[str, ...]
    about_references: str
    longest: int


@dataclass(frozen=True)
class AllModels:
    """Every bundle with its figures, as `exams.table` gives them.

    Attributes:
      exam: what the shown model was examined on.
      figures: of the bundles examined on the same.
      plane: these in a picture, but those whose figures are missing; None where fewer than two are left.
      remarks: what must be said of the chosen models' figures, and of those that are missing, in Markdown.
      elsewhere: figures of the bundles that were examined on something else, by that.
    """

    exam: Exam
    figures: pd.DataFrame
    plane: Plane | None
    remarks: tuple[str, ...]
    elsewhere: Mapping[Exam, pd.DataFrame]


def all_models(manifests: Mapping[str, "Manifest"], shown: str, beside: str | None) -> AllModels:
    """Every bundle with its figures.

    Args:
      manifests: name -> manifest.
      shown: the model in the bar.
      beside: the one beside it, if there is one.
    """
    exam = exams.exam_of(manifests[shown])
    groups = exams.by_exam(manifests, exam)
    names = groups.pop(exam)
    figures = exams.table(manifests, names)
    roles = {shown: "shown", beside: "beside"}
    return AllModels(
        exam=exam,
        figures=figures,
        plane=_plane(figures, exams.references(manifests, names), roles, exam.longest),
        remarks=tuple(_remarks(manifests, names, [name for name in (shown, beside) if name in names])),
        elsewhere={other: exams.table(manifests, members) for other, members in groups.items()},
    )


def _remarks(manifests: Mapping[str, "Manifest"], names: list[str], looked_at: list[str]) -> list[str]:
    found = [
        f"**{escape(name)}**: {escape(remark)}"
        for name in looked_at
        for remark in remarks(manifests[name].metrics.get("test", {}), manifests[name].references)
    ]
    missing = exams.not_measured(manifests, names)
    if missing:
        found.append(
            f"Not measured of {listed([escape(name) for name in missing])}, which an earlier version examined: "
            "what is empty, but for stars of a model that predicts none."
        )
    return found


def _plane(
    figures: pd.DataFrame, references: Mapping[str, float], roles: Mapping[str | None, str], longest: int
) -> Plane | None:
    measured = figures[figures["in_longest"].notna() & (figures["rmse"].notna() | ~figures["rates"])]
    if len(measured) < 2:  # one dot says nothing that the table does not
        return None
    step = _NOTE_APART * measured["in_longest"].max()
    middle = (measured["rmse"].min() + measured["rmse"].max()) / 2
    models = pd.DataFrame(
        {
            "kind": ["starless" if math.isnan(rmse) else "model" for rmse in measured["rmse"]],
            "name": measured["name"],
            "rmse": measured["rmse"],
            "share": measured["in_longest"],
            "role": [roles.get(name, "other") for name in measured["name"]],
            "note": measured["name"],
            "note_at": [_clear(share, list(references.values()), step) for share in measured["in_longest"]],
            "inward": measured["rmse"] > middle,
        }
    )
    lines = pd.DataFrame(
        {
            "kind": "reference",
            "name": [reference_name(name) for name in references],
            "rmse": float("nan"),
            "share": list(references.values()),
            "role": "other",
            "note": [f"{reference_name(name)}, {share:.0%}" for name, share in references.items()],
            "note_at": _apart(list(references.values()), step),
            "inward": False,
        }
    )
    marks = pd.concat([models, lines], ignore_index=True)
    about = references_said(references)
    return Plane(marks, _stars_axis(models), tuple(sorted(set(models["kind"]))), about, longest)


def _clear(value: float, lines: list[float], step: float) -> float:
    """Beside a value, above it or below it: the first that no line strikes through, else the farthest from all."""
    places = [value, value + step * 0.8, value - step * 0.8]
    gaps = [min((abs(place - line) for line in lines), default=math.inf) for place in places]
    return places[next((number for number, gap in enumerate(gaps) if gap >= step / 2), gaps.index(max(gaps)))]


def _apart(values: list[float], step: float) -> list[float]:
    """The values, moved down where they lie nearer than a step to the next higher one."""
    moved, above = list(values), math.inf
    for place in sorted(range(len(values)), key=lambda place: -values[place]):
        above = moved[place] = min(values[place], above - step)
    return moved


def _stars_axis(models: pd.DataFrame) -> tuple[float, float] | None:
    """From the best RMSE to the worst, with room for names, and at the right for models that have none."""
    low, high = models["rmse"].min(), models["rmse"].max()
    if math.isnan(low):
        return None
    step = max(high - low, 0.05)
    return (low - 0.15 * step, high + (0.4 if (models["kind"] == "starless").any() else 0.15) * step)
