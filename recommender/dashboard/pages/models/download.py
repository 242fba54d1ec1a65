"""The download of the page Models: two lists, where their stars differ most, and the figures of all models."""

from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.download import Content, Download, Picture, Table
from recommender.dashboard.downloads.list_headings import listed_table
from recommender.dashboard.frame.tour import VERSUS
from recommender.dashboard.pages.models.all_models import AllModels
from recommender.dashboard.pages.models.view import Pair

_FIGURES = {
    "name": "Bundle",
    "rmse": "RMSE",
    "top_100": "In 100",
    "top_10": "In 10",
    "ndcg": "NDCG@10",
    "coverage": "Covers",
    "megabytes": "MB",
    "seconds": "Took, s",
}


def download_of(pair: Pair, all_models: AllModels, options: Options) -> Download:
    """What the page shows of two models and of all that were examined as the first was."""
    (recommender, _), names, found = pair.models, pair.names, pair.found
    tables = [
        Table(f"The first titles of {name}", listed_table(listed, abilities_of(model)))
        for name, listed, model in zip(names, (found.ours, found.theirs), pair.models, strict=True)
    ]
    figures = all_models.figures[list(_FIGURES)].rename(columns=_FIGURES)
    tables.append(Table("All models", figures, f"Measured on {all_models.exam}."))
    pictures = [
        Picture(
            "Where their stars differ most",
            "stars_apart",
            found.apart,
            ((recommender.scale.low, recommender.scale.high), *names),
            alt=f"Predicted stars by {names[0]} and by {names[1]}",
            note=f"Amber: {names[0]}; blue: {names[1]}.",
        )
    ] * (not found.apart.empty)
    return download_menu.download_of(
        Content(
            "models side by side",
            tuple(tables),
            tuple(pictures),
            sentences=(
                f"{names[0]} and {names[1]} have {found.agreement.overlap} of {len(found.ours)} titles in common.",
            ),
            choices={VERSUS: names[1]},
        ),
        recommender,
        options,
    )
