"""What is supposed, in words, and what of it a model can be asked with."""

import pytest

from recommender.dashboard.answers import supposing
from recommender.data.schema import RatingScale
from recommender.serving.changes import NO_CHANGES, Changes
from tests.dashboard.doubles import REFERENCE, TITLES, DoubleRecommender, small_ratings

ALIEN, HEAT = "Alien (1979)", "Heat (1995)"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (Changes(((ALIEN, 5.0),)), "this viewer had given five stars to Alien"),
        (Changes(((HEAT, 1.0),)), "this viewer had given one star instead of four stars to Heat"),
        (
            Changes(((ALIEN, 5.0), (HEAT, None))),
            "this viewer had given five stars to Alien and never rated Heat",
        ),
        (Changes(features=(("age", "24 to 26"),)), "their age were 24 to 26"),
        (
            Changes(((HEAT, None),), (("age", "9"), ("work", "nurse"))),
            "this viewer had never rated Heat, and their age were 9 and their work were nurse",
        ),
    ],
)
def test_supposed_is_said_in_a_sentence(changes, says):
    assert supposing.in_words(changes, {HEAT: 4.0}, RatingScale()) == says


def test_without_stars_titles_are_taken_or_not():
    changes = Changes(((ALIEN, 1.0), (HEAT, None)))
    assert supposing.in_words(changes, {}, None) == "this viewer had taken Alien and never taken Heat"


def test_what_the_model_cannot_be_asked_with_is_left_out():
    joined = DoubleRecommender(inputs=("history", "timestamp", "occupation", "title_id")).with_ratings(small_ratings())
    asked = Changes(
        ((TITLES[0], 9.0), ("Nothing", 5.0), (TITLES[1], None), (TITLES[2], 5.0)),
        (("age", "9"), ("occupation", "nobody"), ("occupation", "writer")),
    )
    assert supposing.fitting(joined, "4", asked) == Changes(
        ((TITLES[1], None), (TITLES[2], 5.0)), (("occupation", "writer"),)
    )


def test_model_that_reads_nothing_of_viewers_is_asked_with_nothing():
    joined = DoubleRecommender(**REFERENCE).with_ratings(small_ratings())
    assert supposing.fitting(joined, "4", Changes(((TITLES[0], 5.0),))) == NO_CHANGES
    assert supposing.as_if(joined, "4", 0, NO_CHANGES) is joined
