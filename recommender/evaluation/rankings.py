"""What all scorers without stars have in common."""

from recommender.evaluation.metrics import Floats, Integers


class Ranking:
    """The part of the `Scorer` protocol that a model answers which ranks titles and rates none."""

    def rate(self, user_rows: Integers, item_rows: Integers, timestamps: Integers) -> Floats | None:
        """None: it says nothing about stars."""
        return None
