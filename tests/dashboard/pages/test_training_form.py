"""The form that trains another model: what is asked for, and the way of an uploaded table."""

import gzip
import io
from pathlib import Path

import pandas as pd
import pytest

from recommender.data.tables.form import ChosenForm
from recommender.errors import RecommenderError
from recommender.runs.progress_log import ProgressLog
from recommender.runs.run import State
from tests.dashboard.doubles import manifest
from tests.dashboard.trainings import GOOD, VIEW, put, queue, send, words

__all__ = ["put", "queue"]  # fixtures


def test_view_is_in_the_address_and_the_other_one_is_shown_first(open_app, queue):
    assert "Learning curves" in words(open_app("training"))
    app = open_app("training", view=VIEW)
    assert "Train another model" in words(app)
    assert "Learning curves" not in words(app)
    assert not app.exception


def test_unknown_view_shows_the_first(open_app, queue):
    assert "Learning curves" in words(open_app("training", view="nothing"))


def test_form_starts_at_the_model_and_the_data_that_are_shown(open_app, recommender, queue):
    recommender.manifest = manifest(model="cross", data_name="ml-latest-small")
    app = open_app("training", view=VIEW)
    assert app.selectbox(key="train_model").value == "cross"
    assert app.selectbox(key="train_data").value.startswith("MovieLens latest-small")


def test_form_asks_for_a_training_with_what_differs_from_the_preset(open_app, queue):
    app = open_app("training", view=VIEW, train_model="two-tower")
    app.number_input(key="train_two-tower_default_epochs").set_value(2).run()
    app.number_input(key="train_seed").set_value(7).run()
    app.selectbox(key="train_split").select("temporal").run()
    app.button(key="train_now").click().run()
    assert not app.exception
    request = queue.runs()[0].request
    assert (request.name, request.model, request.data) == ("two-tower", "two-tower", "ml-100k")
    assert (request.settings, request.seed, request.split) == ({"epochs": 2}, 7, "temporal")
    assert "Waits, number 1" in words(app)
    assert app.text_input(key="train_name_two-tower-2").value == "two-tower-2"


def test_form_stands_in_the_address_so_that_a_page_loaded_anew_has_it_again(open_app, queue):
    chosen = {
        "train_model": "multitask",
        "train_preset_multitask": "tutorial",
        "train_multitask_tutorial_epochs": "2",
        "train_split": "temporal",
        "train_seed": "7",
        "train_data": "MovieLens latest-small, 1995 to 2016",
        "train_name_multitask": "mine",
    }
    app = open_app("training", view=VIEW, **chosen)
    assert not app.exception
    app.button(key="train_now").click().run()
    request = queue.runs()[0].request
    assert (request.name, request.model, request.preset, request.settings, request.split, request.seed) == (
        *("mine", "multitask", "tutorial", {"epochs": 2}, "temporal", 7),
    )
    assert request.data_label == chosen["train_data"]


def test_table_that_a_page_loaded_anew_has_lost_is_asked_for_again(open_app, queue):
    app = open_app("training", view=VIEW, train_data="A table of your own")
    assert "has to be chosen again" not in words(app)
    app.file_uploader(key="train_file").upload("films.csv", GOOD, "text/csv").run()
    left = dict(app.query_params.items())
    assert "A table that was chosen here has to be chosen again" in words(open_app("training", **left))


def test_form_of_an_address_that_asks_for_what_is_not_there_is_the_usual_one_and_says_so(open_app, queue):
    app = open_app("training", view=VIEW, train_model="oracle", train_data="films", train_split="by chance")
    assert not app.exception
    assert app.selectbox(key="train_model").value == "flagship"
    assert "train_model cannot be 'oracle', so it is flagship" in words(app)
    assert "train_data cannot be 'films', so it is MovieLens 100K" in words(app)


def test_every_model_has_a_form_with_its_main_settings_within_bounds(open_app, queue):
    app = open_app("training", view=VIEW)
    for model in app.selectbox(key="train_model").options:
        app.selectbox(key="train_model").select(model).run()
        assert not app.exception, model
        for number in app.number_input:
            assert number.min <= number.value <= number.max
    app.selectbox(key="train_model").select("popularity").run()
    assert "Solved in closed form" in words(app)


def test_tutorial_preset_brings_its_own_settings(open_app, queue):
    app = open_app("training", view=VIEW, train_model="two-tower")
    app.segmented_control(key="train_preset_two-tower").set_value("tutorial").run()
    assert app.number_input(key="train_two-tower_tutorial_learning_rate").value == 0.1
    app.button(key="train_now").click().run()
    assert (queue.runs()[0].request.preset, queue.runs()[0].request.settings) == ("tutorial", {})


