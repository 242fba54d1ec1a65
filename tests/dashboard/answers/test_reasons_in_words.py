import numpy as np
import pytest

from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.reasons import Asker, sentence, with_reasons
from recommender.serving.reasons import Reason
from tests.dashboard.doubles import LAST, DoubleRecommender, small_ratings


@pytest.mark.parametrize(
    ("ratings", "said"),
    [
        ([("Alien (1979)", 5.0)], "Because they gave five stars to Alien."),
        ([("Alien (1979)", 5.0), ("Aliens (1986)", 5.0)], "Because they gave five stars to Alien and Aliens."),
        (
            [("Ran (1985)", 4.0), ("Postman, The (1997)", 4.5)],
            "Because they gave four stars to Ran and 4.5 to The Postman.",
        ),
        ([("Ran (1985)", 1.0)], "Because they gave one star to Ran."),
        ([("Ran (1985)", 8.0)], "Because they gave 8 stars to Ran."),
        ([], ""),
    ],
)
def test_reason_is_a_plain_sentence(ratings, said):
    assert sentence(Reason(tuple(ratings)), "they") == said


def test_visitor_is_addressed_and_popularity_is_said_as_such():
    assert sentence(Reason((("Ran (1985)", 5.0),)), "you") == "Because you gave five stars to Ran."
    assert sentence(Reason(popular=True), "you") == "Everybody watches it."


def listed(recommender: DoubleRecommender, asker: Asker, user: str = "4"):
    catalogue = title_lists.catalogue_at(recommender, user, LAST)
    head = title_lists.recommended(catalogue, None, 5)
    return with_reasons(recommender, title_lists.version(recommender), head, catalogue, asker)


def test_list_has_its_ranges_and_reasons_and_asks_once_for_all_titles():
    recommender = DoubleRecommender().with_ratings(small_ratings())
    recommender.calls.clear()
    found = listed(recommender, Asker("4", LAST))
    assert (found["low"] <= found["high"]).all()
    assert (found["because"] != "").any()
    assert recommender.calls == ["retrieve", "sweep", "retrieve"]
    listed(recommender, Asker("4", LAST))
    assert recommender.calls == ["retrieve", "sweep", "retrieve"]


def test_visitor_gets_reasons_from_what_they_gave():
    recommender = DoubleRecommender().with_ratings(small_ratings())
    said = listed(recommender, Asker(None, LAST, (("Alien (1979)", 5.0),)))["because"]
    assert all(
        words == "Everybody watches it." or "you gave five stars to Alien." in words or not words for words in said
    )


def test_model_without_its_ratings_gives_no_reason():
    found = listed(DoubleRecommender(), Asker("4", LAST))
    assert set(found["because"]) == {""}


def test_empty_list_is_left_as_it_is():
    recommender = DoubleRecommender().with_ratings(small_ratings())
    catalogue = title_lists.catalogue_at(recommender, "4", LAST).assign(place=np.nan)
    head = title_lists.recommended(catalogue, None, 5)
    assert with_reasons(recommender, "v", head, catalogue, Asker("4", LAST)).empty


def test_where_nobody_gives_stars_none_are_said():
    reason = Reason((("Ran (1985)", 1.0), ("Alien (1979)", 1.0)))
    assert sentence(reason, "they", starred=False) == "Because they took Ran and Alien."
