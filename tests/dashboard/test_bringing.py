"""Ratings brought along to the page You: what is shown before they are used, and what is refused."""

import io
import zipfile

import pytest
from streamlit.testing.v1 import AppTest

from recommender.data.rating_exports import write_own_ratings
from recommender.data.schema import RatingScale
from tests.dashboard.doubles import timeless_ratings
from tests.dashboard.test_you import TIMELESS, listed, said, serve, table, words

__all__ = ["serve"]  # a fixture
LETTERBOXD = "Date,Name,Year,Letterboxd URI,Rating\n"


def bring(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.file_uploader(key=f"you_files_{said(app).files}").set_value([(name, data, "text/csv") for name, data in files])
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
