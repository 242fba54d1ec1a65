"""How the figures of a manifest are read, written and put into words."""

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from recommender.data.catalogue_limits import cutoffs_of

TOLD = "held_out"
NOT_MEASURED = "not measured"
SAYS_NOTHING = "says nothing"


class FigureName(NamedTuple):
    """What a figure is called."""

    plain: str
    """In plain words."""
    term: str
    """By the field."""

    def __str__(self) -> str:
        return f"{self.plain} ({self.term})"

    @property
    def inside(self) -> str:
        """The same inside a sentence."""
        return f"{self.plain[:1].lower()}{self.plain[1:]} ({self.term})"


NAMES = {
    "rmse": FigureName("Stars off", "RMSE"),
    "mae": FigureName("Stars off, on average", "MAE"),
    "nll": FigureName("Surprise at the stars given", "-ln likelihood"),
    "interval_80_covers": FigureName("Stars inside the range", "80% interval"),
    "ndcg_at_10": FigureName("Right of ten", "NDCG@10"),
    "liked_ndcg_at_10": FigureName("Liked of ten", "liked NDCG@10"),
    "recall_at_10": FigureName("Found of a viewer's titles in ten", "recall@10"),
    "top_k_unseen": FigureName("Found in the first unseen", "top-k unseen"),
    "top_k_all": FigureName("Found in the first of all", "top-k of all"),
    "below_own_mean_at_10": FigureName("Below own mean", "of the ten listed"),
    "coverage_at_10": FigureName("Catalogue covered", "coverage@10"),
    "novelty_at_10": FigureName("How unusual the ten are", "novelty@10, bits"),
}
_OF_STARS = ("rmse", "mae", "nll", "interval_80_covers", "below_own_mean_at_10")


class ReferenceName(NamedTuple):
    """What a reference is called: a simple model that others are measured beside."""

    plain: str
    """In a table, a picture or a sentence."""
    says: str
    """What it does."""
    term: str
    """By the field."""


REFERENCES = {
    "popularity": ReferenceName("best-sellers", "one list for everybody, of what most have watched", "popularity"),
    "recent-popularity": ReferenceName(
        "recent best-sellers", "one list for everybody, of what most have watched of late", "recent popularity"
    ),
    "ease": ReferenceName("EASE", "counts what is watched together", "embarrassingly shallow autoencoder"),
    "recency-ease": ReferenceName("recency EASE", "EASE that listens more to what was watched last", "half-lives"),
    "signed-ease": ReferenceName("signed EASE", "EASE for which low stars speak against a title", "signed weights"),
    "means": ReferenceName(
        "mean stars", "a title's mean, and how far the viewer rates above such means", "viewer and item biases"
    ),
}
_BESIDE = {
    "popularity": REFERENCES["popularity"].plain,
    "ease": f"{REFERENCES['ease'].plain}, which {REFERENCES['ease'].says}",
}
Row = tuple[tuple[str, ...], str]  # where a manifest holds a figure, and how it is written
_HEAD = 10
_MOST_DIGITS = 4
_SHARE_OFF = 0.01  # by which rounding may change how much more one is than the other


def reference_name(name: str) -> str:
    """A reference as it is written on every page; another query of a model by its own name."""
    return REFERENCES[name].plain if name in REFERENCES else name.replace("-", " ")


def reference_help(name: str) -> str:
    """What a reference does, with the field's term; "" of what is none."""
    return f"{REFERENCES[name].says} ({REFERENCES[name].term})" if name in REFERENCES else ""


def references_said(names: Iterable[str]) -> str:
    """What each of these references does, in a line; "" where none of them is one."""
    said = "; ".join(f"{reference_name(name)}: {reference_help(name)}" for name in names if name in REFERENCES)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def figure(row: Mapping[str, Any], *path: str) -> float | None:
    """A figure of a manifest by its path of names; None where it is missing or not a number."""
    value: Any = row
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def written(row: Mapping[str, Any], path: tuple[str, ...], number_format: str) -> str:
    """A figure as text.

    Args:
      row: figures, as of an `Evaluation`.
      path: of names.
      number_format: of the number.

    Returns:
      The number; "says nothing" where it cannot be read on its data; "not measured" where an examination lacks it; and
      nothing where the model does not predict what it is about, or the row is no examination.
    """
    first, *rest = path
    if first == TOLD and isinstance(row.get(TOLD), Mapping):
        return written(row[TOLD], tuple(rest), number_format)
    value = figure(row, *path)
    if value is not None:
        return f"{value:{number_format}}"
    if first in row.get("says_nothing", {}):
        return SAYS_NOTHING
    return NOT_MEASURED if first not in row and "n_test" in row else ""


def lengths_shown(n_titles: int) -> tuple[int, ...]:
    """The lengths of list that tables show of so many titles: ten and the longest that says something."""
    longest = cutoffs_of(n_titles)[-1]
    return (_HEAD, longest) if longest > _HEAD else (longest,)


