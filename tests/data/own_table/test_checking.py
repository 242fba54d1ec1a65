"""A table of one's own is looked at as a whole: every problem by row, by the rules of the reader."""

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recommender.data.own_table import checking
from recommender.data.own_table.checking import check_mapped_table, look_at, rows_as_read
from recommender.data.own_table.mapping import ColumnMapping, FeatureColumn, parse_scale
from recommender.data.own_table.reading import read_mapped_table
from recommender.data.tables.formats import open_table
from recommender.errors import DataError

GOOD = """who,film,points,when,kind
a,Fargo,4,880000000,crime
a,Heat,5,880000001,crime
b,Fargo,3,880000002,crime
b,Emma,2,880000003,drama
"""
MAPPING = ColumnMapping(
    user="who",
    item="film",
    rating="points",
    timestamp="when",
    scale=parse_scale("1-5"),
    features=(FeatureColumn(column="kind", kind="category"),),
)


def write(folder, text, name="films.csv"):
    path = folder / name
    path.write_text(text)
    return path


def rows(check):
    return [(problem.row, problem.column, problem.value, problem.complaint) for problem in check.problems]


def test_good_table_is_read_as_the_reader_reads_it(tmp_path):
    path = write(tmp_path, GOOD)
    check = check_mapped_table(path, MAPPING)
    assert check.problems == ()
    assert check.ratings is not None
    assert check.ratings.checksum == read_mapped_table(path, MAPPING).checksum


def test_problems_of_every_kind_are_listed_with_their_rows(tmp_path):
    bad = (
        GOOD
        + "c,Fargo,9,880000004,crime\nc,Heat,x,880000005,crime\nc,Emma,3,12,drama\n"
        + ("d,Fargo,3,880000006,comedy\nb,Emma,4,880000003,drama\n,Ran,3,880000007,war\n")
    )
    check = check_mapped_table(write(tmp_path, bad), MAPPING)
    assert check.ratings is None
    assert check.n_problems == 4
    assert [row[:3] for row in rows(check)] == [
        (6, "points", "9"),
        (7, "points", "x"),
        (8, "when", "12"),
        (9, "kind", "comedy"),
    ]
    complaints = [row[3] for row in rows(check)]
    assert complaints[0].startswith("is outside 1-5")
    assert complaints[3].startswith("contradicts 'crime' of row 2 for the same film")


def test_rows_that_lack_an_id_or_repeat_others_are_no_problems_and_are_said(tmp_path):
    text = GOOD + "b,Emma,4,880000003,drama\n,Ran,3,880000007,war\n"
    check = check_mapped_table(write(tmp_path, text), MAPPING)
    assert check.problems == ()
    assert check.description.facts[2:] == (
        "Left out: 1 of 6 rows, 1 with no viewer (who).",
        "1 row repeats a viewer and title of another row: the last one counts.",
    )
    assert check.ratings.stars.tolist() == [4, 5, 3, 4]


def test_only_so_many_are_listed_and_all_are_counted(tmp_path):
    bad = "who,film,points,when,kind\n" + "".join(f"u{n},Fargo,x,88000000{n},crime\n" for n in range(9))
    check = check_mapped_table(write(tmp_path, bad), MAPPING, most=4)
    assert [row[0] for row in rows(check)] == [2, 3, 4, 5]
    assert check.n_problems == 9


def test_rows_that_cannot_be_cut_are_all_listed(tmp_path):
    check = check_mapped_table(write(tmp_path, GOOD + "c,Fargo\nc,Heat,3,880000004,crime,more\n"), MAPPING)
    assert [row[:3] for row in rows(check)] == [(6, None, None), (7, None, None)]
    assert "2 columns where 5 are expected" in check.problems[0].complaint


