"""Sizes of a catalogue above which something is left out or done otherwise, each with its reason."""

# Figures and neighbours by a square table of titles: above it that takes longer than many a training, and gigabytes.
MOST_TITLES_SQUARED = 5_000
# EASE as a model of its own, which people wait for: 1.6 GB of weights, three times that while they are made, and
# minutes of inversion.
MOST_TITLES_OF_EASE = 20_000
# A batch scored against every title: above it a batch of 2,048 has 164 MB of scores and more, and titles are sampled.
MOST_TITLES_SCORED = 20_000
# The map of a catalogue: beyond, it takes minutes, and on a page its points are one cloud.
MOST_TITLES_MAPPED = 5_000
