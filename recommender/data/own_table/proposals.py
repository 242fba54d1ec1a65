"""Which column of a table may hold what, by the names that people of several languages give such columns."""

import re
import unicodedata
from collections.abc import Mapping, Sequence


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# The likeliest first; compared without case, accents, spaces and dashes.
_USUAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "user": _words(
        """
        userid user username viewerid viewer customerid customer memberid member reviewerid reviewer
        raterid rater profilename accountid account uid who person nutzer benutzer benutzerid
        mitglied zuschauer kunde utilisateur utilisateurid membre spectateur client usuario
        usuarioid miembro cliente espectador utente utenteid membro spettatore utilizador gebruiker
        gebruikerid lid kijker klant
        """
    ),
    "item": _words(
        """
        itemid item movieid movie filmid film animeid anime bookid book isbn productid product asin
        gameid game songid song trackid track artistid artist albumid album showid show seriesid
        tmdbid imdbid contentid videoid tconst buch buchid artikel produkt spiel lied serie livre
        produit chanson jeu serien pelicula peliculaid libro producto juego cancion articulo filme
        filmeid livro produto jogo musica libroid prodotto gioco canzone boek boekid nummer spel
        """
    ),
    "rating": _words(
        """
        rating ratings score stars myrating yourrating userrating points overall bookrating
        reviewscore grade mark vote thumb thumbs like liked feedback preference value bewertung
        wertung sterne punkte note noten evaluation etoiles avis puntuacion calificacion valoracion
        estrellas nota puntaje voto valutazione stelle punteggio avaliacao classificacao estrelas
        beoordeling waardering sterren cijfer
        """
    ),
    "timestamp": _words(
        """
        timestamp time date datetime ratedat daterated watcheddate watchedat createdat reviewtime
        unixreviewtime lastwatched when at day datum zeit zeitpunkt zeitstempel heure horodatage
        moment fecha hora data ora orario tijd tijdstip
        """
    ),
    "title": _words(
        """
        title name movietitle filmtitle booktitle itemname itemtitle productname moviename filmname
        titel filmtitel buchtitel titre nom titulo nombre titolo nome naam
        """
    ),
    "poster": _words("poster posterurl posterlink posterpath cover coverurl image imageurl imageurll imgurl imagelink"),
}
_DESCRIBING = _words(
    """
    genre genres category categories tags tag kategorie kategorien categorie categoria categorias
    categorieen genero generos genere generi schlagworte etiquetas
    """
)
_NUMBERED = re.compile(r" \(\d+\)$")
_NAMES_OF_PEOPLE = ("name", "nom", "nombre", "nome", "naam")  # beside a column of titles


def propose_columns(columns: Sequence[str], *, rated: bool = True) -> dict[str, str]:
    """Which column may hold what, by their names.

    Args:
      columns: the names.
      rated: whether somebody rated in this table; in one that describes titles, a name is a title's.

    Returns:
      "user", "item", "rating", "timestamp", "title", "poster" -> column, for those that a name was found for.
    """
    plain = {_plain(column): column for column in reversed(columns)}
    found: dict[str, str] = {}
    for part, names in _USUAL_NAMES.items():
        for name in names:
            if name in plain and plain[name] not in found.values():
                found[part] = plain[name]
                break
    if "item" not in found and "title" in found:  # the title tells the items apart where no id does
        found["item"] = found.pop("title")
    if rated and "user" not in found and "title" in found and _plain(found["title"]) in _NAMES_OF_PEOPLE:
        found["user"] = found.pop("title")
    return found


def doubled_ratings(columns: Sequence[str]) -> list[str]:
    """The columns that hold ratings by a name that several have, and of which somebody has to say which is meant."""
    numbered = filter(_NUMBERED.search, columns)
    return [name for name in numbered if "rating" in propose_columns([_NUMBERED.sub("", name)])]


def propose_features(columns: Sequence[str]) -> list[str]:
    """The columns that may hold categories of titles, by their names."""
    return [column for column in columns if _plain(column) in _DESCRIBING]


def _plain(column: str) -> str:
    letters = unicodedata.normalize("NFKD", column)
    return re.sub(r"[\W_]+", "", "".join(letter for letter in letters if not unicodedata.combining(letter))).lower()
