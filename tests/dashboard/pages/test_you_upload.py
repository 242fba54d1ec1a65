"""Ratings brought along to the page You: what is shown before they are used, and what is refused."""

import io
import sys
import zipfile

import pandas as pd
import pytest
from streamlit.runtime.uploaded_file_manager import UploadedFile
from streamlit.testing.v1 import AppTest

from recommender.dashboard.pages.you import upload
from recommender.data.exchange.rating_exports import write_own_ratings
from recommender.data.schema import RatingScale
from tests.dashboard.doubles import timeless_ratings
from tests.dashboard.pages.test_you import TIMELESS, listed, said, serve, table, words
from tests.dashboard.trainings import send

__all__ = ["serve"]  # a fixture
LETTERBOXD = "Date,Name,Year,Letterboxd URI,Rating\n"


def bring(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.file_uploader(key=f"you_files_{said(app).key}_{said(app).n_brought + said(app).n_cleared}").set_value(
        [(name, data, "text/csv") for name, data in files]
    )
    return app.run()


class TestBringing:
    def test_matches_are_shown_before_they_are_used(self, open_app):
        app = bring(
            open_app("you"),
            (
                "ratings.csv",
                (LETTERBOXD + "2024-01-01,The Postman,1997,u,4.5\n2024-01-01,Mishima,1985,u,5\n").encode(),
            ),
        )
        assert not app.exception
        assert said(app).stars == {}
        assert "2 ratings, 1 found" in words(app)
        assert "what is below 1 counts as 1" in words(app)
        assert table(app, "not in this catalogue")["title"].tolist() == ["Mishima"]
        app.button(key="you_take_in").click().run()
        assert said(app).stars == {"Postman, The (1997)": 4.5}
        assert "Recommended for you" in words(app)
        assert "you_take_in" not in {button.key for button in app.button}

    def test_unsure_match_is_left_out_unless_accepted(self, open_app):
        app = bring(
            open_app("you"), ("ratings.csv", (LETTERBOXD + "d,Casablancca,1942,u,4\nd,Fargo,1996,u,2\n").encode())
        )
        assert "1 of them is not sure" in words(app)
        assert app.button(key="you_take_in").label == "Use 1 rating"
        app.button(key="you_take_in").click().run()
        assert said(app).stars == {"Fargo (1996)": 2.0}

    def test_file_for_which_the_server_had_no_room_is_said(self, open_app, monkeypatch):
        monkeypatch.setattr(upload, "refusal", lambda: "A file was not kept.")
        assert "A file was not kept" in words(open_app("you"))

    def test_archive_of_letterboxd_is_read(self, open_app):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("ratings.csv", LETTERBOXD + "d,Fargo,1996,u,2\n")
            archive.writestr("watched.csv", "Date,Name,Year,Letterboxd URI\n")
        assert "1 rating, 1 found" in words(bring(open_app("you"), ("letterboxd.zip", target.getvalue())))

    def test_stars_are_mapped_onto_the_models_scale(self, open_app, serve):
        serve(timeless_ratings(), **TIMELESS)
        app = bring(open_app("you"), ("ratings.csv", (LETTERBOXD + "d,Fargo,1996,u,3.5\n").encode()))
        app.button(key="you_take_in").click().run()
        assert said(app).stars == {"Fargo (1996)": 7.0}

    def test_own_download_comes_back_as_it_was(self, open_app):
        stars = {"Postman, The (1997)": 4.0, "unknown": 1.0}
        app = bring(open_app("you"), ("my-ratings.csv", write_own_ratings(stars, RatingScale())))
        app.button(key="you_take_in").click().run()
        assert said(app).stars == stars

    @pytest.mark.parametrize(
        ("name", "data", "message"),
        [
            ("ratings.csv", LETTERBOXD + "d,Heat,1995,u,9\n", "ratings.csv, row 2, column Rating: 9 is no rating"),
            ("watched.csv", "Date,Name,Year,Letterboxd URI\nd,Heat,1995,u\n", "it has no column Rating"),
            ("x.csv", "a,b\n1,2\n", "are those of no export"),
        ],
    )
    def test_bad_file_is_one_line_and_the_page_goes_on(self, open_app, name, data, message):
        app = bring(open_app("you"), (name, data.encode()))
        assert not app.exception
        assert message in app.error[0].value.replace("\\", "")
        assert len(listed(app)) == 10

    def test_ids_without_titles_are_refused_where_they_are_of_another_edition(self, open_app):
        app = bring(open_app("you"), ("ratings.csv", b"userId,movieId,rating\n1,2,4\n"))
        assert "add movies.csv" in app.error[0].value

    def test_of_many_raters_one_is_chosen(self, open_app):
        movies = b"movieId,title\n2,Fargo (1996)\n3,Heat (1995)\n"
        ratings = b"userId,movieId,rating\n1,2,4\n2,2,3\n2,3,5\n"
        app = bring(open_app("you"), ("ratings.csv", ratings), ("movies.csv", movies))
        assert app.selectbox(key="you_rater").options == ["2", "1"]
        app.selectbox(key="you_rater").set_value("1").run()
        app.button(key="you_take_in").click().run()
        assert said(app).stars == {"Fargo (1996)": 4.0}


class TestWhatComesBack:
    """Of the table of matches a client is believed its ticks, and nothing else."""

    TABLE = pd.DataFrame({"use": [True, False, True], "match": ["Ran", "Heat", "Emma"], "counts": [5.0, 1.0, 3.0]})

    def test_ticks_are_taken(self):
        edited = self.TABLE.assign(use=[False, True, True])
        assert upload._ticked(self.TABLE, edited) == {"Heat": 1.0, "Emma": 3.0}

    def test_other_titles_and_stars_are_not(self):
        edited = self.TABLE.assign(match="x" * 10, counts=1e9)
        assert upload._ticked(self.TABLE, edited) == {"Ran": 5.0, "Emma": 3.0}

    def test_rows_that_were_added_taken_away_or_named_anew_are_not(self):
        added = pd.DataFrame({"use": [True], "match": ["Other"], "counts": [99.0]}, index=[7])
        assert upload._ticked(self.TABLE, pd.concat([self.TABLE.iloc[1:], added])) == {"Emma": 3.0}
        assert upload._ticked(self.TABLE, self.TABLE.set_axis([2, 2, 2])) == {"Emma": 3.0}

    def test_ticks_that_are_none_count_as_unticked(self):
        edited = self.TABLE.assign(use=pd.Series([None, "yes", 1], dtype=object))
        assert upload._ticked(self.TABLE, edited) == {}


class TestReadOnce:
    def test_files_are_read_and_matched_once_however_often_the_page_is_drawn(self, open_app, monkeypatch):
        calls = []
        read, match = upload.read_exported_ratings, upload.match_rows
        monkeypatch.setattr(upload, "read_exported_ratings", lambda files, **_: calls.append("read") or read(files))
        monkeypatch.setattr(upload, "match_rows", lambda *a, **b: calls.append("match") or match(*a, **b))
        copy = UploadedFile.getvalue

        def count(file):
            if sys._getframe(1).f_globals["__name__"] == upload.__name__:  # the test's own browser copies it, too
                calls.append("copy")
            return copy(file)

        monkeypatch.setattr(UploadedFile, "getvalue", count)
        app = bring(open_app("you"), ("ratings.csv", (LETTERBOXD + "d,Fargo,1996,u,2\n").encode()))
        app.run()
        app.run()
        assert not app.exception
        assert calls == ["copy", "read", "match"]

    def test_another_rater_and_another_file_are_matched_anew(self, open_app):
        movies = ("movies.csv", b"movieId,title,genres\n1,Fargo (1996),Crime\n2,Casablanca (1942),Drama\n")
        rated = b"userId,movieId,rating\n1,1,4.0\n1,2,2.0\n2,2,3.0\n"
        app = bring(open_app("you"), ("ratings.csv", rated), movies)
        assert "2 ratings, 2 found" in words(app)
        app.selectbox(key="you_rater").select("2").run()
        assert "1 rating, 1 found" in words(app)
        send(app.selectbox(key="you_rater"), "nobody").run()
        assert not app.exception
        assert "2 ratings, 2 found" in words(app)
        app = bring(app, ("ratings.csv", (LETTERBOXD + "d,Fargo,1996,u,2\n").encode()))
        assert "1 rating, 1 found" in words(app)
