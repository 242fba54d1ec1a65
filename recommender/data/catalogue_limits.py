"""Sizes of a catalogue from which on something is left out or done otherwise, each with its reason."""

# Figures and neighbours by a square table of titles: above it that takes longer than many a training, and gigabytes.
MOST_TITLES_SQUARED = 5_000
# EASE as a model of its own, which people wait for: 1.6 GB of weights, three times that while they are made, and
# minutes of inversion.
MOST_TITLES_OF_EASE = 20_000
# A batch scored against every title: above it a batch of 2,048 has 164 MB of scores and more, and titles are sampled.
MOST_TITLES_SCORED = 20_000
# A list found among all titles: above it each takes longer than a page does for all else, and an index finds it.
MOST_TITLES_SEARCHED = 50_000
# A frame of every title: a server keeps texts as Python does, which is quicker for short columns. Of 478,000 titles a
# fifth of a change on a page went into packing them for a cache, and a tenth into looking some up; as Arrow's, less.
MOST_TITLES_AS_OBJECTS = 20_000
# The map of a catalogue: beyond, it takes minutes, and on a page its points are one cloud.
MOST_TITLES_MAPPED = 5_000

_CUTOFFS = (1, 5, 10, 50, 100)
_TITLES_FOR_EACH_LISTED = 4


def cutoffs_of(n_titles: int) -> tuple[int, ...]:
    """The lengths of list by which a retrieval from so many titles is judged: of 1, 5, 10, 50 and 100.

    A list of more than a quarter of the catalogue says little, for chance fills it well: the first hundred of 120
    titles hold five of six whatever the model does. Such a length is left out; 1 always stays.
    """
    return tuple(k for k in _CUTOFFS if k == 1 or k * _TITLES_FOR_EACH_LISTED <= n_titles)