def test_name_that_is_taken_is_refused_in_a_sentence_and_can_be_replaced_on_purpose(open_app, queue, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "manifest.json").write_text(manifest().sealed_json())
    app = open_app("training", view=VIEW, train_model="two-tower")
    app.text_input(key="train_name_two-tower").set_value("mine").run()
    app.button(key="train_now").click().run()
    assert "There is a bundle called mine; choose another name" in words(app)
    assert queue.runs() == []
    app.checkbox(key="train_replace_mine").check().run()
    app.button(key="train_now").click().run()
    assert queue.runs()[0].request.replace
    assert "There is a bundle called mine" not in words(app)


def test_served_bundle_is_never_replaced(open_app, queue):
    app = open_app("training", view=VIEW, train_model="two-tower")
    app.text_input(key="train_name_two-tower").set_value("flagship").run()
    assert not app.checkbox
    app.button(key="train_now").click().run()
    assert "stays as it is" in words(app)


def test_disk_that_refuses_is_told(open_app, queue, monkeypatch):
    def refuse(request, *, held):
        raise RecommenderError("/runs: cannot be written (No space left on device); make room.")

    app = open_app("training", view=VIEW)
    monkeypatch.setattr(queue, "add", refuse)
    app.button(key="train_now").click().run()
    assert "No space left on device" in words(app)
    assert not app.exception


@pytest.mark.parametrize("name", ["films.csv", "films.tsv"])
def test_table_is_mapped_by_its_names_checked_and_kept(open_app, queue, name):
    app = open_app("training", view=VIEW)
    app.selectbox(key="train_data").select("A table of your own").run()
    assert app.button(key="train_now").disabled
    content = GOOD.replace(b",", b"\t") if name.endswith("tsv") else GOOD
    app.file_uploader(key="train_file").upload(name, content, "text/csv").run()
    assert not app.exception
    assert "36 ratings of 6 titles by 6 viewers" in words(app)
    assert "Nothing needs mending" in words(app)
    assert app.multiselect[0].value == ["genre"]  # by its name
    assert next(box.value for box in app.selectbox if box.label == "genre holds") == "categories, with | between"
    app.button(key="train_now").click().run()
    assert not app.exception
    request = queue.runs()[0].request
    assert Path(request.data).read_bytes() == content
    assert Path(request.data).is_relative_to(queue.folder / "data")
    assert request.data_label == "films"
    columns = request.columns
    assert (columns.user, columns.item, columns.rating, columns.timestamp) == ("userId", "title", "rating", "timestamp")
    assert [(feature.column, feature.kind) for feature in columns.features] == [("genre", "multi")]


def test_way_a_table_is_written_is_said_can_be_changed_and_goes_with_the_request(open_app, queue):
    app = open_app("training", view=VIEW)
    app.selectbox(key="train_data").select("A table of your own").run()
    content = gzip.compress(GOOD.replace(b",", b";"))
    app.file_uploader(key="train_file").upload("films.csv.gz", content, "application/gzip").run()
    assert not app.exception
    assert "Read as gzip of text in UTF-8, semicolons between values; the first row names the columns." in words(app)
    assert "36 ratings of 6 titles by 6 viewers" in words(app)
    next(box for box in app.selectbox if box.label == "First row").select("is a rating").run()
    assert not app.exception
    assert "no row names the columns: they are numbered" in words(app)
    assert app.dataframe[0].value.columns.tolist() == ["1", "2", "3", "4", "5"]
    next(box for box in app.selectbox if box.label == "First row").select("As found").run()
    next(box for box in app.selectbox if box.label == "Encoding").select("Western (Windows-1252)").run()
    app.button(key="train_now").click().run()
    request = queue.runs()[0].request
    assert request.columns.form == ChosenForm(encoding="cp1252")
    assert Path(request.data).name == "films.csv.gz"
    assert request.data_label == "films"


