import io
import zipfile

import numpy as np
import pytest

from recommender.data.exchange.rating_exports import (
    convert_stars,
    describe_conversion,
    read_exported_ratings,
    write_own_ratings,
)
from recommender.data.publishers.movielens import HALF_STARS
from recommender.data.schema import RatingScale
from recommender.errors import DataError

FIVE, TEN = RatingScale(), RatingScale(1, 10, 1)
LETTERBOXD = b"""Date,Name,Year,Letterboxd URI,Rating
2024-01-02,"Good, the Bad and the Ugly, The",1966,https://boxd.it/2aN4,4.5
2024-01-03,Am\xc3\xa9lie,2001,https://boxd.it/2b0k,0.5
2024-01-04,Untitled Next,,https://boxd.it/zzzz,3
"""
WATCHED = b"Date,Name,Year,Letterboxd URI\n2024-01-02,Heat,1995,https://boxd.it/2aN4\n"
RATED = b"userId,movieId,rating,timestamp\n7,1,4.0,964982703\n8,2,2.5,964982703\n8,1,3.0,964982704\n"
MOVIES = b"movieId,title,genres\n1,Toy Story (1995),Animation\n2,Jumanji (1995),Adventure\n"
SITE = b"movie_id,imdb_id,tmdb_id,rating,average_rating,title\n1,0114709,862,4.5,3.89,Toy Story (1995)\n"


def packed(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def said(files: dict[str, bytes]) -> str:
    with pytest.raises(DataError) as caught:
        read_exported_ratings(files)
    return str(caught.value)


class TestLetterboxd:
    def test_rows_keep_their_names_years_stars_and_line_numbers(self):
        found = read_exported_ratings({"ratings.csv": LETTERBOXD})
        assert (found.source, found.scale) == ("Letterboxd", HALF_STARS)
        assert found.rows["title"].tolist() == ["Good, the Bad and the Ugly, The", "Amélie", "Untitled Next"]
        assert found.rows["year"].fillna(0).tolist() == [1966, 2001, 0]
        assert found.rows["stars"].tolist() == [4.5, 0.5, 3.0]
        assert found.rows["row"].tolist() == [2, 3, 4]

    def test_archive_gives_its_outermost_ratings_and_not_the_deleted_ones(self):
        members = {"deleted/ratings.csv": LETTERBOXD.replace(b"Heat", b"X"), "ratings.csv": LETTERBOXD}
        members |= {"watched.csv": WATCHED, "profile.csv": b"a,b\n1,2\n", "deleted/diary.csv": b"x\n"}
        members["deleted/ratings.csv"] = b"Date,Name,Year,Letterboxd URI,Rating\n2020-01-01,Ran,1985,u,1\n"
        assert len(read_exported_ratings({"letterboxd-me.zip": packed(members)}).rows) == 3

    def test_watched_films_are_refused_with_the_reason(self):
        assert said({"watched.csv": WATCHED}) == (
            "watched.csv says what was watched and not how it was liked: it has no column Rating; take ratings.csv of "
            "the same export."
        )

    def test_film_of_the_diary_without_stars_is_left_out(self):
        data = LETTERBOXD.replace(b",0.5\n", b",\n")
        assert read_exported_ratings({"diary.csv": data}).rows["row"].tolist() == [2, 4]

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            (b",4.5\n", b",5.5\n", "row 2, column Rating: 5.5 is no rating from 0.5 to 5"),
            (b",0.5\n", b",good\n", "row 3, column Rating: good is no rating from 0.5 to 5"),
            (b",2001,", b",MMI,", "row 3, column Year: MMI is not a year"),
            (b"Untitled Next", b"", "row 4, column Name: '' is no title"),
            (b"3\n", b"3,7\n", "row 4: 6 columns where 5 are expected"),
        ],
    )
    def test_bad_row_is_named_by_file_row_and_column(self, old, new, message):
        assert said({"ratings.csv": LETTERBOXD.replace(old, new)}).startswith(f"ratings.csv, {message}")

    def test_diary_and_reviews_give_the_stars_of_the_latest_date(self):
        diary = (
            b"Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\n2024-01-02,Heat,1995,u,3,,,2024-01-01\n"
            b"2024-03-02,Heat,1995,u,4.5,Yes,,2024-03-01\n2024-02-02,Ran,1985,u,,,,2024-02-01\n"
        )
        found = read_exported_ratings({"diary.csv": diary})
        assert dict(zip(found.rows["title"], found.rows["stars"], strict=True)) == {"Heat": 4.5}
        reviews = (
            b"Date,Name,Year,Letterboxd URI,Rating,Rewatch,Review,Tags,Watched Date\n"
            b'2024-02-02,Heat,1995,u,2,,"Two lines,\n""and"" a half",,2024-02-01\n2024-04-01,Ran,1985,u,5,,Great,,\n'
        )
        both = read_exported_ratings({"reviews.csv": reviews, "diary.csv": diary})
        assert dict(zip(both.rows["title"], both.rows["stars"], strict=True)) == {"Heat": 4.5, "Ran": 5.0}
        archive = packed({"diary.csv": diary, "reviews.csv": reviews, "ratings.csv": LETTERBOXD})
        assert len(read_exported_ratings({"z.zip": archive}).rows) == 3  # which holds all that is rated now

    def test_import_format_is_read_in_stars_and_in_points(self):
        stars = b"Title,Year,Rating,WatchedDate\nHeat,1995,3.5,2020-01-02\nHeat,1995,4,2021-01-02\n"
        points = b"tmdbID,Title,Year,Rating10,WatchedDate\n1,Ran,1985,9,2020-01-02\n"
        found = read_exported_ratings({"a.csv": stars})
        assert (found.source, found.rows["stars"].tolist()) == ("Letterboxd", [4.0])
        assert read_exported_ratings({"b.csv": points}).scale == TEN
        both = read_exported_ratings({"a.csv": stars, "b.csv": points})
        assert (both.rows["stars"].tolist(), both.scale) == ([4.0, 4.5], HALF_STARS)

    def test_where_no_stars_are_wanted_what_was_watched_and_liked_counts(self):
        archive = packed({"ratings.csv": LETTERBOXD, "watched.csv": WATCHED, "likes/films.csv": WATCHED})
        found = read_exported_ratings({"z.zip": archive}, with_stars=False)
        assert sorted(found.rows["title"]) == ["Amélie", "Good, the Bad and the Ugly, The", "Heat", "Untitled Next"]
        assert len(read_exported_ratings({"watched.csv": WATCHED}, with_stars=False).rows) == 1


