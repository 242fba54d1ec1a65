"""The page Time travel on doubles: every state of it, and what it sends to the browser."""

import json
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from recommender.charts import SEPARATOR
from recommender.dashboard.bundles import loading
from recommender.dashboard.choices.current import options_of
from recommender.dashboard.pages.time_travel.stretch import spans_of, spans_worth_showing, stretch_around
from recommender.dashboard.pages.time_travel.time_words import duration, time_ticks
from recommender.serving.traveller import traveller_for
from tests.dashboard.doubles import (
    FIRST,
    LAST,
    LAST_AS_TYPED,
    TITLES,
    DoubleRecommender,
    small_ratings,
    timeless_ratings,
)
from tests.dashboard.drawn import table, words

PAGE = "time-travel"
AT = "1998-01-05T00:00"
AT_SECONDS = 883_958_400


def stage(app: AppTest):
    return next(c.proto for c in app.get("vega_lite_chart") if "turns the clock" in c.proto.alt)


def sent(app: AppTest) -> dict[str, pd.DataFrame]:
    return {d.name: pa.ipc.open_stream(d.data.data).read_all().to_pandas() for d in stage(app).datasets}


def listed(row: pd.Series) -> list[str]:
    return [name for name in row["names"].split(SEPARATOR) if name]


def at_clock(app: AppTest) -> pd.Series:
    moments = sent(app)["moments"]
    return moments[moments["offset"] == 0].iloc[0]


@pytest.fixture
def serve(recommender: DoubleRecommender, monkeypatch: pytest.MonkeyPatch):
    def replace(ratings=None, **facts: object) -> DoubleRecommender:
        double = DoubleRecommender(**facts)
        monkeypatch.setattr(loading, "load_recommender", lambda bundle: double)
        monkeypatch.setattr(loading, "read_own_ratings", lambda source: ratings)
        return double

    return replace


class TestPicture:
    def test_list_at_the_clock_is_that_of_recommend(self, open_app, recommender: DoubleRecommender) -> None:
        app = open_app(PAGE, user="3", at=AT)
        assert not app.exception
        joined = recommender.with_ratings(small_ratings())
        expected = joined.retrieve("3", AT_SECONDS, 10)["title"].tolist()
        row = at_clock(app)
        assert row["at"] == AT_SECONDS
        names = listed(row)
        assert len(names) == len(expected) == 9
        assert names[0].split()[0] in expected[0] + "The"
        stars = [float(note) for note in row["notes"].split(SEPARATOR)]
        assert stars == sorted(stars, reverse=True)

    def test_whole_sweep_is_one_question(self, open_app, recommender: DoubleRecommender) -> None:
        app = open_app(PAGE, user="3", at=AT)
        recommender.calls.clear()
        app.selectbox(key="user").select("4").run()
        # The stretch, the bar's clock, the looks for the changes of the first title, and what moved one.
        assert recommender.calls.count("scores") < 40
        assert recommender.calls.count("sweep") == 5
        assert len(sent(app)["moments"]) >= 160

    def test_clock_that_turns_within_the_stretch_sweeps_one_moment(self, open_app, recommender) -> None:
        app = open_app(PAGE, user="3", at=AT, titles=["Alien (1979)"])
        recommender.calls.clear()
        app.datetime_input(key="at").set_value(datetime(1998, 1, 6)).run()
        assert recommender.calls.count("sweep") == 3  # two for what moved the title since then
        assert "rate_pairs" not in recommender.calls

    def test_what_is_sent_is_small_and_the_picture_is_the_same_for_all(self, open_app) -> None:
        app = open_app(PAGE, user="3", at=AT)
        spec = stage(app).spec
        assert sum(len(dataset.data.data) for dataset in stage(app).datasets) < 300_000
        app.selectbox(key="user").select("4").run()
        app.datetime_input(key="at").set_value(datetime(1998, 2, 1)).run()
        assert stage(app).spec == spec

    def test_only_a_click_is_sent_to_the_server(self, open_app) -> None:
        proto = stage(open_app(PAGE, user="3", at=AT))
        assert list(proto.selection_mode) == ["picked"]
        names = {param["name"] for param in json.loads(proto.spec)["params"]}
        assert names == {"band", "hover", "picked", "step"}

    def test_pin_and_clock_are_rules(self, open_app) -> None:
        rules = sent(open_app(PAGE, user="3", at=AT, pin="1997-12-01T00:00"))["rules"]
        assert rules["pinned"].tolist() == [False, True]
        assert rules["x"].between(0, 1).all()
        assert rules["x"][1] < rules["x"][0]

    def test_followed_title_has_two_curves_and_its_diamond(self, open_app) -> None:
        app = open_app(PAGE, user="3", at=AT, titles=["Star Wars (1977)"])
        frames = sent(app)
        assert set(frames["curves"]["mean"]) == {False, True}
        assert set(frames["curves"]["title"]) == {0}
        assert len(frames["given"]) == 1
        assert "Diamond" in words(app)

    def test_moves_count_from_the_clock(self, open_app) -> None:
        app = open_app(PAGE, user="1", at=AT, k="3")
        assert set(at_clock(app)["moves"].split(SEPARATOR)) == {""}
        assert at_clock(app)["gone"] == ""
        moments = sent(app)["moments"]
        others = moments[moments["names"] != at_clock(app)["names"]]
        assert len(others)
        for row in others.itertuples():
            here, now = set(row.names.split(SEPARATOR)), set(listed(at_clock(app)))
            assert row.moves.split(SEPARATOR).count("new") == len(here - now)
            assert bool(row.gone) == bool(now - here)

    def test_time_outside_the_training_is_shaded_and_called_a_guess(self, open_app) -> None:
        frames = sent(open_app(PAGE, user="3", at=AT))
        assert len(frames["bands"]) == 2
        guesses = frames["moments"]["label"].str.contains("a guess")
        outside = ~frames["moments"]["at"].between(FIRST, LAST)
        assert guesses.tolist() == outside.tolist()
        assert guesses.any()

    def test_every_rating_of_the_viewer_is_a_tick_and_named_once(self, open_app) -> None:
        frames = sent(open_app(PAGE, user="4", at=AT))
        rated = small_ratings().interactions.query("user_id == '4'")
        assert len(frames["life"]) == len(rated)
        assert frames["life"]["x"].is_monotonic_increasing
        heights = frames["life"]["top"].rank(ascending=False).tolist()  # pixels from the top
        assert heights == rated["rating"].rank().tolist()
        seen = frames["moments"]["seen"]
        more = seen.str.extract(r"and (\d+) more$")[0].fillna(0).astype(int)
        assert (seen != "").sum() + more.sum() == len(rated)
        assert "Rated Star Wars 4" in " ".join(seen)

    def test_long_list_is_cut_and_says_so(self, open_app, serve) -> None:
        double = serve()
        double.titles = tuple(f"Title {n}" for n in range(40))
        double.item_ids = tuple(str(n) for n in range(40))
        app = open_app(PAGE, user="3", at=AT, k="50")
        assert "room for the first 20 of the 50" in words(app)
        assert len(listed(at_clock(app))) == 20