def test_code_for_not_rated_is_asked_about_and_left_out_where_it_is_named(open_app, queue):
    rows = [f"v{row % 9},Film {row % 13},{0 if row % 3 else 5 + row % 5}" for row in range(90)]
    content = "\n".join(["userId,title,rating", *dict.fromkeys(rows)]).encode()
    app = open_app("training", view=VIEW)
    app.selectbox(key="train_data").select("A table of your own").run()
    app.file_uploader(key="train_file").upload("books.csv", content, "text/csv").run()
    assert not app.exception
    assert "of the ratings are 0, and hardly any lies next to it" in app.warning[0].value
    next(box for box in app.text_input if box.label == "Means not rated").set_value("0").run()
    assert not app.exception
    assert not app.warning
    assert "on a scale of 5-9" in words(app)
    app.button(key="train_now").click().run()
    assert queue.runs()[0].request.columns.missing == (0.0,)
    next(box for box in app.text_input if box.label == "Means not rated").set_value("none").run()
    assert not app.exception
    assert "are numbers" in words(app) + " ".join(error.value for error in app.error)


def test_table_is_shown_as_it_is_read_with_dates_repeats_and_lists_as_chosen(open_app, queue):
    rows = [
        f'm{row % 9};The film {row % 13};{1 + row % 5}/5;0{1 + row % 9}/0{1 + row % 7}/2019;"[""Drama"", ""War""]"'
        for row in range(130)
    ]
    content = "\n".join(["member;film;score;date;genres", *rows]).replace(",", "|").replace(";", ",").replace("|", ",")
    app = open_app("training", view=VIEW)
    app.selectbox(key="train_data").select("A table of your own").run()
    app.file_uploader(key="train_file").upload("films.csv", content.encode(), "text/csv").run()
    assert not app.exception
    assert "do not show whether the day or the month comes first; choose it under Dates." in words(app)
    assert app.button(key="train_now").disabled
    next(box for box in app.selectbox if box.label == "Dates").select("Day first").run()
    next(box for box in app.selectbox if box.label == "Rated again").select("The first").run()
    assert not app.exception
    assert "13 rows repeat a viewer and title of another row: the first one counts." in words(app)
    assert "were read as stars on a scale of 1-5" in words(app)
    read = app.dataframe[0].value
    assert read.iloc[1].astype(str).tolist() == ["m1", "The film 1", "2.0", "2019-02-02 00:00:00+00:00", "Drama, War"]
    app.button(key="train_now").click().run()
    columns = queue.runs()[0].request.columns
    assert (columns.repeats, columns.day_first) == ("first", True)


def test_parts_of_a_table_and_a_file_of_titles_are_read_as_one_table_and_kept(open_app, queue):
    ratings = [f"v{row % 6},{row % 7},{1 + row % 5}\n" for row in range(42)]
    app = open_app("training", view=VIEW)
    app.selectbox(key="train_data").select("A table of your own").run()
    first, wrong, mended = (
        (name, "".join(["userId,movieId,rating\n", *rows]).encode(), "text/csv")
        for name, rows in (
            ("ratings-1.csv", ratings[:20]),
            ("ratings-2.csv", [*ratings[20:], "v1,3,many\n"]),
            ("ratings-2.csv", ratings[20:]),
        )
    )
    app.file_uploader(key="train_file").set_value([first, wrong]).run()
    titles = "".join(["movieId;name;genres;cover\n", *(f"{n};The film {n};Drama|War;{n}.jpg\n" for n in range(7))])
    app.file_uploader(key="train_items_file").upload("movies.csv", titles.encode(), "text/csv").run()
    assert not app.exception
    problems = next(table.value for table in app.table if "need mending" in table.proto.alt)
    assert [row.replace("\\", "") for row in problems.index] == ["ratings-2.csv 24"]
    app.file_uploader(key="train_file").set_value([first, wrong, mended]).run()  # in the place of the wrong one
    assert not app.exception
    assert "42 ratings of 7 titles by 6 viewers" in words(app)
    assert "Read as 2 files, the first of them text in UTF-8, commas between values" in words(app)
    assert "The file of titles: text in UTF-8, semicolons between values" in words(app)
    assert len(app.dataframe) == 1  # what was read is shown once
    assert app.dataframe[0].value.iloc[1].tolist() == ["v1", "The film 1", 2, "Drama, War"]
    app.button(key="train_now").click().run()
    request = queue.runs()[0].request
    assert (request.data_label, len(list(Path(request.data).iterdir()))) == ("ratings", 2)
    columns = request.columns
    assert (columns.title, columns.poster, columns.items_id) == ("name", "cover", "movieId")
    assert [feature.column for feature in columns.features] == ["genres"]
    assert Path(columns.items).read_text() == titles
    assert Path(columns.items).is_relative_to(queue.folder / "data")


