import pytest

from recommender.bundle.manifest import DataFacts, ScaleFacts
from recommender.bundle.training_data import load_data_of, split_again, training_part_of
from recommender.data import ColumnMapping, load_ratings, split_random
from recommender.errors import ConfigurationError
from tests.checkerboard import checkerboard
from tests.dashboard.doubles import manifest


def manifest_of(ratings, split, **facts):
    found = manifest(data_name=ratings.name)
    data = found.data.model_copy(update={"checksum": ratings.checksum})
    cut = found.split.model_copy(update={"name": split.name, "seed": split.seed, **facts})
    return found.model_copy(update={"data": data, "split": cut})


def test_training_part_is_train_and_validation_of_the_split_it_was_trained_with():
    ratings = checkerboard()
    split = split_random(ratings, seed=3)
    training_part = training_part_of(ratings, manifest_of(ratings, split))
    assert len(training_part) == len(split.train) + len(split.validation)
    held_out = set(map(tuple, split.test.interactions[["user_id", "item_id"]].to_numpy()))
    assert held_out
    assert not held_out & set(map(tuple, training_part.interactions[["user_id", "item_id"]].to_numpy()))


def test_another_seed_cuts_another_part():
    ratings = checkerboard()
    facts = manifest_of(ratings, split_random(ratings, seed=3)).split
    other = facts.model_copy(update={"seed": 4})
    assert not split_again(ratings, facts).test.interactions.equals(split_again(ratings, other).test.interactions)


def test_there_is_no_training_part_of_other_data_or_of_a_split_whose_files_are_gone():
    ratings = checkerboard()
    split = split_random(ratings, seed=3)
    assert training_part_of(ratings.take(range(10)), manifest_of(ratings, split)) is None
    gone = {"train_file": "/nowhere/train", "test_file": "/nowhere/test"}
    assert training_part_of(ratings, manifest_of(ratings, split, **gone)) is None


def test_titles_in_a_second_file_that_moved_are_asked_for_and_found_where_they_are_now(tmp_path):
    (tmp_path / "ratings.csv").write_text("who,film,points\na,1,5\nb,1,3\nb,2,4\n")
    (tmp_path / "films.csv").write_text("film,name\n1,Heat\n2,Ran\n")
    columns = ColumnMapping(user="who", item="film", rating="points", title="name", items=str(tmp_path / "films.csv"))
    data = str(tmp_path / "ratings.csv")
    known = load_ratings(data, columns=columns)
    facts = DataFacts(
        name="ratings",
        source=data,
        columns=columns.model_dump(mode="json"),
        checksum=known.checksum,
        n_interactions=3,
        n_users=2,
        n_titles=2,
        has_timestamps=False,
        scale=ScaleFacts(low=3, high=5, step=1),
    )
    moved = (tmp_path / "films.csv").rename(tmp_path / "titles.csv")
    with pytest.raises(ConfigurationError, match=r"films\.csv: the file that describes .* now with --items"):
        load_data_of(facts)
    assert load_data_of(facts, items=moved).items["title"].tolist() == ["Heat", "Ran"]
    moved.write_text("film,name\n1,Heat\n2,Solaris\n")
    with pytest.raises(ConfigurationError, match="or the file that describes its titles with --items"):
        load_data_of(facts, items=moved)
    alone = facts.model_copy(update={"columns": {**columns.model_dump(mode="json"), "items": None}})
    with pytest.raises(ConfigurationError, match="trained without a file that describes items; leave --items out"):
        load_data_of(alone, items=moved)
    (tmp_path / "ratings.csv").unlink()
    with pytest.raises(ConfigurationError, match=r"ratings\.csv: the data .* not here any more; .* now with --data"):
        load_data_of(facts, items=moved)
