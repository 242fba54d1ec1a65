from recommender.bundle.dials import Dials
from recommender.dashboard.choices import dial_places


def test_what_is_written_is_read_again():
    for dials in (Dials(), Dials(personal=-0.5, praise=1.0, varied=0.25)):
        assert dial_places.read(dial_places.write(dials)) == dials
    assert not any(dial_places.write(Dials()).values())


def test_what_cannot_be_is_at_rest_and_said():
    asked = {"personal": ["0.7"], "praise": ["x"], "varied": ["-0.5"]}
    assert dial_places.read(asked) == Dials()
    assert dial_places.wrong_in(asked) == ["personal", "praise", "varied"]
    assert dial_places.wrong_in({"personal": ["-1"], "varied": []}) == []
