"""The lists of twelve visitors and what is like some titles, to be read before and after a change.

    python -m benchmarks.visitors [--models FOLDER] [--model NAME ...] [--references NAME ...] [--like TITLE ...]

Figures say how many lists are good, not which title is out of place. So here are people with a taste that anybody can
judge: of one kind of film or of two, haters, a child, somebody who rated a single film, somebody who rates with half
stars. All titles are of MovieLens 100K. Each is asked for at the last moment that the model knows.

Bundles are looked for in a folder, by the name of their own folder or of their model; references are rows of the zoo,
trained on the random split.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.systems import Signatures, ask_for_visitor, train_system
from recommender.bundle import MANIFEST, MODEL_STORE
from recommender.bundle.reader import read_manifest
from recommender.data import Ratings, load_ratings, split_by_name
from recommender.errors import ConfigurationError, RecommenderError
from recommender.serving.recommender import Recommender
from recommender.serving.title_space import TitleSpace

_DATA = "ml-100k"
_LISTED = 10
_FOR_ADULTS = ("Crime", "Film-Noir", "Horror", "Thriller", "War")


@dataclass(frozen=True)
class Visitor:
    """Somebody whom no model has seen.

    Attributes:
      name: what they are.
      stars: title -> stars, oldest first.
      wants: each title listed should bear one of these genres; none: nothing is asked of it.
      shuns: no title listed should bear one of these.
    """

    name: str
    stars: Mapping[str, float]
    wants: tuple[str, ...] = ()
    shuns: tuple[str, ...] = ()


VISITORS = (
    Visitor(
        "lover of science fiction",
        {
            "Star Wars (1977)": 5,
            "Alien (1979)": 5,
            "Blade Runner (1982)": 5,
            "2001: A Space Odyssey (1968)": 4,
            "Terminator 2: Judgment Day (1991)": 5,
        },
        wants=("Sci-Fi",),
    ),
    Visitor(
        "lover of noir",
        {
            "Maltese Falcon, The (1941)": 5,
            "Big Sleep, The (1946)": 5,
            "Sunset Blvd. (1950)": 5,
            "Touch of Evil (1958)": 4,
            "Laura (1944)": 5,
            "Chinatown (1974)": 5,
        },
        wants=("Film-Noir", "Mystery", "Crime"),
    ),
    Visitor(
        "lover of romance",
        {
            "Sense and Sensibility (1995)": 5,
            "Sleepless in Seattle (1993)": 5,
            "When Harry Met Sally... (1989)": 4,
            "Four Weddings and a Funeral (1994)": 4,
            "Emma (1996)": 5,
        },
        wants=("Romance",),
        shuns=("Horror",),
    ),
    Visitor(
        "lover of horror",
        {
            "Shining, The (1980)": 5,
            "Carrie (1976)": 5,
            "Nightmare on Elm Street, A (1984)": 5,
            "Evil Dead II (1987)": 4,
            "Candyman (1992)": 4,
        },
        wants=("Horror",),
    ),
    Visitor(
        "lover of documentaries",
        {
            "Hoop Dreams (1994)": 5,
            "Crumb (1994)": 5,
            "Thin Blue Line, The (1988)": 5,
            "Celluloid Closet, The (1995)": 4,
            "Paris Is Burning (1990)": 4,
        },
        wants=("Documentary",),
    ),
    Visitor(
        "child",
        {
            "Lion King, The (1994)": 5,
            "Aladdin (1992)": 5,
            "Cinderella (1950)": 4,
            "Toy Story (1995)": 5,
            "Babe (1995)": 4,
            "Home Alone (1990)": 5,
        },
        wants=("Children's", "Animation"),
        shuns=_FOR_ADULTS,
    ),
    Visitor(
        "hater of horror",
        {
            "Scream (1996)": 1,
            "Shining, The (1980)": 1,
            "Nightmare on Elm Street, A (1984)": 1,
            "Carrie (1976)": 1,
            "Craft, The (1996)": 1,
        },
        shuns=("Horror",),
    ),
    Visitor(
        "hater of romance who loves war films",
        {
            "Sleepless in Seattle (1993)": 1,
            "Apocalypse Now (1979)": 5,
            "Pretty Woman (1990)": 1,
            "Full Metal Jacket (1987)": 5,
            "Jerry Maguire (1996)": 1,
            "Platoon (1986)": 5,
        },
        wants=("War", "Action"),
        shuns=("Romance",),
    ),
    Visitor(
        "hater of what everybody loves",
        {
            "Star Wars (1977)": 1,
            "Forrest Gump (1994)": 1,
            "Titanic (1997)": 1,
            "Independence Day (ID4) (1996)": 1,
            "Raiders of the Lost Ark (1981)": 2,
        },
        shuns=("Action",),
    ),
    Visitor("somebody who rated one film", {"Mrs. Doubtfire (1993)": 5}, wants=("Comedy",), shuns=("Horror",)),
    Visitor(
        "lover of musicals and of action",
        {
            "Sound of Music, The (1965)": 5,
            "Die Hard (1988)": 5,
            "Singin' in the Rain (1952)": 5,
            "Terminator, The (1984)": 5,
            "My Fair Lady (1964)": 5,
            "Speed (1994)": 4,
        },
        wants=("Musical", "Action"),
    ),
    Visitor(
        "rater of European films with half stars",
        {
            "Three Colors: Red (1994)": 4.5,
            "Cinema Paradiso (1988)": 4.5,
            "Twister (1996)": 1.5,
            "Jean de Florette (1986)": 4.5,
            "Delicatessen (1991)": 3.5,
            "Wings of Desire (1987)": 4.5,
        },
        wants=("Drama", "Romance", "Comedy"),
    ),
)

LIKE = (
    "Mrs. Doubtfire (1993)",
    "Toy Story (1995)",
    "Star Wars (1977)",
    "Alien (1979)",
    "Maltese Falcon, The (1941)",
    "Stalker (1979)",
)


@dataclass(frozen=True)
class Catalogue:
    """What is known of titles by name: their genres, and their place among the most rated ones, from 1."""

    genres: Mapping[str, tuple[str, ...]]
    popularity: Mapping[str, int]

    @classmethod
    def from_ratings(cls, ratings: Ratings) -> "Catalogue":
        """That of a data set whose titles have genres."""
        counts = np.bincount(ratings.item_rows, minlength=len(ratings.items))
        titles = ratings.items["title"].to_numpy(object)
        places = {str(titles[row]): place for place, row in enumerate(np.argsort(-counts, kind="stable"), start=1)}
        return cls(dict(zip(titles, ratings.items["genres"], strict=True)), places)

    def bear(self, titles: Sequence[str], genres: tuple[str, ...]) -> int:
        """How many of these titles bear one of these genres."""
        return sum(any(genre in genres for genre in self.genres[title]) for title in titles)

    def describe(self, title: str) -> str:
        """A title with its place and its genres."""
        return f"{title}  (no. {self.popularity[title]}; {', '.join(self.genres[title]) or 'no genre'})"


@dataclass(frozen=True)
class Asked:
    """A model that is asked.

    Attributes:
      name: for headings.
      signatures: see `ServedModel`.
      titles: [n_titles] its catalogue.
      at: the last moment it knows, UTC seconds.
    """

    name: str
    signatures: Signatures
    titles: Sequence[str]
    at: int

    def list_for(self, visitor: Visitor) -> tuple[list[str], npt.NDArray[np.floating]]:
        """The ten titles for a visitor, and their predicted stars.

        Raises:
          ConfigurationError: if the model does not know a title that the visitor rated.
        """
        given = np.array([self._row(title) for title in visitor.stars])
        stars = np.array(list(visitor.stars.values()))
        rows, predicted = ask_for_visitor(self.signatures, given, stars, self.at, _LISTED)
        return [self.titles[row] for row in rows], predicted

    def like(self, title: str) -> list[tuple[str, float]]:
        """The ten titles nearest to one, and their cosines; none of a model whose titles lie in no space.

        Raises:
          ConfigurationError: if the model does not know the title.
        """
        row = self._row(title)
        places = self.signatures["embed"](items=np.arange(len(self.titles), dtype=np.int32))["candidates"].numpy()
        rows, cosines = TitleSpace(places).nearest(row, _LISTED)
        return [(self.titles[near], float(cosine)) for near, cosine in zip(rows, cosines, strict=True)]

    def _row(self, title: str) -> int:
        if title not in self.titles:
            raise ConfigurationError(f"{self.name} does not know {title!r}; these visitors are for {_DATA}.")
        return list(self.titles).index(title)


def main(arguments: Sequence[str] | None = None) -> None:
    """Asks every model for every visitor and prints the lists."""
    options = _options(arguments)
    try:
        ratings = load_ratings(options.data)
        catalogue = Catalogue.from_ratings(ratings)
        for asked in _models(options, ratings):
            _print_lists(asked, catalogue)
            for title in options.like:
                _print_like(asked, title, catalogue)
    except RecommenderError as error:
        sys.exit(str(error))


def _print_lists(asked: Asked, catalogue: Catalogue) -> None:
    for visitor in VISITORS:
        titles, stars = asked.list_for(visitor)
        rated = ", ".join(f"{title} {given:g}" for title, given in visitor.stars.items())
        print(f"\n{asked.name}, {visitor.name}\n  rated: {rated}")
        for place, (title, predicted) in enumerate(zip(titles, stars, strict=True), start=1):
            print(f"  {place:2}  {'-   ' if np.isnan(predicted) else f'{predicted:.2f}'}  {catalogue.describe(title)}")
        facts = [f"{catalogue.bear(titles, visitor.wants)} of {len(titles)} wanted"] * bool(visitor.wants)
        facts += [f"{catalogue.bear(titles, visitor.shuns)} shunned"] * bool(visitor.shuns)
        facts += [f"median place by ratings {np.median([catalogue.popularity[title] for title in titles]):.0f}"]
        facts += [] if np.isnan(stars).any() else [f"mean {stars.mean():.2f} stars, lowest {stars.min():.2f}"]
        print(f"  {'; '.join(facts)}", flush=True)


def _print_like(asked: Asked, title: str, catalogue: Catalogue) -> None:
    print(f"\n{asked.name}, like {catalogue.describe(title)}")
    for near, cosine in asked.like(title):
        print(f"  {cosine:5.2f}  {catalogue.describe(near)}")


def _models(options: argparse.Namespace, ratings: Ratings) -> Iterator[Asked]:
    for folder in _bundles(options.models, options.model):
        recommender = Recommender.load(folder)
        yield Asked(folder.name, recommender.signatures, recommender.titles, recommender.last_moment)
    split = split_by_name("random", ratings, seed=options.seed)
    for model in options.references:
        system = train_system(model, ratings, split, seed=options.seed)
        last = int(system.training_part.timestamps.max(initial=0))
        yield Asked(model, system.signatures, ratings.items["title"].tolist(), last)


def _bundles(store: Path, names: Sequence[str]) -> list[Path]:
    folders = sorted(manifest.parent for manifest in store.glob(f"*/{MANIFEST}"))
    found = [folder for folder in folders if {folder.name, read_manifest(folder).model} & set(names)]
    if names and not found:
        there = ", ".join(folder.name for folder in folders) or "no bundle"
        raise ConfigurationError(f"{store}: there is no bundle of {' or '.join(names)}, but {there}.")
    return found


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--models", type=Path, default=MODEL_STORE, help="a folder of bundles")
    parser.add_argument("--model", nargs="*", default=["flagship"], help="bundles of it; none: give no name")
    parser.add_argument("--references", nargs="*", default=[], help="rows of the zoo to train and to ask as well")
    parser.add_argument("--like", nargs="*", default=list(LIKE), help="titles whose neighbours are printed")
    parser.add_argument("--data", default=_DATA, help="MovieLens 100K by name, or a folder in its layout")
    parser.add_argument("--seed", type=int, default=42, help="of the split and the training of references")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