class TestLife:
    def test_buttons_go_from_rating_to_rating(self, open_app) -> None:
        app = open_app(PAGE, user="4", at="1997-09-22T00:00")
        app.button(key="rating_after").click().run()
        minutes = small_ratings().interactions.query("user_id == '4'")["timestamp"] // 60 * 60
        assert app.query_params["at"] == f"{pd.Timestamp(int(minutes.iloc[2]), unit='s'):%Y-%m-%dT%H:%M}"
        app.button(key="rating_before").click().run()
        assert app.query_params["at"] == f"{pd.Timestamp(int(minutes.iloc[1]), unit='s'):%Y-%m-%dT%H:%M}"
        app.button(key="rating_before").click().run()
        assert app.button(key="rating_before").disabled

    def test_only_followed_titles_and_those_at_the_clock_have_courses(self, open_app) -> None:
        app = open_app(PAGE, user="3", at=AT, k="3", titles=["Ran (1985)"])
        frames = sent(app)
        assert len(set(frames["moments"]["names"].str.split(SEPARATOR).explode())) > 4
        heights = frames["ranks"].groupby("run")["y"].nunique()
        assert (heights >= 1).all()
        chosen = frames["ranks"][frames["ranks"]["chosen"]]
        assert set(chosen["colour"]) <= {frames["curves"]["colour"][0]}
        assert frames["ranks"].loc[~frames["ranks"]["chosen"], "run"].nunique() < len(heights) + 1
        spans = frames["ranks"].groupby("run")["x"].agg(["min", "max"])
        clock = at_clock(app)["x"]
        assert ((spans["min"] <= clock) & (spans["max"] >= clock)).sum() == 3

    def test_a_day_is_offered_only_where_the_viewer_rated(self) -> None:
        options = options_of(DoubleRecommender())
        rated_at = np.array([FIRST + 86_400])
        assert spans_worth_showing(options, FIRST + 86_400, rated_at) == ["all", "month", "week", "day", "hours"]
        assert spans_worth_showing(options, FIRST + 86_400 + 30_000, rated_at) == ["all", "month", "week", "day"]
        assert spans_worth_showing(options, FIRST + 10 * 86_400, rated_at) == ["all", "month", "week"]
        assert spans_worth_showing(options, FIRST, rated_at[:0]) == ["all", "month", "week"]

    def test_what_moved_a_title_is_said_in_a_sentence(self, open_app) -> None:
        app = open_app(PAGE, user="4", at=AT, pin="1997-10-01T00:00", titles=["Ran (1985)"])
        assert not app.exception
        assert "**Ran**" in words(app)
        assert "1 Oct 1997" in words(app)

    def test_play_can_be_stopped_and_is_over_at_the_last_rating(self, open_app) -> None:
        app = open_app(PAGE, user="4", at="1997-09-20T03:05")
        app.button(key="play").click().run()
        assert app.button(key="play").label == "Stop"
        app.button(key="play").click().run()
        assert app.button(key="play").label == "Play"
        app.button(key="play").click().run()
        app.datetime_input(key="at").set_value(datetime(1998, 1, 6)).run()
        assert app.button(key="play").label == "Play"
        assert app.button(key="play").disabled