class TestOtherPlaces:
    def test_imdb(self):
        data = (
            b"Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),Year,Genres\n"
            b"tt0113277,9,2020-05-01,Heat,Heat,u,Movie,8.3,170,1995,Crime\n"
        )
        found = read_exported_ratings({"ratings.csv": data})
        assert (found.source, found.scale, found.rows["title"].tolist()) == ("IMDb", TEN, ["Heat"])
        assert (found.rows["stars"].tolist(), found.rows["year"].tolist()) == ([9.0], [1995])

    def test_goodreads_leaves_out_what_is_not_rated_and_the_names_of_series(self):
        data = (
            b"Book Id,Title,Author,ISBN,My Rating,Average Rating,"
            b"Original Publication Year,Date Read,Date Added,My Review\n"
            b'1,"Mort (Discworld, #4)",Pratchett,"=""006102068X""",5,4.2,1987,2020/05/01,2020/04/01,"Good,\nvery"\n'
            b"2,The Odyssey,Homer,,4,3.8,-700,,2020/04/02,\n3,Emma,Austen,,0,4.0,1815,,2020/04/03,\n"
        )
        found = read_exported_ratings({"goodreads_library_export.csv": data})
        assert (found.source, found.scale) == ("Goodreads", FIVE)
        assert found.rows["title"].tolist() == ["Mort", "The Odyssey"]
        assert found.rows["year"].fillna(0).tolist() == [1987, 0]

    def test_trakt_in_json_and_as_an_archive(self):
        data = (
            b'[{"rated_at":"2020-01-01T00:00:00.000Z","rating":6,"type":"movie","movie":{"title":"Heat","year":1995}},'
            b'{"rated_at":"2021-01-01T00:00:00.000Z","rating":8,"type":"movie","movie":{"title":"Heat","year":1995}}]'
        )
        for files in ({"ratings-movies.json": data}, {"trakt.zip": packed({"ratings-movies.json": data})}):
            found = read_exported_ratings(files)
            assert (found.source, found.scale, found.rows["stars"].tolist()) == ("Trakt", TEN, [8.0])
            assert found.rows["year"].tolist() == [1995]

    @pytest.mark.parametrize("data", [b"{", b"[1]", b'{"a": 1}', b"[" * 100_000])
    def test_json_that_is_no_list_of_ratings_is_refused_in_a_sentence(self, data):
        assert said({"a.json": data}).startswith("a.json is no list of ratings as Trakt writes it; give")


