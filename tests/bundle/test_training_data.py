from recommender.bundle.training_data import split_again, training_part_of
from recommender.data import split_random
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