def test_rows_that_cannot_be_cut_do_not_hide_bad_values_or_each_other(tmp_path):
    bad = GOOD + 'c,Fargo\nc,"Heat,3,880000004,crime\n\nc,Emma,9,880000005,drama\nb,Emma,4,880000003,drama\n'
    check = check_mapped_table(write(tmp_path, bad), MAPPING)
    assert check.ratings is None
    assert (check.n_problems, check.n_rows) == (3, 3)
    assert [row[:3] for row in rows(check)] == [
        (6, None, None),
        (7, None, None),
        (9, "points", "9"),
    ]
    assert [row[3].split(" (")[0] for row in rows(check)] == [
        "2 columns where 5 are expected",
        "a double quote is opened and not closed; close it where its value ends, and write a double quote within a "
        'value as ""',
        "is outside 1-5; set the rating scale or remove the row",
    ]


def test_each_bad_value_of_a_row_is_listed(tmp_path):
    mapping = MAPPING.model_copy(
        update={"title": "film", "features": (FeatureColumn(column="kind", kind="number"),), "item": "id"}
    )
    text = "who,id,film,points,when,kind\na,1,Fargo,4,880000000,7\nb,3,Ran,9,12,x\nb,2,Heat,y,880000001,8\n"
    check = check_mapped_table(write(tmp_path, text), mapping)
    assert [row[:2] for row in rows(check)] == [
        *((3, column) for column in ("kind", "points", "when")),
        (4, "points"),
    ]
    assert (check.n_problems, check.n_rows) == (4, 2)


def test_column_that_is_mapped_twice_is_complained_of_once(tmp_path):
    mapping = MAPPING.model_copy(update={"features": (FeatureColumn(column="points", kind="number"),)})
    text = "who,film,points,when\na,Fargo,4,880000000\na,Heat,x,880000001\n"
    check = check_mapped_table(write(tmp_path, text), mapping)
    assert [row[:2] for row in rows(check)] == [(3, "points")]


def test_many_problems_of_one_kind_leave_room_for_another(tmp_path):
    bad = GOOD + "".join(f"c,Fargo,x,88000001{n},crime\n" for n in range(9)) + "d,Fargo\nd,Heat,3,12,crime\n"
    check = check_mapped_table(write(tmp_path, bad), MAPPING, most=4)
    assert [row[:2] for row in rows(check)] == [(6, "points"), (7, "points"), (15, None), (16, "when")]
    assert check.n_problems == 11


def test_table_of_which_no_row_can_be_cut_has_no_ratings(tmp_path):
    check = check_mapped_table(write(tmp_path, "who,film,points,when,kind\na,b\n"), MAPPING)
    assert (check.ratings, [row[0] for row in rows(check)], check.n_problems) == (None, [2], 1)


def test_what_the_rows_that_are_left_lack_is_not_complained_of(tmp_path):
    path = write(tmp_path, "who,film,points\na,Fargo,4\na,Fargo,x\n")  # one rating shows no scale
    check = check_mapped_table(path, ColumnMapping(user="who", item="film", rating="points"))
    assert [row[0] for row in rows(check)] == [3]
    assert (check.n_problems, check.n_rows) == (1, 1)


def test_bad_time_in_the_first_row_does_not_put_the_others_in_the_wrong(tmp_path):
    for good in ("880000003", "1998-04-17T18:58:00Z"):
        text = f"who,film,points,when,kind\na,Fargo,4,noon,crime\na,Heat,5,{good},crime\nb,Heat,4,{good},crime\n"
        assert [row[:3] for row in rows(check_mapped_table(write(tmp_path, text), MAPPING))] == [(2, "when", "noon")]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "films.csv is empty"),
        ("who,film\na,b\n", "there is no column 'points'"),
        ("who,film,points,when,kind\n", "holds nothing below its header"),
    ],
)
def test_problem_of_the_whole_file_has_no_row(tmp_path, text, complaint):
    check = check_mapped_table(write(tmp_path, text), MAPPING)
    assert check.ratings is None
    assert check.n_problems == 1
    assert check.problems[0].row is None
    assert complaint in check.problems[0].complaint


def test_parquet_is_checked_too(tmp_path):
    path = tmp_path / "films.parquet"
    pd.DataFrame({"who": ["a", "b"], "film": ["Fargo", "Heat"], "points": [3.0, 9.0]}).to_parquet(path)
    check = check_mapped_table(path, ColumnMapping(user="who", item="film", rating="points", scale=parse_scale("1-5")))
    assert [row[:3] for row in rows(check)] == [(2, "points", "9")]


