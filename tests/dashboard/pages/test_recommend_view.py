"""What the page Recommend shows, worked out without a page."""

import io
from dataclasses import replace

import pandas as pd
import pytest

from recommender.bundle.dials import Dials
from recommender.dashboard.choices.current import Choices, options_of
from recommender.dashboard.choices.filters import Filters
from recommender.dashboard.pages.recommend import list_columns
from recommender.dashboard.pages.recommend.download import download_of, list_in_csv
from recommender.dashboard.pages.recommend.view import RecommendView, recommend_view
from recommender.dashboard.parts import list_edge
from recommender.serving.changes import Changes
from recommender.serving.smallest_change import Crossing
from tests.dashboard.doubles import FIRST, LAST, TITLES, DoubleRecommender, small_ratings, timeless_ratings

CHOSEN = Choices("4", LAST, LAST - 86_400, (), 5, True)


@pytest.fixture
def joined() -> DoubleRecommender:
    return DoubleRecommender().with_ratings(small_ratings())


@pytest.fixture
def view(joined: DoubleRecommender) -> RecommendView:
    return recommend_view(joined, CHOSEN)


def test_list_holds_the_first_titles_that_the_viewer_has_not_seen(joined, view) -> None:
    assert view.listed["title"].tolist() == joined.retrieve("4", LAST, 5)["title"].tolist()
    assert view.listed["place"].tolist() == [1, 2, 3, 4, 5]
    assert [type(labels) for labels in view.listed["labels"]] == [list] * 5


def test_first_of_the_list_is_followed_until_titles_are_chosen(joined, view) -> None:
    assert view.followed["title"].tolist() == view.listed["title"].head(4).tolist()
    chosen = recommend_view(joined, replace(CHOSEN, titles=(TITLES[3], TITLES[0])))
    assert chosen.followed["title"].tolist() == [TITLES[3], TITLES[0]]
    assert chosen.followed["colour"].nunique() == 2


def test_found_is_the_place_that_the_score_alone_gives(joined) -> None:
    """Praise has swapped the first two of the double's catalogue; seen titles are counted in neither place."""
    everything = recommend_view(joined, replace(CHOSEN, hide_seen=False, pin=None)).listed
    assert everything["found"].tolist() == [2, 1, 3, 4, 5]
    unseen = recommend_view(joined, replace(CHOSEN, pin=None))
    places = unseen.catalogue.loc[~unseen.catalogue["seen"], "retrieved"].rank().astype(int).tolist()
    assert unseen.listed["found"].tolist() == places[:5]
    assert set(places[:5]) == {1, 2, 3, 4, 5}


def test_moves_are_those_between_the_pin_and_the_moment(joined, view) -> None:
    then = joined.retrieve("4", CHOSEN.pin, len(TITLES)).set_index("title")["rank"]
    now = view.catalogue.set_index("title")["place"]
    assert len(view.moved)
    assert view.moved["place"].tolist() == now[view.moved["title"]].tolist()
    for row in view.moved.itertuples():
        step = then[row.title] - now[row.title]
        assert row.step == (f"▲ {step}" if step > 0 else f"▼ {-step}")


def test_as_of_then_a_title_seen_at_the_pin_alone_is_new_in_the_list_and_later_ratings_are_counted(joined) -> None:
    on_the_second_day = replace(CHOSEN, at=FIRST + 86_400 + 600, pin=LAST, k=len(TITLES), as_of_then=True)
    view = recommend_view(joined, on_the_second_day)
    assert view.as_of_then
    seen_by_then, seen_at_the_pin = set(TITLES[:2]), set(TITLES[:4])
    assert set(view.listed["title"]) == set(TITLES) - seen_by_then
    new = view.listed[view.listed["move"] == "new"]
    assert set(new["title"]) == seen_at_the_pin - seen_by_then
    assert new["place_before"].isna().all()
    assert len(view.rated) == 2
    assert view.n_rated_later == 2
    assert set(view.could_be_explained) == set(view.listed["title"])
    assert view.since_pin == (
        "2 of the 10 are others than on 22 Apr 1998; then they were: 2 seen already. This viewer had rated 4 titles "
        "then, and 2 by this moment."
    )
    table = list_in_csv(view)
    assert table["Place when pinned"].isna().sum() == 2
    known = recommend_view(joined, replace(on_the_second_day, as_of_then=False))
    assert known.n_rated_later == 0
    assert set(known.listed["title"]) == set(TITLES) - seen_at_the_pin


