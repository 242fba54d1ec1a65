"""One table written in many ways is one table; how it is written is found by looking, and said."""

import bz2
import gzip
import json
import lzma
import os
import zipfile
from io import BytesIO

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from recommender.data.own_table.mapping import ColumnMapping
from recommender.data.own_table.reading import read_mapped_table
from recommender.data.tables import unpacking
from recommender.data.tables.form import ChosenForm
from recommender.data.tables.formats import open_table
from recommender.errors import ConfigurationError, DataError

MAPPING = ColumnMapping(user="user", item="item", rating="rating", timestamp="ts")
FRAME = pd.DataFrame(
    {
        "user": ["anna", "anna", "bob", "Zoë"],
        "item": ["Emma", 'The "Big", Sleep', "Emma", "Año; nuevo"],
        "rating": [4.5, 3.0, 1.5, 5.0],
        "ts": [978300760, 978302109, 978301968, 978300275],
    }
)
CSV = FRAME.to_csv(index=False)


def csv(**options):
    return FRAME.to_csv(index=False, **options)


def zipped(*names):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, CSV)
        archive.writestr("__MACOSX/._r.csv", "rubbish")
        archive.writestr("data/README.txt", "How these ratings were collected, and by whom.")
    return packed.getvalue()


def sheet(frame):
    """A workbook as small as one can be, its second sheet empty."""
    rows = [list(frame.columns), *frame.itertuples(index=False, name=None)]

    def cell(value):
        if isinstance(value, str):
            text = value.replace("&", "&amp;").replace("<", "&lt;")
            return f'<c t="inlineStr"><is><t>{text}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets><sheet name="Films" sheetId="1" '
        'r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{relation}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
    }
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


def feather():
    written = BytesIO()
    pyarrow.feather.write_feather(pa.Table.from_pandas(FRAME), written)
    return written.getvalue()


def zstd(data):
    written = pa.BufferOutputStream()
    with pa.CompressedOutputStream(written, "zstd") as stream:
        stream.write(data)
    return written.getvalue().to_pybytes()


FORMS = {
    "semicolons.csv": (csv(sep=";", decimal=","), "semicolons between values, decimal commas"),
    "commas in quotes.csv": (CSV.replace("4.5", '"4,5"').replace("1.5", '"1,5"').replace(".0,", ","), "decimal commas"),
    "bars.txt": (csv(sep="|"), "bars (|) between values"),
    "tabs.csv": (csv(sep="\t"), "tabs between values"),
    "colons.dat": (csv(sep="~", quoting=3).replace("~", "::"), "'::'"),
    "excel.csv": ("sep=;\r\n" + csv(sep=";", lineterminator="\r\n"), "semicolons"),
    "old mac.csv": (csv(lineterminator="\r"), "commas"),
    "twice.csv": (csv(lineterminator="\r\r\n"), "commas"),
    "backslashes.csv": (
        csv(quoting=1, doublequote=False, escapechar="\\"),
        "quotes behind backslashes",
    ),
    "windows.csv": (CSV.encode("cp1252"), "text in Windows-1252"),
    "marked.csv": (CSV.encode("utf-8-sig"), "text in UTF-8"),
    "wide.csv": (CSV.encode("utf-16"), "text in UTF-16"),
    "wide without mark.csv": (CSV.encode("utf-16-le"), "text in UTF-16"),
    "headless.csv": (csv(header=False), "no row names the columns"),
    "recbole.inter": (
        csv(sep="\t", header=["user:token", "item:token", "rating:float", "ts:float"], quoting=3),
        "tabs",
    ),
    "r.csv.gz": (gzip.compress(CSV.encode()), "gzip of text in UTF-8"),
    "disguised.csv": (gzip.compress(CSV.encode()), "gzip of text in UTF-8"),
    "r.csv.bz2": (bz2.compress(CSV.encode()), "bzip2 of text"),
    "r.csv.xz": (lzma.compress(CSV.encode()), "xz of text"),
    "r.csv.zst": (zstd(CSV.encode()), "zstd of text"),
    "r.zip": (zipped("my/r.csv"), "zip of text"),
    "r.parquet.gz": (gzip.compress(FRAME.to_parquet()), "gzip of parquet"),
    "r.parquet": (FRAME.to_parquet(), "parquet"),
    "r.feather": (feather(), "feather"),
    "r.jsonl": (FRAME.to_json(orient="records", lines=True), "json lines"),
    "r.json": (FRAME.to_json(orient="records"), "json list"),
    "r.xlsx": (sheet(FRAME), "spreadsheet, sheet Films; the first row names the columns"),
}


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("name", FORMS)
def test_one_table_is_the_same_however_it_is_written_and_that_is_said(tmp_path, name):
    content, form = FORMS[name]
    expected = read_mapped_table(write(tmp_path, "plain.csv", CSV), MAPPING)
    path = write(tmp_path, name, content)
    headless = "headless" in name
    mapping = ColumnMapping(user="1", item="2", rating="3", timestamp="4") if headless else MAPPING
    said = []
    found = read_mapped_table(path, mapping, said.append)
    assert found.checksum == expected.checksum
    assert said[0].startswith(f"Read {name} as ")
    assert form in said[0]
    shown = open_table(path).beginning(5)
    assert shown.iloc[1, :3].tolist() in (["anna", 'The "Big", Sleep', rating] for rating in ("3.0", "3"))
    assert shown.iloc[0, 2] == "4.5"  # as it will be read