class TestMovieLens:
    def test_titles_come_from_movies_csv(self):
        found = read_exported_ratings({"movies.csv": MOVIES, "ratings.csv": RATED})
        assert found.rows["title"].tolist() == ["Toy Story (1995)", "Jumanji (1995)", "Toy Story (1995)"]
        assert not found.rows["item_id"].any()

    def test_without_movies_csv_only_the_ids_are_known(self):
        found = read_exported_ratings({"ratings.csv": RATED})
        assert found.rows["item_id"].tolist() == ["1", "2", "1"]
        assert not found.rows["title"].any()

    def test_each_rater_can_be_taken_alone_the_busiest_first(self):
        found = read_exported_ratings({"ratings.csv": RATED})
        assert found.raters == ("8", "7")
        assert found.rated_by("8").rows["stars"].tolist() == [2.5, 3.0]

    def test_rated_id_that_movies_csv_does_not_know_is_named(self):
        assert "ratings.csv, row 3, column movieId: 2 is not in movies.csv" in said(
            {"ratings.csv": RATED, "movies.csv": MOVIES.replace(b"\n2,", b"\n3,")}
        )

    def test_export_of_the_site_is_read_by_its_titles(self):
        found = read_exported_ratings({"movielens-ratings.csv": SITE})
        assert (found.source, found.rows["title"].tolist()) == ("movielens.org", ["Toy Story (1995)"])

    def test_data_set_as_an_archive_is_read_with_its_titles(self):
        archive = packed({"ml/ratings.csv": RATED, "ml/movies.csv": MOVIES, "ml/README.txt": b"x"})
        assert read_exported_ratings({"ml.zip": archive}).rows["title"].iloc[1] == "Jumanji (1995)"


class TestOwnDownload:
    def test_what_is_downloaded_can_be_brought_along_again(self):
        stars = {"Postman, The (1997)": 4.0, 'Say "cheese", M*A*S*H': 9.0}
        found = read_exported_ratings({"my-ratings.csv": write_own_ratings(stars, TEN)})
        assert dict(zip(found.rows["title"], found.rows["stars"], strict=True)) == stars
        assert found.scale == TEN

    def test_titles_that_a_spreadsheet_would_run_are_text_there_and_themselves_when_read_again(self):
        stars = {"-30- (1959)": 4.0, "=1+1": 9.0, "@home": 2.0, "+1": 1.0, "'Til There Was You (1997)": 5.0}
        data = write_own_ratings(stars, TEN)
        assert not {line[:1] for line in data.decode().splitlines()[1:]} & set("=+-@")
        assert "\n'=1+1,,9.0," in data.decode()
        found = read_exported_ratings({"my-ratings.csv": data})
        assert dict(zip(found.rows["title"], found.rows["stars"], strict=True)) == stars

    def test_scale_that_begins_below_zero_is_read_again(self):
        scale = RatingScale(-10.0, 10.0, 1.0)
        found = read_exported_ratings({"my-ratings.csv": write_own_ratings({"Ran": -3.0, "Heat": 4.0}, scale)})
        assert (found.scale, found.rows["stars"].tolist()) == (scale, [-3.0, 4.0])

    def test_file_that_was_downloaded_before_apostrophes_were_put_is_read(self):
        data = b"title,year,stars,scale\n-30- (1959),,4,1-5:1\n"
        assert read_exported_ratings({"my.csv": data}).rows["title"].tolist() == ["-30- (1959)"]

    def test_half_stars_keep_their_scale(self):
        found = read_exported_ratings({"my-ratings.csv": write_own_ratings({"Ran": 0.5}, HALF_STARS)})
        assert found.scale == HALF_STARS

    def test_two_scales_in_one_file_are_refused(self):
        data = b"title,year,stars,scale\nRan,,4,1-5\nHeat,,8,1-10\n"
        assert "my.csv, row 3, column scale" in said({"my.csv": data})