def test_without_a_pin_nothing_has_moved(joined) -> None:
    view = recommend_view(joined, replace(CHOSEN, pin=None))
    assert view.moved is None
    assert "move" not in list_columns.on_page(view)


def test_pin_means_nothing_to_a_model_that_does_not_read_the_clock() -> None:
    timeless = DoubleRecommender(data_name="anime", has_timestamps=False).with_ratings(timeless_ratings())
    view = recommend_view(timeless, CHOSEN)
    assert view.pin is None
    assert timeless.calls == ["retrieve"]


def test_rated_titles_come_with_the_ratings(view) -> None:
    assert set(view.rated["title"]) == set(TITLES[:4])
    assert recommend_view(DoubleRecommender(), CHOSEN).rated is None


def test_viewer_who_has_seen_everything_follows_nothing_unasked(joined) -> None:
    everything = (
        joined.ratings.interactions.iloc[:1].loc[[0] * len(TITLES)].assign(user_id="4", item_id=joined.item_ids)
    )
    joined = joined.with_ratings(replace(joined.ratings, interactions=everything.reset_index(drop=True)))
    view = recommend_view(joined, CHOSEN)
    assert view.listed.empty
    assert view.followed is None


def test_columns_of_the_page_are_those_the_list_has_something_for(joined, view) -> None:
    assert list(list_columns.on_page(view)) == ["place", "name", "stars", "found", "move", "year", "labels"]
    shown = recommend_view(joined, replace(CHOSEN, hide_seen=False, pin=None))
    assert list(list_columns.on_page(shown)) == ["place", "name", "stars", "found", "year", "labels", "seen"]
    starless = recommend_view(DoubleRecommender(tasks=("retrieval",)), replace(CHOSEN, pin=None))
    assert list(list_columns.on_page(starless)) == ["place", "name", "score", "year"]


def test_csv_holds_the_list_and_what_it_was_asked_for(joined, view) -> None:
    download = download_of(view, joined, options_of(joined))
    table = pd.read_csv(io.BytesIO(download.csv()), dtype={"Viewer": str})
    assert table["Place in the list"].tolist() == [1, 2, 3, 4, 5]
    assert set(table["Viewer"]) == {"4"}
    assert set(table["Moment (UTC)"]) == {"1998-04-22 23:10"}
    assert set(table["Pinned moment (UTC)"]) == {"1998-04-21 23:10"}
    assert table.columns.tolist()[:-4] == [
        "Place in the list",
        "Title",
        "Year",
        "Genres",
        "Predicted stars (1 to 5)",
        "Move since the pin (places)",
        "Place when pinned",
        "Predicted stars when pinned (1 to 5)",
        "Seen",
        "Score (higher is better; no unit)",
        "Place by score alone",
        "Title id",
    ]


def test_csv_is_written_in_words_that_no_spreadsheet_takes_for_a_formula(joined) -> None:
    view = recommend_view(joined, CHOSEN)
    moves = ["▲ 3", "▼ 12", "=", "new", "▲ 1"]
    view = replace(view, listed=view.listed.assign(move=moves, stars=[4.26, 4.24, 3.0, 3.951, 2.5]))
    table = pd.read_csv(io.BytesIO(download_of(view, joined, options_of(joined)).csv()), dtype=str)
    assert table["Move since the pin (places)"].tolist() == ["up 3", "down 12", "same", "new", "up 1"]
    assert table["Predicted stars (1 to 5)"].tolist() == ["4.3", "4.2", "3.0", "4.0", "2.5"]
    assert set(table["Seen"]) == {"no"}
    labels = view.listed["labels"].map(", ".join)
    assert table["Genres"].fillna("").tolist() == labels.tolist()
    assert labels.str.contains(", ").any()


def test_csv_of_a_model_without_stars_has_none(joined) -> None:
    starless = DoubleRecommender(tasks=("retrieval",)).with_ratings(joined.ratings)
    assert not [name for name in list_in_csv(recommend_view(starless, CHOSEN)) if "stars" in name.lower()]


