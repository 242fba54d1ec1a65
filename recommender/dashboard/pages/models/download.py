"""The download of the page Models: two lists, where their stars differ most, and the figures of all models."""

from functools import partial

from recommender.bundle.figures import NAMES
from recommender.dashboard.answers.abilities import abilities_of
from recommender.dashboard.bundles.loading import load
from recommender.dashboard.bundles.manifests import all_bundles
from recommender.dashboard.choices.current import Options
from recommender.dashboard.downloads import download_menu
from recommender.dashboard.downloads.asked import Asked
from recommender.dashboard.downloads.download import Content, Download, Picture, Table
from recommender.dashboard.downloads.list_headings import listed_csv, listed_table
from recommender.dashboard.pages.models.all_models import AllModels
from recommender.dashboard.pages.models.view import VERSUS, Pair, bundles_of, models_view

HEADINGS = {
    "name": "Bundle",
    "recall": "Found in ten",
    "rmse": NAMES["rmse"].plain,
    "ndcg": NAMES["ndcg_at_10"].plain,
    "liked_ndcg": NAMES["liked_ndcg_at_10"].plain,
    "in_longest": "In {longest}",
    "below_mean": NAMES["below_own_mean_at_10"].plain,
    "coverage": "Covers",
    "told": "In {longest}, held-out",
    "megabytes": "MB",
    "seconds": "Took, s",
}


def download_of(pair: Pair, all_models: AllModels, options: Options) -> Download:
    """What the page shows of two models and of all that were examined as the first was."""
    (recommender, _), names, found = pair.models, pair.names, pair.found
    tables = [
        listed_table(
            f"The first titles of {name}",
            listed,
            abilities_of(model),
            partial(listed_csv, listed, abilities_of(model), model.scale, {"Model": name}),
        )
        for name, listed, model in zip(names, (found.ours, found.theirs), pair.models, strict=True)
    ]
    headings = {name: heading.format(longest=all_models.exam.longest) for name, heading in HEADINGS.items()}
    figures = all_models.figures[list(headings)].rename(columns=headings)
    tables.append(Table("All models", figures, f"Measured on {all_models.exam}, asked at the last known moment."))
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
        pair.chosen,
    )


def work_out(asked: Asked) -> Download | None:
    """The page as it would be drawn; None where no two models stand side by side."""
    bundles = bundles_of(asked.recommender, all_bundles(), asked.model)
    versus = asked.parameter(VERSUS)
    beside = versus if versus in bundles.others else next(iter(bundles.others), None)
    if beside is not None:
        load(bundles.folders[beside]).recommender()  # the page would draw it later, once it is there
    view = models_view(asked.recommender, bundles, beside, asked.chosen)
    return download_of(view.pair, view.all_models, asked.options) if isinstance(view.pair, Pair) else None
