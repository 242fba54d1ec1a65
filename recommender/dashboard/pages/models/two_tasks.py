"""What training both tasks together gives each of them, put into words from what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recommender.bundle.figures import NAMES
from recommender.charts.both_tasks import Words
from recommender.dashboard.answers.both_tasks import BOTH, RATING, RETRIEVAL, Measured

_NOTHING = 0.0005  # a share that is 0.0%
# Model -> what its two tasks share, as the drawing says it and as a sentence does.
_SHARED = {
    "multitask": ("shared tables", "both tasks learn the same tables of numbers for viewers and titles."),
    "flagship": (
        "one reader of histories",
        "both tasks read the same history; what is learned for the stars also orders the head of the list.",
    ),
}


@dataclass(frozen=True)
class TwoTasks:
    """What the page says of it.

    Attributes:
      words: those of the drawing.
      sentences: what the tasks share, and what training them together gives the list and the stars.
      source: what was measured, on what and by what command, in Markdown.
    """

    words: Words
    sentences: tuple[str, str, str, str]
    source: str


def two_tasks(measured: Mapping[str, Measured], shown: str) -> TwoTasks | None:
    """What is said of a model of both tasks: the one that is shown, or else the first that was measured.

    Args:
      measured: model -> what was measured of it.
      shown: name of the shown model in the zoo.

    Returns:
      None if none was measured.
    """
    name = next((model for model in (shown, *measured) if model in measured and model in _SHARED), None)
    if name is None:
        return None
    found = measured[name]
    drawn, shared = _SHARED[name]
    of_list = _Gain.between(found, RETRIEVAL, "ndcg_at_10", more_is_better=True)
    of_liked = _Gain.between(found, RETRIEVAL, "liked_ndcg_at_10", more_is_better=True)
    of_stars = _Gain.between(found, RATING, "rmse", more_is_better=False)
    return TwoTasks(
        words=Words(name, drawn, f"finds\n{of_list.said('more', 'less')}", of_stars.said("nearer", "farther\noff")),
        sentences=(
            f"In {name}, {shared}",
            f"The list finds {of_list.in_words('more', 'less')} of what viewers went on to watch than with the list "
            f"trained alone: {of_list.figures}.",
            f"Of what they watched and liked it finds {of_liked.in_words('more', 'less')}: {of_liked.figures}.",
            f"The stars are {of_stars.in_words('nearer', 'farther off')} than with the stars trained alone: "
            f"{of_stars.figures}.",
        ),
        source=f"Measured on {found.data}, on each viewer's last ratings, which were held out of the training part; "
        f"the test part was not looked at. {found.n_trainings} trainings of each kind, {found.day:%-d %b %Y}: "
        f"`{found.command}`",
    )


@dataclass(frozen=True)
class _Gain:
    """How much better a figure is with both tasks than with one, as a share of it.

    Attributes:
      share: above 0 if both are better.
      n_alike: trainings in which the sign is that of the mean.
      n: trainings.
      figures: the means of both, in words.
    """

    share: float
    n_alike: int
    n: int
    figures: str

    @classmethod
    def between(cls, found: Measured, alone: str, figure: str, *, more_is_better: bool) -> "_Gain":
        """The gain of the trainings of both tasks over those of one."""
        both, one = (np.array([row[figure] for row in found.trained[what]]) for what in (BOTH, alone))
        sign = 1.0 if more_is_better else -1.0
        gains = sign * (both / one - 1.0)
        share = sign * float(both.mean() / one.mean() - 1.0)
        said = f"{NAMES[figure].inside} {both.mean():.3f} beside {one.mean():.3f}"
        return cls(share, int((np.sign(gains) == np.sign(share)).sum()), len(gains), said)

    def said(self, better: str, worse: str) -> str:
        """In words: 1.5% more; "no more" where it is below all digits."""
        if abs(self.share) < _NOTHING:
            return f"no {better}"
        return f"{abs(self.share):.1%} {better if self.share > 0 else worse}"

    def in_words(self, better: str, worse: str) -> str:
        """The same with how sure it is: 1.5% more (in 3 of 3 trainings)."""
        agreed = "" if abs(self.share) < _NOTHING else f" (in {self.n_alike} of {self.n} trainings)"
        return f"{self.said(better, worse)}{agreed}"
