"""How far the page Time travel can be believed: what the model saw, and how finely it can tell the time."""

from typing import TYPE_CHECKING

from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.drawing.words import day
from recommender.dashboard.pages.time_travel import over_time
from recommender.dashboard.pages.time_travel.over_time import Question
from recommender.dashboard.pages.time_travel.picture_frames import duration

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def in_words(recommender: "Recommender", can: Abilities, chosen: Choices, question: Question, only_then: bool) -> str:
    """The training span, the width of the clock's steps at the moment, and what else should be known.

    Args:
      recommender: the model, which reads the clock.
      can: what there is to show of it.
      chosen: what is chosen.
      question: whose list it is.
      only_then: whether the history is cut at the moment.
    """
    manifest = recommender.manifest
    said = [
        f":material/verified: Trained on {manifest.split.n_train:,} ratings from {day(recommender.first_moment)} to "
        f"{day(recommender.last_moment)}; in the shaded time outside, the model can only guess."
    ]
    grain = over_time.grain(recommender, question.version)
    if grain is not None:
        about = "" if grain.exact else "about "
        width = duration(grain.width_at(chosen.at))
        said.append(
            f"Its clock has {len(grain.edges):,} steps, narrow where ratings are many: at this moment one is {about}"
            f"{width} wide, "
            + ("and scores run straight across it." if grain.straight else "and nothing in it is told apart.")
        )
        if can.rates and len(grain.star_edges) != len(grain.edges):
            star_width = duration(grain.star_width_at(chosen.at))
            said.append(
                f"Stars drift more slowly, in {len(grain.star_edges)} steps, this one {about}{star_width} wide."
            )
    elif not can.has_ratings:
        said.append("How wide the steps of its clock are, and how many ratings it saw when, comes with the ratings.")
    if only_then and "history" not in manifest.inputs:
        said.append("This model reads no history, so only what counts as seen follows the moment.")
    elif only_then and not recommender.knows_what_was_read:
        said.append(
            "Which ratings it was told cannot be known any more, so all that this viewer gave by then are read."
        )
    return " ".join(said)