class TestSaid:
    """What somebody says goes before what is found."""

    def test_separator_decimal_header_and_encoding(self, tmp_path):
        text = "anna~Ёж~4,125~x\nbob~Ёж~3,250~y\n"
        path = write(tmp_path, "r.csv", text.encode("cp1251"))
        form = ChosenForm(separator="~", decimal=",", encoding="cp1251", header=False)
        found = read_mapped_table(path, ColumnMapping(user="1", item="2", rating="3", form=form))
        assert found.stars.tolist() == [4.125, 3.25]
        assert set(found.items["title"]) == {"Ёж"}

    def test_dots_between_thousands_stand_before_no_fraction_where_a_comma_does(self, tmp_path):
        path = write(tmp_path, "plays.csv", "who;plays\nanna;1.300\nbob;-1.234.567,5\ncarl;2,25\ndan;4.5\n")
        table = open_table(path, ChosenForm(decimal=",")).read(["plays"], numbers=["plays"])
        assert table.columns["plays"].to_pylist() == ["1300", "-1234567.5", "2.25", "4.5"]

    def test_is_remembered_with_the_columns(self):
        mapping = ColumnMapping(
            user="1", item="2", rating="3", form=ChosenForm(separator="tab", decimal=",", header=False)
        )
        assert mapping.form.separator == "\t"
        assert ColumnMapping.model_validate(json.loads(mapping.model_dump_json())) == mapping
        assert ColumnMapping.model_validate({"user": "a", "item": "b", "rating": "c"}).form == ChosenForm()

    @pytest.mark.parametrize(
        ("form", "complaint"),
        [
            ({"separator": '"'}, "separator of a table: '\"' cannot stand between values"),
            ({"separator": ""}, "separator of a table: '' cannot"),
            ({"encoding": "base64"}, "encoding of a table: no encoding is called 'base64'"),
            ({"decimal": "x"}, "decimal of a table"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, form, complaint):
        with pytest.raises(ConfigurationError) as caught:
            ChosenForm.checked(**form)
        assert complaint in str(caught.value)

    def test_numbers_for_names_are_refused_with_them(self, tmp_path):
        path = write(tmp_path, "r.csv", "1,2,3\n4,5,3\n")
        with pytest.raises(
            DataError, match="no column 'user'; as the first row seems to hold values, they are called 1, "
        ):
            open_table(path).read(["user"])
        assert open_table(path, ChosenForm(header=True)).columns == ["1", "2", "3"]


class TestLineBreaks:
    def test_within_quotes_belong_to_the_value_and_rows_are_numbered_as_an_editor_does(self, tmp_path):
        text = 'user,item,rating,review\na,1,5,"good\n\nbook, ""really"""\nb,2,nine,x\nc,"3\n",1,"y\nz"\nd,4,x,\n'
        table = open_table(write(tmp_path, "r.csv", text)).read(["user", "rating", "review", "item"])
        assert table.row_numbers().tolist() == [2, 5, 6, 9]
        assert table.text("review").tolist() == ['good\n\nbook, "really"', "x", "y\nz", ""]
        with pytest.raises(DataError, match=r"r\.csv, row 5, column rating: nine is not a number"):
            table.numbers("rating")

    def test_in_a_header(self, tmp_path):
        table = open_table(write(tmp_path, "r.csv", '"us\ner",item\na,b\n'))
        assert table.columns == ["us\ner", "item"]
        assert table.read(["item"]).row_numbers().tolist() == [3]

    def test_an_open_quote_takes_no_rows_with_it_that_are_whole(self, tmp_path):
        text = "user,item,rating\n" + 'a,"Emma,1\nb,Heat,2\n' * 3 + 'c,"Ran",3\n'
        with pytest.raises(DataError, match=r"r\.csv, row 2: a double quote is opened and not closed") as caught:
            open_table(write(tmp_path, "r.csv", text)).read(["user", "rating"])
        assert list(caught.value.complaints) == [2, 4, 6]
        assert caught.value.others.row_numbers().tolist() == [3, 5, 7, 8]

    def test_a_quote_within_a_value_is_a_letter(self, tmp_path):
        text = 'user,item,rating\na,12" single,3\nb,5" by 7",4\n'
        assert open_table(write(tmp_path, "r.csv", text)).read(["item"]).text("item").tolist() == [
            '12" single',
            '5" by 7"',
        ]

    def test_a_field_may_be_longer_than_the_csv_module_takes(self, tmp_path):
        long = "x" * 3_000_000
        text = f"user,item,rating,review\na,1,5,{long}\nb,2,3,short\n"
        assert open_table(write(tmp_path, "r.csv", text)).read(["review"]).text("review")[0] == long


class TestParquet:
    def test_types_are_read_as_what_they_mean(self, tmp_path):
        table = pa.table(
            {
                "id": pa.array([2**63 + 7, 5], pa.uint64()),
                "liked": [True, False],
                "genres": [["Drama", 'A "B"'], None],
                "maybe": pa.array([7.0, float("nan")]),
                "kind": pa.array(["x", None]).dictionary_encode(),
                "big": pa.array([1, None], pa.int32()),
            }
        )
        pq.write_table(table, tmp_path / "t.parquet")
        read = open_table(tmp_path / "t.parquet").read(table.column_names)
        assert read.text("id").tolist() == ["9223372036854775815", "5"]
        assert read.integers("liked").tolist() == [1, 0]
        assert read.text("genres").tolist() == ['["Drama", "A \\"B\\""]', ""]
        assert read.text("maybe").tolist() == ["7", ""]
        assert read.text("kind").tolist() == ["x", ""]
        assert read.text("big").tolist() == ["1", ""]

    def test_rows_of_numbers_that_unfold_are_refused_before_they_are_read(self, tmp_path, monkeypatch):
        column = pa.array([1] * 500_000, pa.int64())
        pq.write_table(pa.table({"user": column, "item": column, "rating": column}), tmp_path / "t.parquet")
        assert (tmp_path / "t.parquet").stat().st_size < 10_000
        monkeypatch.setattr(pq.ParquetFile, "iter_batches", lambda *_, **__: pytest.fail("it was read"))
        with pytest.raises(DataError, match="holds 12 MB in memory, and 11 MB are the most here"):
            open_table(tmp_path / "t.parquet", most=11_000_000).read(["user", "item", "rating"])

    def test_what_unfolds_to_a_thousand_times_its_size_is_refused_on_any_machine(self, tmp_path, monkeypatch):
        monkeypatch.setattr(unpacking, "_SHARE_OF_MEMORY", 1e-3)
        text = pa.DictionaryArray.from_arrays(pa.array([0] * 16_000, pa.int32()), pa.array(["x" * 500_000]))
        table = pa.table({"user": text, "item": ["b"] * 16_000, "rating": [1, 2] * 8_000})
        pq.write_table(table, tmp_path / "t.parquet", store_schema=False, compression="zstd")
        with pytest.raises(DataError, match=r"MB in memory, and 1,000 MB are the most here"):
            open_table(tmp_path / "t.parquet").read(["user", "item", "rating"])

    @pytest.mark.parametrize("name", ["t.parquet", "t.feather"])
    @pytest.mark.parametrize("nested", [False, True])
    def test_texts_that_are_written_once_and_meant_often_are_counted_before_they_unfold(self, tmp_path, name, nested):
        text = pa.DictionaryArray.from_arrays(
            pa.array([0] * 4_000, pa.int32()), pa.array(["x" * 500_000], pa.large_string())
        )
        genres = pa.ListArray.from_arrays(pa.array(range(0, 4_001, 2), pa.int32()), text) if nested else text
        table = pa.table({"user": range(len(genres)), "genres": genres})
        if name.endswith("parquet"):
            pq.write_table(table, tmp_path / name, store_schema=False, compression="zstd")
        else:
            pa.feather.write_feather(table, tmp_path / name, compression="zstd", chunksize=30)
        pa.default_memory_pool().release_unused()
        before = pa.total_allocated_bytes()
        with pytest.raises(DataError, match=r"MB in memory, and 50 MB are the most here"):
            open_table(tmp_path / name, most=50_000_000).read(["user", "genres"])
        assert pa.default_memory_pool().max_memory() - before < 100_000_000

    def test_columns_of_many_batches_are_those_of_one(self, tmp_path):
        n = 20_000
        floats = [*map(float, range(n - 1)), None]
        columns = {"whole": floats, "half": [n / 2 for n in range(n)], "text": [f"t{n % 7}" for n in range(n)]}
        columns |= {"id": pa.array([*range(n - 1), 2**63], pa.uint64()), "list": [[f"g{n % 3}"] for n in range(n)]}
        table = pa.table(columns)
        pq.write_table(table, tmp_path / "t.parquet", row_group_size=7_000)
        pa.feather.write_feather(table, tmp_path / "t.feather", chunksize=3_000)
        for name in ("t.parquet", "t.feather"):
            read = open_table(tmp_path / name).read(table.column_names)
            assert read.text("whole").tolist() == [*map(str, range(n - 1)), ""]
            assert read.numbers("half").tolist() == columns["half"]
            assert read.text("text").tolist() == columns["text"]
            assert read.text("id").tolist() == [*map(str, range(n - 1)), str(2**63)]
            assert read.text("list").tolist() == [f'["g{n % 3}"]' for n in range(n)]


class TestJson:
    def test_a_line_that_is_no_record_is_named_and_the_others_kept(self, tmp_path):
        text = '{"user": "a", "genres": ["x", "y"], "n": 1.0}\n[1]\n{"user": \n\n{"n": null, "user": true}\n'
        with pytest.raises(DataError, match=r"r\.jsonl, row 2: is no json record") as caught:
            open_table(write(tmp_path, "r.jsonl", text)).read(["user", "genres", "n"])
        assert list(caught.value.complaints) == [2, 3]
        others = caught.value.others
        assert others.row_numbers().tolist() == [1, 5]
        assert [others.text(name).tolist() for name in ("user", "genres", "n")] == [
            ["a", "True"],
            ['["x", "y"]', ""],
            ["1", ""],
        ]


class TestRefused:
    @pytest.mark.parametrize(
        ("name", "content", "complaint"),
        [
            (
                "two.zip",
                zipped("a.csv", "b.csv"),
                "two.zip is a zip archive that holds a.csv, b.csv, and no single table",
            ),
            ("cut.csv.gz", gzip.compress(CSV.encode())[:-20], "cannot be unpacked"),
            ("cut.csv.xz", lzma.compress(CSV.encode())[:-20], "cannot be unpacked"),
            ("cut.zst", zstd(CSV.encode())[:-20], "cut.zst"),
            ("cut.xlsx", sheet(FRAME)[:-30], "cut.xlsx"),
            ("sheet.xlsx", sheet(FRAME).replace(b"<row>", b"<rov>"), "sheet.xlsx"),
            ("a.pq", b"not it", "a.pq is not a parquet file, or a damaged one"),
            ("a.feather", feather()[:-200], "a.feather is not a feather file, or a damaged one"),
            ("a.json", "[{]", "is damaged json"),
            ("endless.csv", b"1," * 600_000, "its first line is longer than 1 MB; that is no table"),
            ("a.exe", b"MZ\0\0\1\0", "it holds bytes that no text has"),
        ],
    )
    def test_what_is_damaged_or_no_table_gets_a_sentence(self, tmp_path, name, content, complaint):
        with pytest.raises(DataError) as caught:
            open_table(write(tmp_path, name, content))
        assert complaint in str(caught.value)

    @pytest.mark.parametrize("name", ["b.csv.gz", "b.csv.bz2", "b.csv.xz", "b.csv.zst", "b.zip", "b.csv"])
    def test_what_unfolds_to_too_much_is_refused_while_it_is_unpacked(self, tmp_path, name, monkeypatch):
        data = b"user,item,rating\n" + b"a,b,3\n" * 1_000_000
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("b.csv", data)
        packers = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstd}
        packers[".zip"] = lambda _: packed.getvalue()
        path = tmp_path / name
        path.write_bytes(packers.get(path.suffix, bytes)(data))
        monkeypatch.setattr(unpacking, "_PIECE_BYTES", 1 << 16)
        with pytest.raises(DataError, match=r"MB in memory, and 1 MB are the most here"):
            open_table(path, most=1_000_000)

    def test_a_pipe_and_a_device_have_no_end(self, tmp_path):
        os.mkfifo(tmp_path / "r.csv")
        for path in (tmp_path / "r.csv", type(tmp_path)("/dev/zero")):
            with pytest.raises(DataError, match="is a device or a pipe and no file, so it has no end"):
                open_table(path)


class TestParts:
    def test_of_a_folder_or_a_pattern_are_one_table(self, tmp_path):
        whole = read_mapped_table(write(tmp_path, "whole.csv", CSV), MAPPING)
        folder = tmp_path / "parts"
        folder.mkdir()
        FRAME[:1].to_csv(folder / "part-0.csv", index=False)
        FRAME[1:3].to_csv(folder / "part-1.csv.gz", index=False, header=False)
        FRAME[3:].to_parquet(folder / "part-2.parquet")
        (folder / "_SUCCESS").touch()
        for place in (folder, folder / "part-*"):
            found = read_mapped_table(place, MAPPING)
            assert (found.checksum, found.name) == (whole.checksum, "parts")

    def test_a_wrong_row_is_named_with_its_file(self, tmp_path):
        write(tmp_path, "a.csv", "user,item,rating\na,b,3\na,c,2\n")
        write(tmp_path, "b.csv", "user,item,rating\nb,b,3\nb,c,x\n")
        with pytest.raises(DataError, match=r"^b\.csv, row 3, column rating: x is not a number"):
            read_mapped_table(tmp_path, MAPPING.model_copy(update={"timestamp": None}))

    def test_of_another_table_are_refused(self, tmp_path):
        write(tmp_path, "a.csv", "user,item,rating\na,b,3\n")
        write(tmp_path, "b.csv", "item,title\nb,c\n")
        with pytest.raises(DataError, match=r"b\.csv has the columns item, title, and a\.csv has user, item, rating"):
            read_mapped_table(tmp_path / "*.csv", MAPPING.model_copy(update={"timestamp": None}))
        with pytest.raises(DataError, match="there is no table; name a file"):
            read_mapped_table(tmp_path / "*.tsv", MAPPING)
