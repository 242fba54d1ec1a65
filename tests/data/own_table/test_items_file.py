"""Titles and features in a second file, joined to the ratings on the item's id."""

import pytest

from recommender.data.own_table.mapping import ColumnMapping, FeatureColumn
from recommender.data.own_table.reading import read_mapped_table
from recommender.errors import ConfigurationError, DataError

RATINGS = '"User-ID";"ISBN";"Book-Rating"\n"7";"034545104X";"5"\n"8";"0155061224";"3"\n"8";"034545104X";"4"\n'
BOOKS = (
    '"ISBN";"Book-Title";"Year-Of-Publication"\n"0155061224";"Rites of \\"Passage\\"; &amp; more";"2001"\n'
    '"034545104X";"Café";"1998"\n"0000000000";"Not rated";"0"\n"034545104X";"Another edition";"1999"\n'
)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "ratings.csv").write_bytes(RATINGS.encode())
    (tmp_path / "books.csv").write_bytes(BOOKS.encode("latin-1"))
    return tmp_path


def mapping(folder, **parts):
    asked = {"user": "User-ID", "item": "ISBN", "rating": "Book-Rating", "items": str(folder / "books.csv")} | parts
    return ColumnMapping(**asked)


YEAR = FeatureColumn(column="Year-Of-Publication", kind="number")


def test_titles_and_features_of_a_second_file_are_those_of_the_items_that_were_rated(files):
    found = read_mapped_table(files / "ratings.csv", mapping(files, title="Book-Title", features=(YEAR,)))
    assert found.items["item_id"].tolist() == ["0155061224", "034545104X"]
    assert found.items["title"].tolist() == ['Rites of "Passage"; &amp; more', "Café"]
    assert found.items["Year-Of-Publication"].tolist() == [2001, 1998]


def test_posters_are_kept_beside_the_titles_and_do_not_make_it_another_data_set(files):
    (files / "books.csv").write_text(
        "ISBN,name,Image-URL-L\n034545104X,Emma,https://a.example/e.jpg\n0155061224,Ran,\n"
    )
    found = read_mapped_table(files / "ratings.csv", mapping(files, title="name", poster="Image-URL-L"))
    assert found.items["poster"].tolist() == ["", "https://a.example/e.jpg"]
    without = read_mapped_table(files / "ratings.csv", mapping(files, title="name"))
    assert "poster" not in without.items
    assert found.checksum == without.checksum


def test_item_that_the_file_does_not_know_is_shown_by_its_id(files):
    (files / "books.csv").write_text("ISBN,Book-Title,Year-Of-Publication\n034545104X,Emma,1998\n")
    found = read_mapped_table(files / "ratings.csv", mapping(files, title="Book-Title", features=(YEAR,)))
    assert found.items["title"].tolist() == ["0155061224", "Emma"]
    assert found.items["Year-Of-Publication"].isna().tolist() == [True, False]


def test_ids_may_be_called_otherwise_and_be_named(files):
    (files / "books.csv").write_text("book_id,code,name\n034545104X,1,Emma\n0155061224,2,Ran\n")
    for items_id in (None, "book_id"):  # as usual, or as named
        found = read_mapped_table(files / "ratings.csv", mapping(files, title="name", items_id=items_id))
        assert found.items["title"].tolist() == ["Ran", "Emma"]
    with pytest.raises(DataError, match=r"and all others are not in books\.csv, column code; .*--items-id"):
        read_mapped_table(files / "ratings.csv", mapping(files, title="name", items_id="code"))


def test_wrong_row_of_the_second_file_is_named_with_it(files):
    (files / "books.csv").write_text("ISBN,Year-Of-Publication\n034545104X,1998\n0155061224,long ago\n")
    with pytest.raises(DataError, match=r"^books\.csv, row 3, column Year-Of-Publication: 'long ago' is not a number"):
        read_mapped_table(files / "ratings.csv", mapping(files, features=(YEAR,)))


def test_what_was_not_said_is_asked_for(files):
    with pytest.raises(ConfigurationError, match=r"books\.csv has the columns ISBN, .*perhaps --title 'Book-Title'"):
        read_mapped_table(files / "ratings.csv", mapping(files))
    (files / "books.csv").write_text("x,y\n1,2\n")
    with pytest.raises(ConfigurationError, match=r"holds the ids that .* column ISBN with --items-id"):
        read_mapped_table(files / "ratings.csv", mapping(files, title="y"))
    with pytest.raises(DataError, match=r"gone\.csv: no such file"):
        read_mapped_table(files / "ratings.csv", mapping(files, title="y", items=str(files / "gone.csv")))