def test_first_rows_are_shown_as_they_are_read(tmp_path):
    text = 'who,film,points,when,kind\na,Fargo,4/5,31/12/2019,"[""crime"", ""war""]"\na,Heat,1/5,01/01/2020,[]\n'
    features = (FeatureColumn(column="kind", kind="multi"),)
    mapping = ColumnMapping(user="who", item="film", rating="points", timestamp="when", features=features)
    shown = rows_as_read(read_mapped_table(write(tmp_path, text), mapping))
    assert shown.drop(columns="time").to_numpy().tolist() == [["a", "Fargo", 4, "crime, war"], ["a", "Heat", 1, ""]]
    assert shown["time"].dt.strftime("%Y-%m-%d").tolist() == ["2019-12-31", "2020-01-01"]
    plain = rows_as_read(read_mapped_table(tmp_path / "films.csv", ColumnMapping(user="who", item="film")), n=1)
    assert plain.to_dict("list") == {"viewer": ["a"], "title": ["Fargo"]}


def test_first_rows_are_shown_as_they_stand(tmp_path):
    shown = look_at(write(tmp_path, "who,n\na,007\nb,\nc,3\n"), n=2).beginning
    assert shown.to_dict("list") == {"who": ["a", "b"], "n": ["007", ""]}
    pd.DataFrame({"who": ["a"], "n": [7]}).to_parquet(tmp_path / "t.parquet")
    assert look_at(tmp_path / "t.parquet").beginning.to_dict("list") == {"who": ["a"], "n": ["7"]}


def test_first_rows_leave_out_those_that_cannot_be_cut(tmp_path):
    shown = look_at(write(tmp_path, 'who,film\na,"Heat\n\nb,Fargo,1\nc,"Kid, The"\nd,Emma\n'), n=2).beginning
    assert shown.to_dict("list") == {"who": ["c", "d"], "film": ["Kid, The", "Emma"]}


def test_file_without_rows_to_show_is_refused(tmp_path):
    with pytest.raises(DataError, match="empty"):
        look_at(write(tmp_path, ""))


class TestBounds:
    """What a table may be that is looked at in the process of the pages."""

    def test_parquet_that_says_it_holds_too_many_rows_is_refused_before_it_is_read(self, tmp_path, monkeypatch):
        table = pa.table({"who": pa.array(["a"] * 3_000), "film": ["b"] * 3_000, "points": [1] * 3_000})
        pq.write_table(table, tmp_path / "t.parquet")
        monkeypatch.setattr(checking, "MOST_ROWS", 2_999)
        monkeypatch.setattr(pq.ParquetFile, "iter_batches", lambda *_, **__: pytest.fail("it was read"))
        said = "t.parquet has 3,000 rows, and 2,999 are the most here; train on fewer, or with `python -m recommender"
        with pytest.raises(DataError, match=said):
            look_at(tmp_path / "t.parquet")
        check = check_mapped_table(tmp_path / "t.parquet", ColumnMapping(user="who", item="film", rating="points"))
        assert check.ratings is None
        assert said in check.problems[0].complaint

    def test_short_parquet_with_gigabytes_in_it_is_refused(self, tmp_path):
        """Half a megabyte of text, written once and meant four thousand times."""
        path = tmp_path / "t.parquet"
        text = pa.DictionaryArray.from_arrays(pa.array([0] * 4_000, pa.int32()), pa.array(["x" * 500_000]))
        table = pa.table({"who": text, "film": ["b"] * 4_000, "points": [1, 2] * 2_000})
        pq.write_table(table, path, store_schema=False, compression="zstd")
        assert path.stat().st_size < 10_000
        check = check_mapped_table(path, ColumnMapping(user="who", item="film", rating="points"))
        assert "MB in memory, and 1,000 MB are the most here" in check.problems[0].complaint
        assert len(look_at(path).beginning["who"][0]) < 300

    def test_what_parquet_says_of_its_bytes_is_believed_when_it_is_much(self, tmp_path, monkeypatch):
        path = tmp_path / "t.parquet"
        pq.write_table(pa.table({"n": range(100_000)}), path, compression="zstd", use_dictionary=False)
        monkeypatch.setattr(checking, "MOST_BYTES", 700_000)
        with pytest.raises(DataError, match="MB in memory"):
            look_at(path)

    @pytest.mark.parametrize("name", ["films.csv", "films.tsv"])
    def test_text_with_too_many_rows_is_refused(self, tmp_path, monkeypatch, name):
        text = GOOD.replace(",", "\t") if name.endswith("tsv") else GOOD
        path = write(tmp_path, text, name)
        monkeypatch.setattr(checking, "MOST_ROWS", 5)
        assert check_mapped_table(path, MAPPING).ratings is not None
        monkeypatch.setattr(checking, "MOST_ROWS", 4)
        assert f"{name} has 5 rows, and 4 are the most here" in check_mapped_table(path, MAPPING).problems[0].complaint

    def test_table_with_too_many_columns_is_refused(self, tmp_path):
        path = write(tmp_path, ",".join(map(str, range(501))) + "\n")
        with pytest.raises(DataError, match=r"films\.csv has 501 columns, and 500 are the most; leave some out"):
            look_at(path)

    def test_rows_that_cannot_be_cut_are_counted_and_not_all_put_into_words(self, tmp_path, monkeypatch):
        monkeypatch.setattr("recommender.data.tables.delimited._MOST_COMPLAINTS", 3)
        check = check_mapped_table(write(tmp_path, GOOD + "x\n" * 40), MAPPING, most=50)
        assert (check.n_problems, [problem.row for problem in check.problems]) == (40, [6, 7, 8])

    def test_long_values_are_shown_cut(self, tmp_path):
        assert look_at(write(tmp_path, f"a,b\n{'x' * 5_000},1\n")).beginning["a"][0] == "x" * 200 + "..."


