from dataclasses import replace

import pytest

from recommender.data.schema import Schema
from recommender.evaluation.choosing import SIGNED_GRIDS, Chooser
from recommender.evaluation.ease import EaseSettings
from recommender.models.flagship import configuration as module
from recommender.models.flagship.choosing import ChosenWeights
from recommender.models.flagship.configuration import FlagshipConfiguration
from recommender.models.flagship.training_queries import QuestionShares
from tests.checkerboard import SIZE, checkerboard_split

SPLIT = checkerboard_split()


def chosen(**settings):
    fitted = FlagshipConfiguration(**settings).fitted_to(SPLIT.train)
    return fitted.chosen_on(SPLIT.train, SPLIT.validation)


def test_title_id_cannot_be_left_out():
    with pytest.raises(ValueError, match="title_id"):
        FlagshipConfiguration(candidate_inputs=("genres",))


def test_what_is_not_given_is_chosen_as_the_references_choose_it():
    found = chosen()
    chooser = Chooser(SPLIT.train, SPLIT.validation)
    ease = chooser.viewers_weighed(chooser.ease(SIGNED_GRIDS, ("genres",)))
    assert replace(found.neighbours(SPLIT.train), content_weight=ease.content_weight) == ease
    shares = QuestionShares.counted(SPLIT.train, SPLIT.validation)
    assert (found.among_share, found.later_share) == (shares.among, shares.later)
    # What is weighed against the trained towers waits for them.
    assert {getattr(found, name) for name in ChosenWeights._fields} == {None}


def test_what_is_given_is_kept():
    given = {
        **{"steps": 7, "among_share": 0.1, "later_share": 0.2, "best_seller_days": 3.0, "neighbour_l2": 5.0},
        **{"neighbour_half_lives": (4.0,), "neighbour_viewer_exponent": 0.2, "star_weight": 0.3, "content_weight": 0.0},
    }
    assert chosen(**given).model_dump(include=set(given)) == given


@pytest.mark.parametrize(("n_ratings", "steps"), [(76_000, 400), (19_000, 200), (304_000, 800), (100, 100)])
def test_steps_grow_with_the_root_of_the_ratings(n_ratings, steps, monkeypatch):
    monkeypatch.setattr(type(SPLIT.train), "__len__", lambda _: n_ratings)
    assert FlagshipConfiguration.model_fields["steps"].default is None
    monkeypatch.setattr(FlagshipConfiguration, "_neighbours_on", lambda *_: EaseSettings())
    monkeypatch.setattr(QuestionShares, "counted", lambda *_: QuestionShares(1, 0, 0))
    assert FlagshipConfiguration().chosen_on(SPLIT.train, SPLIT.validation).steps == steps


@pytest.mark.parametrize("why", ["too long for the inverse", "without neighbours"])
def test_where_nothing_is_inverted_the_usual_weights_stand(why, monkeypatch):
    settings = {"neighbour_size": 0} if why == "without neighbours" else {}
    if not settings:
        monkeypatch.setattr(module, "MOST_TITLES_SQUARED", SIZE - 1)
    monkeypatch.setattr(Chooser, "ease", None)
    found = chosen(**settings)
    assert found.star_weight == SIGNED_GRIDS.star_weight[0]
    assert found.neighbour_half_lives == ()
    assert found.best_seller_days == Chooser(SPLIT.train, SPLIT.validation).best_seller_days()


def test_labels_that_are_no_input_are_not_read_by_neighbours():
    plain = FlagshipConfiguration(candidate_inputs=("title_id",)).fitted_to(SPLIT.train)
    assert plain.neighbours(SPLIT.train).features == ()
    assert FlagshipConfiguration().fitted_to(SPLIT.train).neighbours(SPLIT.train).features == ("genres",)
    unlabelled = replace(SPLIT.train, schema=Schema())
    assert FlagshipConfiguration().fitted_to(unlabelled).neighbours(unlabelled).features == ()
