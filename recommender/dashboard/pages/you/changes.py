"""What a visitor's last click changed in their list, and why, in sentences; every figure is an answer of the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from recommender.dashboard.drawing.markdown import escape
from recommender.dashboard.drawing.words import gave_in_words, in_a_row
from recommender.dashboard.pages.you.visitor import Stars
from recommender.data.schema import RatingScale
from recommender.data.titles import spoken_name

_MOST_NAMED = 2  # of titles that came in


@dataclass(frozen=True)
class Click:
    """What the last click said.

    Attributes:
      kind: "gave" stars to one title for the first time, "changed" its stars, "took" them back, did several of these to
        "many" titles, or "picked" other kinds of titles.
      title: the one title; None of several or none.
      said: what it said, as the subject of a sentence, in Markdown.
      given: the titles that have stars now and had none or others before.
    """

    kind: Literal["gave", "changed", "took", "many", "picked"]
    title: str | None
    said: str
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """What the page says of a click.

    Attributes:
      title: the title whose stars it was about; None of several or none.
      sentence: what moved, in Markdown.
      why: what the model says when it is asked without what was clicked; empty where that is all in the sentence.
    """

    title: str | None
    sentence: str
    why: str


def click_between(before: Stars, after: Stars, picks: Mapping[str, Sequence[str]], scale: RatingScale | None) -> Click:
    """What was clicked between two states.

    Args:
      before: title and stars of all ratings, then.
      after: the same now.
      picks: category -> values that are picked now.
      scale: of the stars; None where there are none, and titles are known or not.
    """
    old, new = dict(before), dict(after)
    given = tuple(title for title, stars in after if old.get(title) != stars)
    taken = [title for title in old if title not in new]
    if len(given) + len(taken) == 0:
        picked = in_a_row([escape(value) for values in picks.values() for value in values])
        return Click("picked", None, f"Picking {picked}" if picked else "Taking back what you picked")
    if len(given) + len(taken) > 1:
        what = "titles" if scale is None else "ratings"
        return Click("many", None, _several(old, len(given), len(taken), what), given)
    if taken:
        return Click("took", taken[0], f"Taking **{name_of(taken[0])}** back")
    title = given[0]
    if scale is None:
        return Click("gave", title, f"That you know **{name_of(title)}**", given)
    said = f"**{name_of(title)}** at {gave_in_words(new[title], scale)}"
    if title in old:
        return Click("changed", title, f"{said} instead of {gave_in_words(old[title], scale)}", given)
    return Click("gave", title, said, given)


def _several(old: Mapping[str, float], n_given: int, n_taken: int, what: str) -> str:
    if n_taken:
        return f"{n_given + n_taken:,} changes to your {what}"
    return f"Your {n_given:,} {'new ' if old else ''}{what}"


def moves_between(before: pd.DataFrame, now: pd.DataFrame, k: int) -> pd.DataFrame:
    """Titles that are among the first k now or were before, by how they moved.

    Args:
      before: the whole catalogue with `place`, best first; the same titles are listed, and have one, in both.
      now: the same now.
      k: length of the list.

    Returns:
      `title`, `place_before`, `place`, `stars_before`, `stars` (NaN from a model that predicts none), and `how`: "came"
      in, "rose" or "fell" inside, "left", or "stayed".
    """
    columns = ["title", "place", "stars"]
    now, before = (catalogue[catalogue["place"].notna()].astype({"place": int}) for catalogue in (now, before))
    leading = {*now["title"].head(k), *before["title"].head(k)}
    both = now[now["title"].isin(leading)][columns].merge(before[columns], on="title", suffixes=("", "_before"))
    inside, was_inside = both["place"] <= k, both["place_before"] <= k
    how = pd.Series("stayed", both.index)
    how = how.mask(both["place"] < both["place_before"], "rose").mask(both["place"] > both["place_before"], "fell")
    return both.assign(how=how.mask(inside & ~was_inside, "came").mask(was_inside & ~inside, "left"))


def sentence_of(click: Click, moves: pd.DataFrame, k: int) -> str:
    """What moved, in Markdown: what came in or rose most, and what fell or left furthest.

    Args:
      click: what was clicked.
      moves: by `moves_between`.
      k: length of the list.
    """
    parts = [part for part in (_said_of_risen(moves), _said_of_fallen(moves, k)) if part]
    return f"{click.said} {', and '.join(parts) or f'changes no place among the first {k}'}."


def _said_of_risen(moves: pd.DataFrame) -> str:
    came = moves[moves["how"] == "came"].sort_values("place")
    if len(came):
        named = came.head(_MOST_NAMED)
        froms = [f"from {'place ' * (n == 0)}{int(place):,} to" for n, place in enumerate(named["place_before"])]
        parts = [
            f"*{name_of(title)}* ({words} {place:,})"
            for title, words, place in zip(named["title"], froms, named["place"], strict=True)
        ]
        more = len(came) - len(named)
        return f"brought in {in_a_row([*parts, *[f'{more} more'] * (more > 0)])}"
    return _said_of_furthest(moves[moves["how"] == "rose"], "lifted", "")


def _said_of_fallen(moves: pd.DataFrame, k: int) -> str:
    return _said_of_furthest(moves[moves["how"].isin(["fell", "left"])], "pushed", f", out of the first {k}")


def _said_of_furthest(moves: pd.DataFrame, verb: str, if_left: str) -> str:
    if moves.empty:
        return ""
    steps = (moves["place"] - moves["place_before"]).abs()
    title, how, before, now = moves.loc[steps.sort_values().index[-1], ["title", "how", "place_before", "place"]]
    return f"{verb} *{name_of(title)}* from place {before:,} to {now:,}{if_left if how == 'left' else ''}"


def leading_move(moves: pd.DataFrame) -> pd.Series | None:
    """The move that the sentence speaks of first; None where nothing moved."""
    for how, by in (("came", "place"), ("rose", "place"), ("left", "place_before"), ("fell", "place")):
        found = moves[moves["how"] == how]
        if len(found):
            return found.sort_values(by).iloc[0]
    return None


def why_one(title: str, lead: pd.Series, without: pd.Series, *, alone: bool) -> str:
    """What the model says of the title that moved first when it is asked without the rating that was clicked.

    Args:
      title: what was rated.
      lead: by `leading_move`.
      without: `place` and `stars` of the same title, asked without that rating.
      alone: whether nothing else changed with the click, so that without the rating the list is that of before.
    """
    stars, before = (None if pd.isna(row["stars"]) else f"{row['stars']:.1f}" for row in (lead, without))
    asked, moved = f"Why: asked again without {name_of(title)}, the model", name_of(lead["title"])
    if not alone:
        says = f"puts {moved} at place {int(without['place']):,}" + (
            f" and expects {before} stars from you" if before else ""
        )
        return f"{asked} {says}; with it, place {int(lead['place']):,}{f' and {stars}' if stars else ''}."
    grew = float(lead["stars"]) - float(without["stars"])
    if stars and (stars == before or (grew > 0) != (lead["how"] in ("came", "rose"))):
        expected = f"{stars} stars" if stars == before else f"{stars} stars, and {before} without that rating,"
        return (
            f"Why: what moved is what the model expects you to pick, not how you would like it; it expects {expected} "
            f"from you for {moved}."
        )
    return f"{asked} expects you to give {moved} {before} stars; with it, {stars}." if stars else ""


def why_many(lead: pd.Series, places: Mapping[str, int]) -> str:
    """Which of many new ratings did most for the title that moved first.

    Args:
      lead: by `leading_move`.
      places: rated title -> the place of that title when the model is asked without this one rating.
    """
    moved, now = name_of(lead["title"]), int(lead["place"])
    rose = lead["how"] in ("came", "rose")
    strongest = max(places, key=lambda title: places[title] if rose else -places[title])
    if (places[strongest] <= now) if rose else (places[strongest] >= now):
        return f"Why: all of them together; without any single one, {moved} is no {'lower' if rose else 'higher'}."
    return (
        f"Why: most of it is {name_of(strongest)}. Asked again without it alone, the model puts {moved} at place "
        f"{places[strongest]:,} instead of {now:,}."
    )


def was_listed(title: str, before: pd.DataFrame, k: int) -> bool:
    """Whether a title that has no place any more would have stood in the list before.

    Args:
      title: what was rated.
      before: as for `moves_between`.
      k: length of the list.
    """
    ahead = before["title"].eq(title).cummax()
    return bool(ahead.any()) and int(before["place"][~ahead].notna().sum()) < k


def name_of(title: str) -> str:
    """A title as a sentence says it, in Markdown."""
    return escape(spoken_name(title).name)