class TestDamagedParquet:
    @pytest.fixture
    def good(self, tmp_path):
        table = pa.table({"who": ["a", "b"] * 20, "film": ["c", "d", "e", "f"] * 10, "points": [1, 2] * 20})
        pq.write_table(table, tmp_path / "t.parquet")
        return (tmp_path / "t.parquet").read_bytes()

    @pytest.mark.parametrize(
        "damage",
        [lambda _: b"PAR1", lambda data: data[:-20], lambda data: data[: len(data) // 2] + data[-8:], lambda _: b""],
    )
    def test_it_is_an_error_in_a_sentence(self, tmp_path, good, damage):
        path = tmp_path / "t.parquet"
        path.write_bytes(damage(good))
        with pytest.raises(DataError, match=r"t\.parquet is not a parquet file, or a damaged one|cannot be read"):
            look_at(path)

    def test_whose_data_alone_are_damaged_is_one_too(self, tmp_path, good):
        """The footer, which says what columns there are, is whole."""
        path = tmp_path / "t.parquet"
        path.write_bytes(b"PAR1" + b"\xff" * 100 + good[104:])
        assert open_table(path).columns == ["who", "film", "points"]
        with pytest.raises(DataError, match=r"t\.parquet"):
            look_at(path)
        check = check_mapped_table(path, ColumnMapping(user="who", item="film", rating="points"))
        assert "t.parquet" in check.problems[0].complaint

    def test_text_that_is_no_utf8_is_one_too(self, tmp_path):
        path = tmp_path / "t.parquet"
        broken = pa.array([b"a\xff", b"b"], pa.binary()).view(pa.string())
        pq.write_table(pa.table({"who": broken, "film": ["c", "d"], "points": [1, 2]}), path)
        check = check_mapped_table(path, ColumnMapping(user="who", item="film", rating="points"))
        assert "t.parquet, column who" in check.problems[0].complaint
        with pytest.raises(DataError, match=r"t\.parquet"):
            look_at(path)


class TestNamesOfColumns:
    @pytest.mark.parametrize("name", ["films.csv", "films.tsv", "films.parquet"])
    def test_white_space_around_them_is_no_part_of_them(self, tmp_path, name):
        names = [" who", "film ", " points ", "when", " kind "]
        path = tmp_path / name
        frame = pd.read_csv(write(tmp_path, GOOD, "good.csv"), header=0, names=names)
        if name.endswith("parquet"):
            frame.to_parquet(path)
        else:
            frame.to_csv(path, index=False, sep="," if name.endswith("csv") else "\t")
        assert open_table(path).columns == [name.strip() for name in names]
        assert look_at(path).beginning.columns.tolist() == [name.strip() for name in names]
        good = check_mapped_table(tmp_path / "good.csv", MAPPING).ratings
        assert check_mapped_table(path, MAPPING).ratings.checksum == good.checksum
        spaced = MAPPING.model_copy(update={"features": (FeatureColumn(column=" kind ", kind="category"),)})
        assert spaced == MAPPING
        assert read_mapped_table(path, spaced).checksum == good.checksum

    def test_rows_keep_their_numbers_below_such_a_header(self, tmp_path):
        check = check_mapped_table(
            write(tmp_path, GOOD.replace("who,", " who ,") + "x\nc,Fargo,9,880000004,crime\n"), MAPPING
        )
        assert [problem.row for problem in check.problems] == [6, 7]

    @pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
    def test_two_of_one_name_are_told_apart_and_which_is_meant_is_asked(self, tmp_path, name):
        if name == "t.csv":
            write(tmp_path, "a,b, a\n1,2,3\n", name)
        else:
            pq.write_table(pa.Table.from_arrays([pa.array([1])] * 3, ["a", "b", "a"]), tmp_path / name)
        assert look_at(tmp_path / name).columns == ("a (1)", "b", "a (2)")
        check = check_mapped_table(tmp_path / name, ColumnMapping(user="a", item="b", rating="b"))
        assert "several columns are named 'a'; say which one: a (1), a (2)" in check.problems[0].complaint


class TestSeveralFiles:
    def test_wrong_rows_of_parts_are_named_with_their_file(self, tmp_path):
        head, *rows = GOOD.splitlines(keepends=True)
        write(tmp_path, head + rows[0], "a.csv")
        write(tmp_path, head + "".join(rows[1:]) + "c,Ran,many,880000004,crime\n", "b.csv")
        (problem,) = check_mapped_table(tmp_path, MAPPING).problems
        assert (problem.file, problem.row, problem.value) == ("b.csv", len(rows) + 1, "many")
        write(tmp_path, head + "".join(rows[1:]), "b.csv")
        whole = check_mapped_table(write(tmp_path, GOOD, "whole.txt"), MAPPING).ratings
        assert check_mapped_table(tmp_path, MAPPING).ratings.checksum == whole.checksum

    def test_too_many_rows_in_all_are_refused(self, tmp_path, monkeypatch):
        for name in ("a.csv", "b.csv"):
            write(tmp_path, GOOD, name)
        monkeypatch.setattr(checking, "MOST_ROWS", 5)
        assert "rows, and 5 are the most here" in check_mapped_table(tmp_path, MAPPING).problems[0].complaint

    def test_titles_of_a_second_file_are_read_and_what_is_wrong_with_it_said(self, tmp_path):
        path = write(tmp_path, "who,film,points\na,1,5\nb,1,3\nb,2,4\n")
        items = write(tmp_path, "film,name,year\n1,Heat,1995\n2,Ran,1985\n", "items.csv")
        year = FeatureColumn(column="year", kind="number")
        mapping = ColumnMapping(
            user="who", item="film", rating="points", title="name", features=(year,), items=str(items)
        )
        looked_at = look_at(path)
        check = check_mapped_table(path, mapping, table=looked_at.table)
        assert check.ratings.items["title"].tolist() == ["Heat", "Ran"]
        write(tmp_path, "film,name,year\n1,Heat,1995\n2,Ran,long ago\n", "items.csv")
        (problem,) = check_mapped_table(path, mapping, table=looked_at.table).problems
        assert problem.complaint.startswith("items.csv, row 3, column year: 'long ago' is not a number")
        items.unlink()
        (problem,) = check_mapped_table(path, mapping, table=looked_at.table).problems
        assert "items.csv: no such file" in problem.complaint
