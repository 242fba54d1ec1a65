import pytest

from recommender.dashboard.choices.what_if import WhatIf, read, write, wrong_in
from recommender.serving.changes import NO_CHANGES, Changes

SOME = Changes((("Alien (1979)", 4.5), ("Heat (1995)", None)), (("age", "24 to 26"), ("work", "a: b")))


@pytest.mark.parametrize("supposed", [WhatIf(), WhatIf("427", SOME), WhatIf("4", Changes(features=(("age", "9"),)))])
def test_address_brings_back_what_it_was_given(supposed):
    assert read({"user": [supposed.user], **write(supposed)}) == supposed


def test_nothing_supposed_leaves_nothing_in_the_address():
    assert not any(write(WhatIf("427", NO_CHANGES)).values())


def test_address_that_names_no_viewer_supposes_nothing():
    assert read(write(WhatIf("427", SOME))) == WhatIf()


def test_what_is_supposed_of_one_viewer_is_not_of_another():
    supposed = WhatIf("427", SOME)
    assert supposed.changes_for("427") == SOME
    assert supposed.changes_for("4") == NO_CHANGES


@pytest.mark.parametrize(("name", "value"), [("if_gave", "many Alien"), ("if_gave", "5"), ("if_is", "tall")])
def test_what_cannot_be_read_is_left_out_and_named(name, value):
    asked = {"user": ["4"], name: [value]}
    assert read(asked).changes == NO_CHANGES
    assert wrong_in(asked) == [name]


def test_later_change_of_a_title_takes_the_place_of_the_first():
    changes = NO_CHANGES.rated("Alien (1979)", 5.0).rated("Heat (1995)", 1.0).rated("Alien (1979)", None)
    assert changes.ratings == (("Heat (1995)", 1.0), ("Alien (1979)", None))
    assert changes.with_rating_kept("Heat (1995)").with_rating_kept("Alien (1979)") == NO_CHANGES
    assert NO_CHANGES.described("age", "9").described("age", None) == NO_CHANGES
    assert SOME.and_then(Changes((("Heat (1995)", 2.0),), (("age", "9"),))) == Changes(
        (("Alien (1979)", 4.5), ("Heat (1995)", 2.0)), (("work", "a: b"), ("age", "9"))
    )