def figure_rows(n_titles: int, *, stars: bool = True) -> dict[str, Row]:
    """The rows of a table of figures, asked at the viewers' last known moments, by what they are called.

    Args:
      n_titles: in the catalogue.
      stars: whether the model predicts any.
    """
    forms = {"rmse": ".3f", "mae": ".3f", "nll": ".3f", "interval_80_covers": ".1%"}
    forms |= {"ndcg_at_10": ".3f", "liked_ndcg_at_10": ".3f", "recall_at_10": ".3f"}
    after = {"below_own_mean_at_10": ".1%", "coverage_at_10": ".1%", "novelty_at_10": ".1f"}

    def rows_of(forms: Mapping[str, str]) -> dict[str, Row]:
        return {str(NAMES[key]): ((key,), form) for key, form in forms.items() if stars or key not in _OF_STARS}

    return {**rows_of(forms), **_found(n_titles), **rows_of(after)}


def told_rows(n_titles: int, *, stars: bool = True) -> dict[str, Row]:
    """The same of what was told the second of the held-out rating."""
    off: dict[str, Row] = {str(NAMES["rmse"]): (("rmse",), ".3f")} if stars else {}
    return {f"Held-out: {name}": ((TOLD, *path), form) for name, (path, form) in (off | _found(n_titles)).items()}


def _found(n_titles: int) -> dict[str, Row]:
    return {
        f"Found in the first {k} {words}": ((key, str(k)), ".1%")
        for key, words in (("top_k_unseen", "unseen"), ("top_k_all", "of all"))
        for k in lengths_shown(n_titles)
    }


def not_beaten(test: Mapping[str, Any], references: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """The references whose lists are as good as the model's: name -> NDCG@10, asked own-last, to three decimals."""
    ours = figure(test, "ndcg_at_10")
    theirs = {name: figure(row, "ndcg_at_10") for name, row in references.items()}
    if ours is None:
        return {}
    return {name: value for name, value in theirs.items() if value is not None and round(ours, 3) <= round(value, 3)}


def verdict(name: str, test: Mapping[str, Any], references: Mapping[str, Mapping[str, Any]]) -> str:
    """What a model is worth: what its first ten find beside simple lists, and how far its stars are off.

    Args:
      name: of the model, as it is written.
      test: its figures on the test part.
      references: name -> figures on the same part.

    Returns:
      The sentences; "" where neither was measured.
    """
    said = []
    ours = figure(test, "recall_at_10")
    if ours is not None:
        found = {words: figure(references.get(key, {}), "recall_at_10") for key, words in _BESIDE.items()}
        theirs = {words: value for words, value in found.items() if value}
        digits = digits_apart(ours, theirs.values(), 100)
        beside = [f"{more_or_less(ours, value)} {words} ({value:.{digits}%})" for words, value in theirs.items()]
        said.append(
            f"Of a viewer's titles that were held back from it, {name} finds {ours:.{digits}%} in its first ten"
            + f": {listed(beside)}." * bool(beside)
            + "." * (not beside)
        )
    rmse = figure(test, "rmse")
    if rmse is not None:
        said.append(f"Its stars are off by {rmse:.2f}.")
    return " ".join(said)


def more_or_less(ours: float, theirs: float) -> str:
    """How many more are found than by another: "3% more than", or "as many as" where that would be none."""
    percent = _percent(ours, theirs)
    return "as many as" if percent == 0 else f"{abs(percent)}% {'more' if percent > 0 else 'fewer'} than"


def _percent(ours: float, theirs: float) -> int:
    return round(100 * (ours / theirs - 1))


def digits_apart(ours: float, others: Iterable[float], unit: float = 1.0, fewest: int = 0) -> int:
    """The fewest decimals at which who works the percents out from the written figures finds those that are said.

    Args:
      ours: the figure.
      others: those that stand beside it, none of them 0.
      unit: how many of what is written make up 1: of percent 100.
      fewest: decimals at least.
    """
    apart = [value for value in others if _percent(ours, value)]

    def reads_so(digits: int) -> bool:
        written, *theirs = (round(unit * value, digits) for value in (ours, *apart))
        return all(
            beside not in (0, written) and abs(written / beside - ours / value) <= _SHARE_OFF
            for beside, value in zip(theirs, apart, strict=True)
        )

    return next(filter(reads_so, range(fewest, _MOST_DIGITS)), _MOST_DIGITS)


def remarks(test: Mapping[str, Any], references: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What has to be said of a model's figures in words, a sentence each; nothing of a model that beats its references.

    Args:
      test: its figures on the test part.
      references: name -> figures on the same part.
    """
    found = []
    better = not_beaten(test, references)
    if better:
        beside = [f"{reference_name(name)} ({value:.3f})" for name, value in better.items()]
        found.append(
            f"Its lists are no better than {listed(beside)}: {NAMES['ndcg_at_10'].inside} "
            f"{figure(test, 'ndcg_at_10'):.3f}."
        )
    reasons: dict[str, list[str]] = {}
    for name, why in test.get("says_nothing", {}).items():
        reasons.setdefault(why, []).append(NAMES[name].inside if name in NAMES else name)
    for why, names in reasons.items():
        found.append(f"On these data {listed(names)} {'say' if len(names) > 1 else 'says'} nothing: {why}.")
    return found


def in_words(name: str, test: Mapping[str, Any], references: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """All there is to say of a model's figures: the verdict, and the remarks; arguments as those of `verdict`."""
    return [*filter(None, [verdict(name, test, references)]), *remarks(test, references)]


def listed(names: list[str]) -> str:
    """Names as people list them: one, two and three."""
    return " and ".join([*([", ".join(names[:-1])] if names[1:] else []), *names[-1:]])
