"""Columns are proposed by their names."""

import pytest

from recommender.data.own_table.proposals import doubled_ratings, propose_columns, propose_features


@pytest.mark.parametrize(
    ("columns", "proposed"),
    [
        (
            ["userId", "movieId", "rating", "timestamp"],
            {"user": "userId", "item": "movieId", "rating": "rating", "timestamp": "timestamp"},
        ),
        (["user_id", "anime_id", "rating"], {"user": "user_id", "item": "anime_id", "rating": "rating"}),
        (
            ["User-ID", "ISBN", "Book-Rating", "Title"],
            {"user": "User-ID", "item": "ISBN", "rating": "Book-Rating", "title": "Title"},
        ),
        (["who", "Name", "stars"], {"user": "who", "item": "Name", "rating": "stars"}),
        (["member", "film", "score"], {"user": "member", "item": "film", "rating": "score"}),
        (["Name", "Film", "Note"], {"user": "Name", "item": "Film", "rating": "Note"}),
        (
            ["Nutzer", "Titel", "Bewertung", "Datum"],
            {"user": "Nutzer", "item": "Titel", "rating": "Bewertung", "timestamp": "Datum"},
        ),
        (
            ["Utilisateur", "Film", "Note", "Titre"],
            {"user": "Utilisateur", "item": "Film", "rating": "Note", "title": "Titre"},
        ),
        (
            ["usuario_id", "película", "calificación", "fecha"],
            {"user": "usuario_id", "item": "película", "rating": "calificación", "timestamp": "fecha"},
        ),
        (
            ["utente", "libro", "voto", "data"],
            {"user": "utente", "item": "libro", "rating": "voto", "timestamp": "data"},
        ),
        (["utilizador", "filme", "avaliação"], {"user": "utilizador", "item": "filme", "rating": "avaliação"}),
        (
            ["gebruiker", "boek", "beoordeling", "datum"],
            {"user": "gebruiker", "item": "boek", "rating": "beoordeling", "timestamp": "datum"},
        ),
        (["tconst", "poster_url"], {"item": "tconst", "poster": "poster_url"}),
        (["a", "b"], {}),
    ],
)
def test_columns_are_proposed_by_their_names(columns, proposed):
    assert propose_columns(columns) == proposed


def test_columns_that_describe_titles_are_proposed_by_their_names():
    assert propose_features(["Genres", "title", "Género", "Kategorien", "pages"]) == ["Genres", "Género", "Kategorien"]


def test_name_is_a_viewers_among_ratings_and_a_titles_in_a_file_of_titles():
    assert propose_columns(["name", "movieId", "rating"])["user"] == "name"
    assert propose_columns(["movieId", "name", "year"], rated=False) == {"item": "movieId", "title": "name"}


def test_of_two_columns_of_ratings_none_is_proposed_and_both_are_asked_about():
    columns = ["user", "item", "rating (1)", "rating (2)", "part (1)"]
    assert "rating" not in propose_columns(columns)
    assert doubled_ratings(columns) == ["rating (1)", "rating (2)"]
    assert doubled_ratings(["user", "item", "rating"]) == []