class TestFilters:
    @pytest.fixture
    def everything(self, joined) -> pd.DataFrame:
        return recommend_view(joined, replace(CHOSEN, k=100, pin=None)).listed

    def listed(self, joined, **filters) -> pd.DataFrame:
        return recommend_view(joined, replace(CHOSEN, k=100, pin=None, filters=Filters(**filters))).listed

    def test_title_put_aside_leaves_and_the_others_move_up(self, joined, everything) -> None:
        found = self.listed(joined, aside=(everything["title"][1],))
        assert found["title"].tolist() == everything["title"].drop(1).tolist()
        assert found["place"].tolist() == list(range(1, len(everything)))

    def test_only_titles_of_a_kind_are_left(self, joined, everything) -> None:
        kind = everything["labels"][2][0]
        bears = [kind in labels for labels in everything["labels"]]
        assert 0 < sum(bears) < len(bears)
        assert self.listed(joined, kinds=(kind,))["title"].tolist() == everything["title"][bears].tolist()
        assert self.listed(joined, kinds=("No such kind",)).empty

    def test_only_years_and_stars_that_are_asked_for_are_left(self, joined, everything) -> None:
        year = int(everything["year"].dropna().iloc[0])
        assert set(self.listed(joined, years=(year, year))["year"]) == {year}
        stars = float(everything["stars"].median())
        assert self.listed(joined, least=stars)["stars"].min() >= stars
        assert len(self.listed(joined, least=stars)) == (everything["stars"] >= stars).sum()

    def test_followed_title_that_is_filtered_away_says_so(self, joined, everything) -> None:
        title = everything["title"][0]
        chosen = replace(CHOSEN, pin=None, titles=(title,), filters=Filters(aside=(title,)))
        assert recommend_view(joined, chosen).followed["note"].tolist() == ["left out by the filters"]


def test_dials_turn_the_list_and_leave_the_model_as_it_is(joined) -> None:
    recommender, chosen = joined, replace(CHOSEN, hide_seen=False)
    other = replace(chosen, user="6")
    popular = Dials(personal=-1.0)
    plain, turned, turned_other = (
        recommend_view(recommender, choices).listed["title"].tolist()
        for choices in (chosen, replace(chosen, dials=popular), replace(other, dials=popular))
    )
    assert plain != turned == turned_other
    assert recommender.dials == Dials()


class TestWhatIf:
    """Viewer 4 of the double, who has rated the first four titles; each rating lifts the title after it."""

    CHANGES = Changes(((TITLES[0], None), (TITLES[7], 5.0)))

    @pytest.fixture
    def supposed(self, joined) -> RecommendView:
        return recommend_view(joined, replace(CHOSEN, k=100, changes=self.CHANGES))

    def test_list_follows_what_is_supposed_and_moves_are_from_the_real_one(self, joined, supposed) -> None:
        real = recommend_view(joined, replace(CHOSEN, k=100, pin=None)).listed.set_index("title")["place"]
        listed = supposed.listed.set_index("title")
        assert set(listed.index) == {*real.index, TITLES[0]} - {TITLES[7]}
        assert listed["move"][TITLES[0]] == "new"
        for title in set(listed.index) & set(real.index):
            assert listed["place_before"][title] == real[title]
        assert supposed.moved is not None
        assert len(supposed.moved)

    def test_page_says_so_and_the_pin_waits(self, supposed) -> None:
        assert supposed.supposed.startswith(
            "**What if** this viewer had never rated Star Wars and given five stars to Psycho?"
        )
        assert supposed.pin is None
        assert supposed.since_pin == ""
        assert TITLES[7] in set(supposed.rated["title"])

    def test_without_changes_and_for_another_viewer_nothing_is_said(self, joined, view) -> None:
        assert view.supposed == ""
        assert view.pin == CHOSEN.pin

    def test_changes_the_model_does_not_know_are_none(self, joined) -> None:
        view = recommend_view(joined, replace(CHOSEN, changes=Changes((("Nothing", 5.0),))))
        assert not view.changes
        assert view.pin == CHOSEN.pin

    def test_csv_says_that_it_is_no_real_list(self, joined, supposed) -> None:
        table = list_in_csv(supposed)
        assert table["Supposed"].str.startswith("What if this viewer had never rated Star Wars").all()
        assert "Move from the real list (places)" in table
        assert "Place in the real list" in table
        assert "Pinned moment (UTC)" not in table

    def test_smallest_change_is_said_in_a_sentence(self, joined) -> None:
        found = Crossing(((TITLES[5], 5.0),), place_before=23, place=8)
        said = list_edge.in_words(joined, CHOSEN, TITLES[6], found)
        assert said == "Had this viewer given five stars to Alien, **Emma** would be number **8** instead of 23."
        also = list_edge.in_words(joined, replace(CHOSEN, changes=self.CHANGES), TITLES[6], found)
        assert also.startswith("Had this viewer also given")
        assert list_edge.in_words(joined, CHOSEN, TITLES[6], None).startswith("No change of up to 3 ratings")