def test_table_without_ratings_trains_what_ranks_and_codes_for_titles_are_warned_of(open_app, queue):
    content = "\n".join(["member,movieid", *(f"m{row % 9},{row % 13}" for row in range(90))]).encode()
    app = open_app("training", view=VIEW)
    app.selectbox(key="train_data").select("A table of your own").run()
    app.file_uploader(key="train_file").upload("films.csv", content, "text/csv").run()
    assert not app.exception
    assert "90 rows of 13 titles by 9 viewers, no times, without ratings" in words(app)
    assert "Titles will be shown as codes" in app.warning[0].value
    app.selectbox(key="train_model").select("flagship").run()
    app.button(key="train_now").click().run()
    assert "has none; choose a model that only ranks: two-tower" in words(app)
    app.selectbox(key="train_model").select("two-tower").run()
    app.button(key="train_now").click().run()
    assert queue.runs()[0].request.columns.rating is None


def test_rows_that_need_mending_are_listed_and_nothing_is_trained(open_app, queue):
    app = open_app("training", view=VIEW)
    app.selectbox(key="train_data").select("A table of your own").run()
    bad = GOOD + b"7,Film 8,many,880000900,Drama\n8,Film 9,3,never,Drama\n"
    app.file_uploader(key="train_file").upload("films.csv", bad, "text/csv").run()
    assert "2 rows need mending before films.csv can be trained on" in words(app)
    problems = next(table.value for table in app.table if "need mending" in table.proto.alt)
    assert problems.index.tolist() == ["38", "39"]
    assert problems["Column"].tolist() == ["rating", "timestamp"]
    assert problems["Value"].tolist() == ["many", "never"]
    assert "is not a number" in problems.iloc[0, 2]
    assert app.button(key="train_now").disabled


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"a,b,c\n1,2,3\n", "Say which columns hold the viewer, the title and"),
        (b"user,item,rating\n", "holds nothing below its header"),
        (b"user,item,rating\n1,2,3\n", "shows no scale"),
        ("user,item,rating\n".encode("utf-16"), "holds nothing below its header"),
    ],
)
def test_table_that_says_too_little_is_told_so(open_app, queue, content, said):
    app = open_app("training", view=VIEW)
    app.selectbox(key="train_data").select("A table of your own").run()
    app.file_uploader(key="train_file").upload("films.csv", content, "text/csv").run()
    assert not app.exception
    assert said in words(app)
    assert app.button(key="train_now").disabled


def test_scale_that_cannot_be_read_is_told(open_app, queue):
    app = open_app("training", view=VIEW)
    app.selectbox(key="train_data").select("A table of your own").run()
    app.file_uploader(key="train_file").upload("films.csv", GOOD, "text/csv").run()
    next(box for box in app.text_input if box.label == "Rating scale").set_value("five").run()
    assert "the rating scale 'five' cannot be read" in words(app).lower()
    assert app.button(key="train_now").disabled


def test_model_that_the_data_cannot_feed_is_refused_with_its_own_message(open_app, queue):
    app = open_app("training", view=VIEW)
    app.selectbox(key="train_model").select("cross").run()
    app.selectbox(key="train_data").select("A table of your own").run()
    app.file_uploader(key="train_file").upload("films.csv", GOOD, "text/csv").run()
    app.multiselect[0].set_value([]).run()
    app.button(key="train_now").click().run()
    assert "describes its titles by no feature" in words(app)
    assert queue.runs() == []


def test_data_without_times_offers_no_split_by_time(open_app, queue):
    app = open_app("training", view=VIEW)
    assert app.selectbox(key="train_split").options == ["random", "per-user-last", "temporal"]
    app.selectbox(key="train_split").select("temporal").run()
    app.selectbox(key="train_data").select("A table of your own").run()
    timeless = b"\n".join(b",".join(line.split(b",")[:3]) for line in GOOD.splitlines())
    app.file_uploader(key="train_file").upload("films.csv", timeless, "text/csv").run()
    assert not app.exception
    assert app.selectbox(key="train_split").options == ["random"]
    app.button(key="train_now").click().run()
    assert queue.runs()[0].request.split == "random"


