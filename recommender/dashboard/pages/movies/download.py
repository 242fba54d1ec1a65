"""What can be downloaded from the page Movies: the open title, what speaks for it, titles like it, and the map."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.answers.viewers import other_categories
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.asked import Asked
from recommender.dashboard.downloads.download import Content, Download, Picture, Table
from recommender.dashboard.drawing.words import sentence_case
from recommender.dashboard.pages.movies.title_map import TitleMap, colouring_of, heading_of
from recommender.dashboard.pages.movies.view import MoviesView, OwnChoices, movies_view
from recommender.dashboard.parts.why import Effects

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

INKS = ("#2a221b", "#fbf6ec")  # text and ground of the light theme, which every downloaded picture has
COLOURING = "colour"  # parameter of the address: what the map is coloured by
WHY = "why"  # parameter of the address: whether the bars are drawn
_ENOUGH_TO_AVERAGE = 5  # the mean of fewer would tell what one of them gave
_ALIKE = {"name": "Title", "year": "Year", "similarity": "Alike"}


def download_of(view: MoviesView, recommender: "Recommender", options: Options, effects: Effects | None) -> Download:
    """The open title as the page shows it, without what any single viewer gave.

    Args:
      view: what the page shows.
      recommender: the model.
      options: what may be chosen.
      effects: why the title stands where it stands, as it is drawn; None if it is not.
    """
    can = view.can
    facts: dict[str, object] = {"Title": view.name, "Year": view.year, "Place in the list": view.stands.place}
    if can.rates:
        facts["Predicted stars"] = view.stars
    if view.reception is not None:
        facts["Rated by"] = view.reception.n_ratings
    frame = pd.DataFrame([{fact: value for fact, value in facts.items() if value is not None}])
    tables = [Table("This title", frame, csv_frame=lambda: frame.assign(Score=view.score) if can.retrieves else frame)]
    pictures: list[Picture] = []
    if effects is not None:
        for table, picture in _bars(effects):
            tables.append(table)
            pictures.append(picture)
    if view.alike is not None:
        has_years = view.alike["year"].notna().any()
        columns = {column: text for column, text in _ALIKE.items() if column != "year" or has_years}
        tables.append(Table("Titles like it", view.alike[list(columns)].rename(columns=columns)))
    if view.title_map is not None and view.marks is not None:
        pictures.append(_map(view, view.title_map, view.marks))
    choices = {current.MOVIE: view.title} | ({} if effects is None else {WHY: "true"})
    return download_menu.download_of(
        Content(
            f"movie {view.called}",
            tuple(tables),
            tuple(pictures),
            sentences=_sentences(view, recommender),
            choices=choices,
        ),
        recommender,
        options,
        view.chosen,
    )


def work_out(asked: Asked) -> Download:
    """The page as it would be drawn, without the bars of why, which ask the model for each title of a history."""
    can, wanted = abilities_of(asked.recommender), asked.parameter(current.MOVIE)
    own = OwnChoices(
        title=wanted if wanted in asked.options.titles else None,
        n_opened=0,
        followed=asked.chosen.titles,
        colouring=colouring_of(asked.recommender, can, asked.parameter(COLOURING)),
    )
    return download_of(movies_view(asked.recommender, asked.chosen, own), asked.recommender, asked.options, None)


def _bars(effects: Effects) -> Iterator[tuple[Table, Picture]]:
    change = f"Change of {effects.named}"
    for counted, bars in (("by title", effects.titles), ("in all", effects.totals)):
        if bars is not None:
            heading = f"{change}, {counted}"
            table = bars[["label", "value"]].rename(columns={"label": "Of", "value": change})
            values = "; ".join(f"{label}: {note}" for label, note in zip(bars["label"], bars["note"], strict=True))
            note = f"How much the {effects.named} would fall without each; grey where it would rise."
            note = note if bars is effects.titles else ""
            yield (
                Table(heading, table, in_csv_alone=True),
                Picture(heading, "effect_bars", bars, (change,), values, note),
            )


def _map(view: MoviesView, on_map: TitleMap, marks: pd.DataFrame) -> Picture:
    """The map of the page, without the rings around what the viewer rated."""
    chosen = marks[marks["mark"] != ""].assign(given=np.nan)
    ringed = chosen.loc[chosen["mark"] == "opened", "name"]
    where = f"; {ringed.iloc[0]} is ringed" if len(ringed) else ""
    colouring = view.own.colouring
    heading = heading_of(colouring, view.can)
    return Picture(
        "The catalogue as the model sees it",
        "catalogue_map",
        on_map.titles.assign(turn=0),
        (chosen, on_map.reach, colouring, on_map.domain(colouring), heading, view.scale, INKS),
        alt=f"Map of {len(on_map.titles):,} titles, near each other where the model thinks them alike{where}",
        note="Near each other: alike to the model; directions and empty space mean nothing.",
    )


def _sentences(view: MoviesView, recommender: "Recommender") -> tuple[str, ...]:
    can, received = view.can, view.reception
    sentences = []
    if recommender.ratings is not None:
        features = other_categories(recommender.ratings, view.item_id)
        labels = title_lists.labels_of(recommender, [view.item_id])[0] if can.labels is not None else []
        if labels:
            features = {can.labels or "": ", ".join(labels), **features}
        if features:
            sentences.append("; ".join(f"{sentence_case(name)}: {values}" for name, values in features.items()) + ".")
    if can.rates:
        sentences.append(f"{view.stars:.1f} stars predicted for this viewer.")
    where = f"the list leaves it out, as it is {view.stands.left_out}"
    if view.stands.place is not None:
        where = f"number {view.stands.place:,} of the {view.stands.total:,} titles that this viewer's list can hold"
    sentences.append(f"{sentence_case(where)}.")
    if received is not None and not received.n_ratings:
        sentences.append(f"Nobody in the data has {'rated' if can.has_stars else 'taken'} it.")
    elif received is not None:
        enough = can.has_stars and received.n_ratings >= _ENOUGH_TO_AVERAGE
        mean = f", {received.mean:.2f} stars in the mean" if enough else ""
        sentences.append(f"{'Rated' if can.has_stars else 'Taken'} by {received.n_ratings:,} of the viewers{mean}.")
    return tuple(sentences)
