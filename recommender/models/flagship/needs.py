"""What training a flagship takes, before it begins: by what trainings of several sizes were measured at."""

from recommender.data.catalogue_limits import MOST_TITLES_SQUARED
from recommender.models.configuration import Needs

_FLOAT = 4  # bytes
_PROGRAM = 1.25e9  # TensorFlow, its graphs, and what is read of any table
_SQUARES = 8  # tables [n_titles, n_titles] of floats held at once: weights of EASE by lambda, inverses and their likes
_OF_A_VIEWER = 3 * 400 * _FLOAT  # pooled histories: as they are made, put together and served
# Invented tables (python -m benchmarks.scale), trained, examined and written, had peaks of 2.3 GB with 0.7 million
# ratings to learn from, 3.3 GB with 3.8 million of 20,000 titles, 6.9 GB with 15.2 million of 27,000, and 12.8 GB with
# 1.5 million of 478,000; and took 228, 702, 1,759 and 1,380 seconds.
_OF_A_RATING = 320.0  # bytes: its row in tables, in lists and in the samples' sums
_OF_A_TITLE = 22_300.0  # bytes: its vectors as weights, moments of Adam, samples and factors, and all that is baked
_START_SECONDS, _SECONDS_OF_RATINGS, _SECONDS_OF_A_TITLE = 41.0, 7.4e-3, 1.5e-3
_GROWTH = 0.75  # of seconds with ratings: steps grow with their root, and all else with their number


def needs_of(n_ratings: int, n_viewers: int, n_titles: int) -> Needs:
    """What training and examining take.

    Args:
      n_ratings: to learn from.
      n_viewers: of the table.
      n_titles: of the catalogue.
    """
    squares = _SQUARES * n_titles**2 * _FLOAT if n_titles <= MOST_TITLES_SQUARED else 0
    memory = _PROGRAM + squares + n_ratings * _OF_A_RATING + n_titles * _OF_A_TITLE + n_viewers * _OF_A_VIEWER
    return Needs(memory, _START_SECONDS + n_ratings**_GROWTH * _SECONDS_OF_RATINGS + n_titles * _SECONDS_OF_A_TITLE)