class TestZoom:
    def test_day_shows_a_day_around_the_clock(self, open_app) -> None:
        app = open_app(PAGE, user="3", at="1997-09-22T06:00")  # three hours after a rating
        app.segmented_control(key="span").set_value("day").run()
        moments = sent(app)["moments"]["at"]
        assert moments.max() - moments.min() <= 86_400
        assert moments.min() < FIRST + 2 * 86_400 + 10_500 < moments.max()

    def test_short_stretch_stays_while_the_clock_turns_a_little(self) -> None:
        options = options_of(DoubleRecommender())
        one, other = (stretch_around(options, AT_SECONDS + more, "day", 12) for more in (0, 3_600))
        assert one == other
        far = stretch_around(options, AT_SECONDS + 50_000, "day", 12)
        assert far.start > one.start
        assert far.end - far.start == one.end - one.start == 86_400

    @pytest.mark.parametrize("at", [FIRST, LAST])
    @pytest.mark.parametrize("span", ["all", "month", "week", "day", "hours"])
    def test_ends_of_the_data_are_shown_with_little_beyond(self, at: int, span: str) -> None:
        options = options_of(DoubleRecommender())
        shown = stretch_around(options, at // 60 * 60, span, 12)
        assert shown.start <= at <= shown.end
        length = shown.end - shown.start
        assert shown.start >= FIRST // 60 * 60 - 0.06 * length
        assert shown.end <= LAST + 0.06 * length

    def test_long_catalogue_is_asked_about_at_fewer_moments(self) -> None:
        options = options_of(DoubleRecommender())
        assert stretch_around(options, LAST, "all", 60_000).n == 133
        assert stretch_around(options, LAST, "all", 10**6).n == 48

    def test_spans_longer_than_the_data_are_not_offered(self) -> None:
        assert spans_of(options_of(DoubleRecommender())) == ["all", "month", "week", "day", "hours"]


class TestAsOfThen:
    def test_titles_rated_later_are_listed_and_read_no_earlier(self, open_app, recommender) -> None:
        app = open_app(PAGE, user="10", at=AT, k="12")
        assert not app.exception
        joined = recommender.with_ratings(small_ratings())
        moments = sent(app)["moments"]
        lengths = [len(listed(row)) for _, row in moments.iterrows()]
        assert lengths[0] == 12
        assert lengths[-1] == 2
        who = traveller_for(joined, "10", hide_seen=True, as_of_then=True)
        place = int(np.flatnonzero(moments["at"] > FIRST + 5 * 86_400)[0])
        at = int(moments["at"][place])
        listed_scores = who.hide(who.scores(joined, [at]), [at])[0]
        best = TITLES[int(np.argmax(listed_scores))]
        assert listed(moments.iloc[place])[0].split()[-1] in best

    def test_switch_needs_ratings(self, open_app, serve) -> None:
        serve(data_name="other", source="x")
        app = open_app(PAGE, user="3", at=AT)
        assert not app.exception
        assert app.toggle(key="all_known").disabled
        assert app.toggle(key="future").disabled

    def test_model_without_history_says_what_the_switch_does(self, open_app, serve) -> None:
        serve(inputs=("user_id", "timestamp", "title_id"))
        assert "reads no history" in words(open_app(PAGE, user="3", at=AT))


class TestChanges:
    def test_buttons_go_there_and_the_first_title_is_another(self, open_app) -> None:
        app = open_app(PAGE, user="3", at=AT, hide_seen="false")
        was = listed(at_clock(app))[0]
        button = app.button(key="change_after")
        assert button.label.replace("\\", "").startswith(was)
        becomes = button.label.replace("\\", "").split(" → ")[1]
        app = button.click().run()
        assert listed(at_clock(app))[0] == becomes
        assert app.query_params["at"] != AT
        assert app.button(key="change_before").label.replace("\\", "") == f"{was} → {becomes}"
        app = app.button(key="change_before").click().run()
        assert listed(at_clock(app))[0] == was

    def test_no_change_is_a_button_that_says_so(self, open_app) -> None:
        app = open_app(PAGE, user="3", at=LAST_AS_TYPED)
        assert app.button(key="change_after").disabled
        assert app.button(key="change_after").label == "No change after"


class TestTables:
    def test_followed_titles_are_sorted_by_how_far_they_move(self, open_app) -> None:
        app = open_app(PAGE, user="3", at=AT, titles=["Star Wars (1977)", "Alien (1979)", "Heat (1995)"])
        frame = table(app, "the followed titles move")
        assert frame["move"].is_monotonic_decreasing
        assert np.allclose(frame["move"], frame["high"] - frame["low"])
        assert (frame["best"] <= frame["worst"]).all()

    def test_movers_of_the_catalogue_are_sorted_by_doublings_of_their_place(self, open_app) -> None:
        app = open_app(PAGE, user="3", at=AT)
        frame = table(app, "whole catalogue whose place")
        assert (frame["worst"] > frame["best"]).all()
        reach = np.log2(frame["worst"] / frame["best"])
        assert (np.diff(reach) <= 1e-9).all()


class TestOtherModels:
    def test_model_without_stars_shows_scores_and_ranks(self, open_app, serve) -> None:
        serve(tasks=("retrieval",), inputs=("user_id", "timestamp", "title_id"))
        app = open_app(PAGE, user="3", at=AT)
        assert not app.exception
        assert "stars" not in stage(app).alt
        assert sent(app)["heads"]["label"].tolist()[:2] == ["Place in the list", "Score"]
        assert sent(app)["given"].empty

    def test_model_that_reads_no_clock_has_nothing_to_travel_in(self, open_app, serve) -> None:
        serve(inputs=("user_id", "title_id"))
        app = open_app(PAGE, user="3", at=AT)
        assert not app.exception
        assert "No time to travel in" in words(app)
        assert "does not read the clock: its list is the same" in words(app)
        assert not app.get("vega_lite_chart")

    def test_data_without_times_say_so(self, open_app, serve) -> None:
        serve(timeless_ratings(), data_name="anime", source="x", has_timestamps=False, inputs=("user_id", "title_id"))
        app = open_app(PAGE, user="3")
        assert not app.exception
        assert "have no times" in words(app)

    def test_missing_ratings_leave_the_curves(self, open_app, serve) -> None:
        serve(data_name="other", source="x")
        app = open_app(PAGE, user="3", at=AT)
        assert not app.exception
        assert sent(app)["life"].empty
        assert "comes with the ratings" in words(app)

    def test_viewer_who_has_seen_all_is_told(self, open_app, recommender, monkeypatch) -> None:
        ratings = small_ratings()
        rows = [("3", str(n + 1), 4.0, FIRST + n) for n in range(len(TITLES))]
        ratings = type(ratings)(
            name=ratings.name,
            interactions=pd.DataFrame(rows, columns=["user_id", "item_id", "rating", "timestamp"]),
            items=ratings.items,
            users=ratings.users,
            scale=ratings.scale,
            schema=ratings.schema,
        )
        monkeypatch.setattr(loading, "read_cached_ratings", lambda: ratings)
        app = open_app(PAGE, user="3", at=AT)
        assert not app.exception
        assert "has seen the whole catalogue" in words(app)


def test_recommend_leads_here(open_app) -> None:
    links = open_app(user="3").get("page_link")
    assert "See it over time" in [link.proto.label for link in links]


class TestWords:
    @pytest.mark.parametrize(
        ("seconds", "said"),
        [
            (60, "1 minute"),
            (2_700, "45 minutes"),
            (12_600, "3.5 hours"),
            (7_200, "2 hours"),
            (12 * 86_400, "12 days"),
            (3 * 365 * 86_400, "3 years"),
        ],
    )
    def test_durations_have_two_figures(self, seconds: int, said: str) -> None:
        assert duration(seconds) == said

    @pytest.mark.parametrize("length", [3_600, 21_600, 86_400, 7 * 86_400, 30 * 86_400, 210 * 86_400, 10**9])
    def test_few_ticks_inside_the_time_shown(self, length: int) -> None:
        ticks = time_ticks(FIRST, FIRST + length)
        assert 2 <= len(ticks) <= 8
        assert all(FIRST <= at <= FIRST + length for at, _ in ticks)
        assert len({label for _, label in ticks}) == len(ticks)
