"""What training a flagship takes, before it begins: sums of its largest tables, and what trainings were measured at."""

from recommender.data.catalogue_limits import MOST_TITLES_SQUARED
from recommender.models.configuration import Needs

_FLOAT = 4  # bytes
_PROGRAM = 1.2e9  # TensorFlow, its graphs, and what is read of any table
_SQUARES = 17  # tables [n_titles, n_titles] of floats held at once: weights of EASE by lambda, inverses and their likes
_OF_A_RATING = 600.0  # bytes: its row in tables, in lists and in the samples' sums
_COPIES = 7  # of each title's vectors: weights, two moments of Adam, average, best epoch, gradient, what is baked
_OF_A_VIEWER = 3 * 400 * _FLOAT  # pooled histories: as they are made, put together and served
_MOMENTS = 64 + 256  # at which the popularity of each title is kept, here and in the reference
# Invented tables (python -m benchmarks.scale), trained, trained anew at the end, and exported: 67,700 ratings to learn
# from took 117 s of processors. Before training anew, 71,000 took 86 s and 700,000 took 583 s, which gives the growth;
# two cores wait for each other for some of it.
_USUAL_SECONDS, _USUAL_RATINGS, _GROWTH, _WAITING = 117.0, 67_700, 0.8, 1.3


def needs_of(n_ratings: int, n_viewers: int, n_titles: int, size: int) -> Needs:
    """What training and examining take.

    Args:
      n_ratings: to learn from.
      n_viewers: of the table.
      n_titles: of the catalogue.
      size: numbers of a trained vector.
    """
    squares = _SQUARES * n_titles**2 * _FLOAT if n_titles <= MOST_TITLES_SQUARED else 0
    vectors = n_titles * (2 * _COPIES * size + _MOMENTS) * _FLOAT
    memory = _PROGRAM + squares + vectors + n_ratings * _OF_A_RATING + n_viewers * _OF_A_VIEWER
    return Needs(memory, _WAITING * _USUAL_SECONDS * (n_ratings / _USUAL_RATINGS) ** _GROWTH)
