"""What is taken away from the page Movies: the opened title, what speaks for it, titles like it, and the map."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from recommender.dashboard.answers import title_lists
from recommender.dashboard.answers.abilities import Abilities, abilities_of
from recommender.dashboard.answers.viewers import other_categories
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.download import Download, Picture, Table
from recommender.dashboard.drawing.words import sentence_case
from recommender.dashboard.pages.movies.reception import Reception
from recommender.dashboard.pages.movies.title_map import Places
from recommender.dashboard.parts.why import Effects
from recommender.data.titles import spoken_name

if TYPE_CHECKING:
    from recommender.serving.recommender import Recommender

INKS = ("#2a221b", "#fbf6ec")  # text and ground of the light theme, which every picture that is taken away has
WHY = "why"  # parameter of the address: whether the bars are drawn
_ENOUGH_TO_AVERAGE = 5  # the mean of fewer would tell what one of them gave
_LIKE = {"name": "Title", "year": "Year", "similarity": "Cosine"}


def download(
    recommender: "Recommender",
    options: Options,
    now: pd.DataFrame,
    title: str,
    received: Reception | None,
    effects: Effects | None,
    alike: pd.DataFrame | None,
    catalogue: Picture | None,
) -> Download:
    """The opened title as the page shows it, without what any single viewer gave.

    Args:
      recommender: the model.
      options: what may be chosen.
      now: the `frames.whole_catalogue` of the moment.
      title: the one that is open.
      received: how it was received; None without ratings.
      effects: why it stands where it stands, as it is drawn; None if it is not.
      alike: titles like it, as they are drawn; None without.
      catalogue: the map of the page; None without.
    """
    can = abilities_of(recommender)
    row = now.loc[now["title"] == title].iloc[0]
    name, year = spoken_name(title)
    facts: dict[str, object] = {"Title": name, "Year": year, "Rank": int(row["rank"]), "Of": len(now)}
    if can.rates:
        facts["Predicted stars"] = float(row["stars"])
    if can.retrieves:
        facts["Score"] = float(row["score"])
    if received is not None:
        facts["Rated by"] = received.n_ratings
    frame = pd.DataFrame([{fact: value for fact, value in facts.items() if value is not None}])
    tables = [Table("This title", frame)]
    pictures: list[Picture] = []
    if effects is not None:
        for table, picture in _bars(effects):
            tables.append(table)
            pictures.append(picture)
    if alike is not None:
        columns = {column: text for column, text in _LIKE.items() if column != "year" or alike["year"].notna().any()}
        tables.append(Table("Titles like it", alike[list(columns)].rename(columns=columns)))
    if catalogue is not None:
        pictures.append(catalogue)
    choices = {current.MOVIE: title} | ({} if effects is None else {WHY: "true"})
    called = f"{name} ({year})" if year else name
    sentences = _said(recommender, can, row, len(now), received)
    return download_menu.download_of(
        f"movie {called}", recommender, options, tuple(tables), tuple(pictures), sentences, choices=choices
    )


def _bars(effects: Effects) -> Iterator[tuple[Table, Picture]]:
    change = f"Change of {effects.named}"
    for counted, bars in (("by title", effects.titles), ("in all", effects.totals)):
        if bars is not None:
            heading = f"{change}, {counted}"
            table = bars[["label", "value"]].rename(columns={"label": "Of", "value": change})
            said = "; ".join(f"{label}: {note}" for label, note in zip(bars["label"], bars["note"], strict=True))
            note = f"How much the {effects.named} would fall without each; grey where it would rise."
            note = note if bars is effects.titles else ""
            yield (
                Table(heading, table, in_csv_alone=True),
                Picture(heading, "effect_bars", bars, (change,), said, note),
            )


def catalogue_of(
    found: Places, marks: pd.DataFrame, colouring: str, heading: str, scale: tuple[float, float]
) -> Picture:
    """The map of the page, without the rings around what the viewer rated.

    Args:
      found: the map.
      marks: of `title_map.marks`.
      colouring: as `charts.catalogue_map` takes it, and so are the others.
      heading: of the legend.
      scale: lowest and highest rating.
    """
    chosen = marks[marks["mark"] != ""].assign(given=np.nan)
    ringed = chosen.loc[chosen["mark"] == "opened", "name"]
    where = f"; {ringed.iloc[0]} is ringed" if len(ringed) else ""
    return Picture(
        "The catalogue as the model sees it",
        "catalogue_map",
        found.titles.assign(turn=0),
        (chosen, found.reach, colouring, found.domain(colouring), heading, scale, INKS),
        alt=f"Map of {len(found.titles):,} titles, near each other where the model thinks them alike{where}",
        note="Near each other: alike to the model; directions and empty space mean nothing.",
    )


def _said(
    recommender: "Recommender", can: Abilities, row: pd.Series, n_titles: int, received: Reception | None
) -> tuple[str, ...]:
    said = []
    if recommender.ratings is not None:
        features = other_categories(recommender.ratings, row["item_id"])
        labels = title_lists.labels_of(recommender, [row["item_id"]])[0] if can.labels is not None else []
        if labels:
            features = {can.labels or "": ", ".join(labels), **features}
        if features:
            said.append("; ".join(f"{sentence_case(feature)}: {of}" for feature, of in features.items()) + ".")
    stars = f"{row['stars']:.1f} stars predicted for this viewer; rank" if can.rates else "Rank"
    said.append(f"{stars} {row['rank']:,} of {n_titles:,} titles, seen ones included.")
    if received is not None and not received.n_ratings:
        said.append("Nobody in the data has rated it.")
    elif received is not None:
        mean = f", {received.mean:.2f} stars in the mean" if received.n_ratings >= _ENOUGH_TO_AVERAGE else ""
        said.append(f"Rated by {received.n_ratings:,} of the viewers{mean}.")
    return tuple(said)
