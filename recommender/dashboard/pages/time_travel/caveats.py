"""What limits the answers of the page Time travel: what the model learned from, and how finely it can tell the time."""

from typing import TYPE_CHECKING

from recommender.dashboard.answers.abilities import Abilities
from recommender.dashboard.drawing.words import day
from recommender.dashboard.pages.time_travel import over_time
from recommender.dashboard.pages.time_travel.over_time import Question
from recommender.dashboard.pages.time_travel.time_words import duration

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender


def caveats(recommender: "Recommender", can: Abilities, question: Question, at: int) -> str:
    """The training span, the width of the clock's steps at the moment, and what of the history is not read.

    Args:
      recommender: the model, which reads the clock.
      can: what it can show.
      question: whose list it is.
      at: the moment, UTC seconds.
    """
    manifest = recommender.manifest
    sentences = [
        f":material/verified: Trained on {manifest.split.n_train:,} ratings from {day(recommender.first_moment)} to "
        f"{day(recommender.last_moment)}; in the shaded time outside, the model can only guess."
    ]
    grain = over_time.grain(recommender, question.version)
    if grain is not None:
        about = "" if grain.exact else "about "
        sentences.append(
            f"Its clock has {len(grain.edges):,} steps, narrow where ratings are many: at this moment one is {about}"
            f"{duration(grain.width_at(at))} wide, "
            + ("and scores run straight across it." if grain.straight else "and nothing in it is told apart.")
        )
        if can.rates and len(grain.star_edges) != len(grain.edges):
            width = duration(grain.star_width_at(at))
            sentences.append(
                f"Stars drift more slowly, in {len(grain.star_edges)} steps, this one {about}{width} wide."
            )
    elif not can.has_ratings:
        sentences.append(
            "How wide the steps of its clock are, and how many ratings it saw when, comes with the ratings."
        )
    if question.as_of_then:
        sentences.append(
            "As of then, it reads only what this viewer had rated by each moment; what it learned from everybody, "
            "later years included, it keeps (Replay shows models that had not)."
        )
    if question.as_of_then and "history" not in manifest.inputs:
        sentences.append("This model reads no history, so only what counts as seen follows the moment.")
    elif question.as_of_then and not recommender.knows_what_was_read:
        sentences.append(
            "Which ratings the model has read cannot be worked out, so all that this viewer gave by then are read."
        )
    return " ".join(sentences)