def test_data_of_another_bundle_can_be_trained_on_where_it_lies(open_app, queue, tmp_path):
    table = tmp_path / "films.csv"
    table.write_bytes(GOOD)
    for name, source in (("films", str(table)), ("gone", str(tmp_path / "gone.csv"))):
        (tmp_path / name).mkdir()
        facts = manifest(data_name=name, source=source)
        facts = facts.model_copy(update={"data": facts.data.model_copy(update={"checksum": name * 8})})
        (tmp_path / name / "manifest.json").write_text(facts.sealed_json())
    app = open_app("training", view=VIEW)
    options = app.selectbox(key="train_data").options
    movielens = ["MovieLens 100K", "MovieLens latest-small, 1995 to 2016"]
    assert options == [*movielens, "films: 51 ratings of 400 titles", "A table of your own"]
    app.selectbox(key="train_data").select(options[2]).run()
    app.button(key="train_now").click().run()
    assert (queue.runs()[0].request.data, queue.runs()[0].request.data_label) == (str(table), "films")


def test_every_table_and_chart_has_an_accessible_name(open_app, put, queue):
    run = put(State.RUNNING)
    log = ProgressLog(run.progress)
    log.plan(4, 10)
    log.epoch(1, {"retrieval_loss": 7.0}, 1.0)
    app = open_app("training", view=VIEW)
    app.selectbox(key="train_data").select("A table of your own").run()
    app.file_uploader(key="train_file").upload("films.csv", GOOD + b"x\n", "text/csv").run()
    elements = [*app.dataframe, *app.table, *app.get("vega_lite_chart")]
    assert len(elements) == 3
    assert all(element.proto.alt for element in elements)


def test_what_no_widget_offers_is_not_taken_from_a_client_of_its_own_making(open_app, queue):
    app = open_app("training", view=VIEW)
    app.selectbox(key="train_data").select("A table of your own").run()
    app.file_uploader(key="train_file").upload("films.csv", GOOD, "text/csv").run()
    app.multiselect[0].set_value(["genre", "genre", "__class__", "a:b"]).run()
    assert not app.exception
    kind = next(box for box in app.selectbox if box.label == "genre holds")
    send(kind, "anything")
    for key in ("train_model", "train_split"):
        send(app.selectbox(key=key), "../anything")
    send(next(box for box in app.selectbox if box.label == "Time"), "/etc/passwd").run()
    assert not app.exception
    app.button(key="train_now").click().run()
    assert not app.exception
    request = queue.runs()[0].request
    assert request.model in app.selectbox(key="train_model").options
    assert request.split == "random"
    assert request.columns.timestamp in (None, "timestamp")
    assert [feature.column for feature in request.columns.features] == ["genre"]
    assert request.columns.features[0].kind in ("category", "multi")


def test_data_that_was_never_offered_is_not_read(open_app, queue):
    app = open_app("training", view=VIEW)
    send(app.selectbox(key="train_data"), "/etc/passwd").run()
    assert not app.exception
    app.button(key="train_now").click().run()
    assert queue.runs()[0].request.data == "ml-100k"


def test_damaged_parquet_is_told_and_the_page_stands(open_app, queue):
    buffer = io.BytesIO()
    pd.DataFrame({"userId": ["a"], "title": ["b"], "rating": [1]}).to_parquet(buffer)
    content = b"PAR1" + b"\xff" * 100 + buffer.getvalue()[104:]
    app = open_app("training", view=VIEW)
    app.selectbox(key="train_data").select("A table of your own").run()
    app.file_uploader(key="train_file").upload("films.parquet", content, "application/octet-stream").run()
    assert not app.exception
    assert "films.parquet is not a parquet file, or a damaged one" in words(app)
    assert app.button(key="train_now").disabled


def test_refused_run_leaves_no_table_behind(open_app, queue):
    app = open_app("training", view=VIEW, train_model="two-tower")
    app.selectbox(key="train_data").select("A table of your own").run()
    app.file_uploader(key="train_file").upload("films.csv", GOOD, "text/csv").run()
    app.text_input(key="train_name_two-tower").set_value("flagship").run()
    app.button(key="train_now").click().run()
    assert "stays as it is" in words(app)
    assert [path for path in (queue.folder / "data").glob("[!.]*")] == []


def test_feature_whose_name_has_white_space_around_it_is_trained_on(open_app, queue):
    app = open_app("training", view=VIEW)
    app.selectbox(key="train_data").select("A table of your own").run()
    spaced = GOOD.replace(b"timestamp,genre", b"timestamp, genre ")
    app.file_uploader(key="train_file").upload("films.csv", spaced, "text/csv").run()
    app.multiselect[0].select("genre").run()
    assert not app.exception
    app.button(key="train_now").click().run()
    assert [feature.column for feature in queue.runs()[0].request.columns.features] == ["genre"]