class TestRefused:
    @pytest.mark.parametrize(
        ("files", "message"),
        [
            ({"a.csv": b"x,y\n1,2\n"}, "a.csv, row 1: the columns x, y are those of no export"),
            ({"a.csv": b""}, "a.csv is empty"),
            ({"a.csv": b"\x7fELF\0\0\1\0a\0"}, "a.csv: it holds bytes that no text has"),
            ({"ratings.csv": LETTERBOXD, "b.csv": SITE}, "ratings.csv and b.csv both hold ratings"),
            ({"movies.csv": MOVIES}, "movies.csv holds titles and no ratings"),
            ({"a.zip": b"PK\x03\x04 torn"}, "a.zip cannot be unpacked"),
            ({"a.zip": packed({"photo.csv": b"1"})}, "a.zip holds no ratings.csv"),
            ({"ratings.csv": LETTERBOXD[: LETTERBOXD.index(b"\n") + 1]}, "ratings.csv holds nothing below its header"),
        ],
    )
    def test_reason_is_one_line(self, files, message):
        text = said(files)
        assert text.startswith(message)
        assert "\n" not in text

    def test_archive_that_unpacks_to_a_giant_is_refused_before_it_is_unpacked(self, monkeypatch):
        from recommender.data.exchange import rating_exports

        monkeypatch.setattr(rating_exports, "_MOST_BYTES", 10)
        assert "is larger than" in said({"a.zip": packed({"ratings.csv": LETTERBOXD})})


class TestScales:
    @pytest.mark.parametrize(
        ("of", "to", "stars", "expected"),
        [
            (HALF_STARS, FIVE, [0.5, 1, 3.5, 5], [1, 1, 3.5, 5]),
            (HALF_STARS, TEN, [0.5, 2.5, 5], [1, 5, 10]),
            (TEN, FIVE, [1, 2, 7, 10], [1, 1, 3.5, 5]),
            (FIVE, FIVE, [1, 5], [1, 5]),
            (RatingScale(-10, 10, 1), FIVE, [-10, 0, 10], [1, 3, 5]),
        ],
    )
    def test_best_stays_best_and_half_stays_half(self, of, to, stars, expected):
        np.testing.assert_allclose(convert_stars(np.array(stars, float), of, to), expected)

    @pytest.mark.parametrize(
        ("of", "to", "sentence"),
        [
            (HALF_STARS, FIVE, "Stars are taken as they are; what is below 1 counts as 1."),
            (FIVE, HALF_STARS, "Stars are taken as they are."),
            (HALF_STARS, TEN, "Stars from 0.5-5 are brought onto 1-10: 5 becomes 10, 2.5 becomes 5."),
            (
                TEN,
                FIVE,
                "Stars from 1-10 are brought onto 1-5: 10 becomes 5, 5 becomes 2.5; what is below 1 counts as 1.",
            ),
            (RatingScale(-10, 10, 1), FIVE, "Stars from -10-10 are laid evenly over 1-5."),
        ],
    )
    def test_what_is_done_is_said(self, of, to, sentence):
        assert describe_conversion(of, to) == sentence


def test_of_many_members_of_one_name_only_the_first_is_unpacked(monkeypatch):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        for folder in ("", "a/", "b/"):
            target.writestr(f"{folder}ratings.csv", "Date,Name,Year,Letterboxd URI,Rating\n2024-01-01,Heat,1995,x,4\n")
    unpacked = []
    read = zipfile.ZipFile.read
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda self, info: unpacked.append(info.filename) or read(self, info))
    read_exported_ratings({"letterboxd.zip": archive.getvalue()})
    assert unpacked == ["ratings.csv"]


def test_json_with_half_a_character_is_read_with_a_mark_in_its_place():
    data = b'[{"rated_at": "2024-01-02T00:00:00Z", "rating": 8, "movie": {"title": "Em\\ud800ma", "year": 1996}}]'
    assert read_exported_ratings({"ratings-movies.json": data}).rows["title"].tolist() == ["Em?ma"]
