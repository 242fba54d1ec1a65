"""What people's tables have around their values is no fault: it is passed over, and said."""

import pyarrow as pa
import pytest

from recommender.data.own_table.checking import look_at
from recommender.data.own_table.mapping import ColumnMapping
from recommender.data.own_table.reading import read_mapped_table
from recommender.data.own_table.written_times import read_times
from recommender.data.tables.file_table import FileTable
from recommender.data.tables.form import ChosenForm
from recommender.data.tables.formats import open_table
from recommender.errors import DataError

ROWS = [("anna", "Emma", "4"), ("bob", "Big, Sleep", "1"), ("cid", "Emma", "5"), ("cid", 'It\'s "Ran"', "3")]
HEAD = "user,item,rating\n"
TWO = "\n\n"
MAPPING = ColumnMapping(user="user", item="item", rating="rating")


def quoted(value):
    return '"' + value.replace('"', '""') + '"'


def single(value):
    return "'" + value.replace("'", "''") + "'"


def text(written=quoted, *, between=",", end="\n"):
    return "".join(between.join(map(written, row)) + end for row in ROWS)


def wrapped(line):
    return quoted(line) + "\n"


FORMS = {
    "blank lines": (f"\n\n{HEAD}\n{text(end=TWO)}  \n", ""),
    "lines of separators": (f"{HEAD}{text()},,\n , \n,,,,,\n", ""),
    "separators at the ends of rows": (HEAD + text(end=",\n"), "each row ends with a separator"),
    "separators at the ends of rows, several": (HEAD + text(end=",,\n"), "each row ends with a separator"),
    "a separator at the end of the header": ("user,item,rating,\n" + text(), ""),
    "spaces before quotes": ("user, item, rating\n" + text(between=", "), "spaces before quotes"),
    "spaces around quotes": ('"user" , "item" , "rating"\n' + text(between=" , "), "spaces before quotes"),
    "single quotes": ("'user','item','rating'\n" + text(single), "single quotes around values"),
    "single quotes where need be": (
        HEAD + text(lambda value: single(value) if {",", '"'} & set(value) else value),
        "single quotes around values",
    ),
    "comments": ("# of mine, all, of them\n#\n" + HEAD + text(), ""),
    "comments between": ("% mine\n" + HEAD + text() + "% and, no, more\n", ""),
    "a comment of another mark": ("; of mine\n" + HEAD + text(), "1 line above the table left out (; of mine)"),
    "a title": ("My ratings\n\n" + HEAD + text(), "1 line above the table left out (My ratings)"),
    "a padded title": ("My ratings,,\n,,\n" + HEAD + text(), "1 line above the table left out (My ratings)"),
    "a title and what Excel writes": ("sep=;\r\nMy ratings\r\n" + (HEAD + text(end="\r\n")).replace(",", ";"), "(My"),
    "a mark and quotes": ("\ufeff" + '"user","item","rating"\n' + text(), ""),
    "numbers of rows, as R writes": (
        HEAD + "".join(f"{n},{line}\n" for n, line in enumerate(text().splitlines(), 1)),
        "the first column numbers the rows",
    ),
    "whole lines in quotes": ("".join(map(wrapped, (HEAD + text()).splitlines())), "each line in quotes"),
    "aligned with spaces": (
        "  user        item  rating\n" + "".join(f"{u:>6}  {i:>10}  {r:>6}\n" for u, i, r in ROWS),
        "spaces in rows between values",
    ),
    "ruled": ("| user | item | rating |\n|---|---|---|\n" + "".join(f"| {' | '.join(row)} |\n" for row in ROWS), ""),
    "two columns of a name that nobody needs": (
        "user,item,rating,x,x\n" + text(end=",1,2\n"),
        "columns of one name are numbered, as x (1)",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_table_is_read_as_its_author_means_it_and_what_was_done_is_said(tmp_path, name):
    written, said = FORMS[name]
    path = tmp_path / "r.csv"
    path.write_text(written, newline="")
    ratings = read_mapped_table(path, MAPPING)
    titles = dict(zip(ratings.items["item_id"], ratings.items["title"], strict=True))
    of = [tuple(row) for row in ratings.interactions[["user_id", "item_id", "rating"]].itertuples(index=False)]
    found = [(user, titles[item].replace(";", ","), f"{stars:g}") for user, item, stars in of]
    assert found == ROWS
    assert said in look_at(path).form


def test_lines_that_are_passed_over_are_counted_and_rows_keep_their_numbers(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(f"# mine\n\n{HEAD}anna,Emma,4\n\n,,\n# more\nbob,Emma,five\n")
    table = open_table(path).read(["user", "rating"])
    assert table.row_numbers().tolist() == [4, 8]
    path.write_text(path.read_text().replace("five", "5"))
    assert read_mapped_table(path, MAPPING).how_read == ("Lines between the rows that are blank or comments: 3.",)


def test_a_comment_may_name_the_columns(tmp_path):
    path = tmp_path / "r.txt"
    path.write_text("# rated by us\n# user item rating\n1 7 3\n2 7 4\n")
    ratings = read_mapped_table(path, MAPPING)
    assert ratings.interactions["user_id"].tolist() == ["1", "2"]
    assert "what stands above names the columns" in open_table(path).form
    assert open_table(path, ChosenForm(header=False)).columns == ["1", "2", "3"]


def test_names_that_are_missing_or_there_twice_are_replaced_and_never_guessed(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("user,item,rating,rating,,rating (1)\na,b,3,4,x,y\n")
    columns = open_table(path).columns
    assert columns[:5] == ["user", "item", "rating (1)", "rating (2)", "5"]
    assert len(set(columns)) == 6
    with pytest.raises(DataError, match=r"several columns are named 'rating'; say which one: rating \(1\), rating"):
        read_mapped_table(path, MAPPING)


@pytest.mark.parametrize("line", ["'night, Mother\n", "'Allo 'Allo\n"])
def test_apostrophes_are_letters(tmp_path, line):
    path = tmp_path / "r.csv"
    path.write_text(f"user;item;rating\na;{line.strip()};3\nb;Emma;4\nc;'71;5\n")
    assert open_table(path).read(["item"]).text("item").tolist() == [line.strip(), "Emma", "'71"]


def test_a_header_with_too_few_names_is_no_title(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("user,item,rating\na,b,3,x\nc,d,4,y\n")
    with pytest.raises(DataError, match="row 2: 4 columns where 3 are expected"):
        read_mapped_table(path, MAPPING)


def test_times_of_several_ways_in_one_column_are_each_read_as_what_it_is():
    written = ["978300760000", "2000-12-31T22:12:40", "978300760", "31.12.2000 22:12:40"]
    column = pa.chunked_array([written], pa.large_string())
    found = read_times(FileTable("a.csv", {"at": column}, 2), "at")
    assert found.seconds.tolist() == [978300760] * 4
    assert found.fact.startswith("Column at: dates, and seconds and milliseconds since 1970, were read as times.")
    counted = pa.chunked_array([[978300760, 978300760000]], pa.int64())
    assert read_times(FileTable("a.csv", {"at": counted}, 2), "at").seconds.tolist() == [978300760] * 2
