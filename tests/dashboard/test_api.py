"""What programs ask the server: the same as the pages and the command line say, or a sentence."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import Message

from recommender.bundle.reader import read_bundle
from recommender.dashboard import server
from recommender.dashboard.answers import title_lists
from recommender.dashboard.api.routes import Desk
from recommender.dashboard.bundles import loading
from recommender.dashboard.choices import current
from recommender.dashboard.choices.current import Choices
from recommender.dashboard.parts.the_list import catalogue_of_list
from recommender.data.clock import minute_of
from recommender.errors import BundleError
from recommender.serving.recommender import History, Recommender

APP = Starlette(routes=server.routes(), middleware=server.middleware())
Ask = Callable[..., "Answer"]


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str

    @property
    def found(self) -> Any:
        return json.loads(self.text)


def get(path: str, *pairs: tuple[str, Any]) -> Answer:
    """What the server answers to an address."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "path": path,
        "headers": [(b"host", b"localhost:8501")],
        "query_string": urlencode(pairs).encode(),
        "method": "GET",
    }
    asyncio.run(APP(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], headers, b"".join(part.get("body", b"") for part in sent[1:]).decode())


@pytest.fixture(scope="module")
def loaded(bundle_with_ratings: Path) -> Recommender:
    return Recommender(read_bundle(bundle_with_ratings))  # what a first answer makes ready is made ready then


@pytest.fixture(autouse=True)
def model(loaded: Recommender, bundle_with_ratings: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recommender]:
    """The model of the server, joined with its ratings."""
    monkeypatch.setenv("MATINEE_BUNDLE", str(bundle_with_ratings))
    monkeypatch.setattr(loading, "load_recommender", lambda bundle: loaded)
    monkeypatch.setattr(Recommender, "load", lambda bundle: loaded)  # of the command line
    st.cache_resource.clear()
    return loading.load(bundle_with_ratings).recommender()


def printed(run: Any, *arguments: Any) -> Any:
    code, output, complaint = run(*arguments, "--json")
    assert code == 0, complaint
    return json.loads(output)


def test_a_viewers_list_is_that_of_the_page_and_of_the_command_line(
    model: Recommender, run: Any, bundle_with_ratings: Path
) -> None:
    answer = get("/api/recommend", ("user", "3"), ("k", 8))
    assert answer.status == 200
    assert answer.found["at"] == minute_of(model.last_known_moment("3"))
    chosen = Choices("3", answer.found["at"], None, (), 8, hide_seen=True, as_of_then=True)
    page = title_lists.recommended(catalogue_of_list(model, chosen), None, 8)
    assert [item["title"] for item in answer.found["items"]] == page["title"].tolist()
    assert [item["stars"] for item in answer.found["items"]] == pytest.approx(page["stars"].tolist(), abs=1e-6)
    assert [item["score"] for item in answer.found["items"]] == pytest.approx(page["score"].tolist(), abs=1e-6)
    options = ("--user", 3, "--at", answer.found["at"], "-k", 8, "--as-of-then", "--bundle", bundle_with_ratings)
    assert answer.found == printed(run, "recommend", *options)


def test_a_moment_is_read_as_of_then_unless_asked_otherwise(run: Any, bundle_with_ratings: Path) -> None:
    asked = [("user", "3"), ("at", "1997-11-20T04:26:51"), ("k", 50)]
    then, known = get("/api/recommend", *asked).found, get("/api/recommend", *asked, ("as_of_then", "false")).found
    assert then["at"] == known["at"] == 879_999_960
    assert then["items"] != known["items"]
    options = ("--user", 3, "--at", then["at"], "-k", 50, "--bundle", bundle_with_ratings)
    assert known == printed(run, "recommend", *options)


def test_a_visitors_ratings_are_read_and_left_out_as_on_the_page_you(model: Recommender, run: Any) -> None:
    answer = get("/api/recommend", ("rated", "Title 3 (1990):5"), ("rated", "Title 5 (1990):1"), ("k", 100))
    history = History({"Title 3 (1990)": 5.0, "Title 5 (1990)": 1.0})
    page = model.retrieve(None, model.last_moment, len(model.titles), history=history)
    assert [item["title"] for item in answer.found["items"]] == page["title"].tolist()
    assert [item["stars"] for item in answer.found["items"]] == pytest.approx(page["stars"].tolist(), abs=1e-6)
    everything = get("/api/recommend", ("rated", "Title 3 (1990):5"), ("include_seen", "true"), ("k", 100)).found
    assert len(everything["items"]) == len(model.titles)
    rated = ("--rated", "Title 3 (1990)=5", "--rated", "Title 5 (1990)=1")
    assert answer.found == printed(run, "recommend", *rated, "-k", 100)


def test_stars_and_likeness_are_those_of_the_command_line(model: Recommender, run: Any) -> None:
    titles = ["Title 10 (1990)", "Title 3 (1990)"]
    rated = get("/api/rate", ("user", "3"), *(("titles", title) for title in titles)).found
    asked = model.as_of(rated["at"]).rate("3", rated["at"], titles)
    assert [item["stars"] for item in rated["items"]] == pytest.approx(asked["stars"].tolist(), abs=1e-6)
    assert rated == printed(run, "rate", *titles, "--user", 3, "--at", rated["at"], "--as-of-then")
    alike = get("/api/similar", ("title", titles[0]), ("k", 4)).found
    assert [item["title"] for item in alike["items"]] == model.similar(titles[0], 4)["title"].tolist()
    assert alike == printed(run, "similar", titles[0], "-k", 4)


@pytest.mark.parametrize(
    ("path", "pairs", "status", "said"),
    [
        ("recommend", [("user", "99")], 404, "does not know user '99'"),
        ("recommend", [("model", "nothing")], 404, "there is no model 'nothing'; there are flagship."),
        ("rate", [("titles", "Titel 3 (1990)")], 404, "near matches: 'Title 3 (1990)'"),
        ("similar", [("title", "Titel 3 (1990)")], 404, "near matches: 'Title 3 (1990)'"),
        ("recommend", [("at", "yesterday")], 400, "at 'yesterday' is no moment"),
        ("recommend", [("at", "892839492000")], 400, "looks like milliseconds; give seconds since 1970: at 892839492."),
        ("recommend", [("k", "ten")], 400, "k is 'ten': input should be a valid integer"),
        ("recommend", [("k", "101")], 400, "k is '101': input should be less than or equal to 100."),
        ("recommend", [("as_of_then", "perhaps")], 400, "as_of_then is 'perhaps'"),
        ("recommend", [("user", "1"), ("user", "2")], 400, "user is given 2 times; give it once."),
        ("recommend", [("usr", "1")], 400, "there is no parameter 'usr' here; there are model, user, rated"),
        ("recommend", [("rated", "Title 3 (1990)")], 400, "expected TITLE:STARS, for instance 'Fargo (1996):5'."),
        ("recommend", [("rated", "Title 3 (1990):9")], 400, "was given 9 stars"),
        ("recommend", [("rated", "Title 3 (1990):nan")], 400, "stars"),
        ("rate", [], 400, "titles is missing; give titles=TITLE."),
        ("similar", [], 400, "title is missing; give title=TITLE."),
    ],
)
def test_what_cannot_be_answered_is_said(path: str, pairs: list[tuple[str, str]], status: int, said: str) -> None:
    answer = get(f"/api/{path}", *pairs)
    assert (answer.status, list(answer.found)) == (status, ["error"])
    assert said in answer.found["error"]
    assert answer.found["error"].endswith(".")


def test_a_model_that_is_being_loaded_is_worth_asking_again_and_one_that_cannot_be_is_not(
    loaded: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def load(bundle: Path) -> Recommender:
        gate.wait()
        raise BundleError("its model cannot be loaded; train it again.")

    monkeypatch.setattr(loading, "load_recommender", load)
    st.cache_resource.clear()
    answer = get("/api/recommend")
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert answer.found["error"] == "the model 'flagship' is being loaded; ask again in a few seconds."
    assert "api/rate?" not in get("/api").text  # there is nobody yet to give an example of
    gate.set()
    while not loading.load(loading.default_bundle()).finished:
        time.sleep(0.01)
    answer = get("/api/recommend")
    assert (answer.status, "retry-after" in answer.headers) == (503, False)
    assert answer.found["error"] == "its model cannot be loaded; train it again."


def test_the_server_lives_while_programs_wait_and_turns_away_who_finds_no_place() -> None:
    gate, desk = threading.Event(), Desk(at_once=1, waiting=1)

    def work() -> PlainTextResponse:
        gate.wait()
        return PlainTextResponse("done")

    async def crowd() -> list[int]:
        places = [asyncio.create_task(desk.ask(work)) for _ in range(3)]
        await asyncio.wait([places[2]])  # the loop is free: the third is told at once
        told = places[2].result()
        assert (told.status_code, told.headers["retry-after"]) == (429, "1")
        gate.set()
        found = [(await place).status_code for place in places[:2]]
        return [*found, (await desk.ask(work)).status_code]

    assert asyncio.run(crowd()) == [200, 200, 200]


def test_the_document_names_what_is_taken_and_answered(model: Recommender) -> None:
    document = get("/api/openapi.json").found
    for name, asked in {"recommend": [("k", 2)], "rate": [("titles", model.titles[0])]}.items():
        operation = document["paths"][f"/{name}"]["get"]
        form = document["components"]["schemas"][
            operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
        ]
        item = document["components"]["schemas"][form["properties"]["items"]["items"]["$ref"].split("/")[-1]]
        answer = get(f"/api/{name}", *asked).found
        assert list(answer) == list(form["properties"])
        assert list(answer["items"][0]) == list(item["properties"])
    named = {field["name"]: field for field in document["paths"]["/recommend"]["get"]["parameters"]}
    assert list(named) == ["model", "user", "rated", "at", "as_of_then", "k", "include_seen"]
    assert named["k"]["schema"] == {"type": "integer", "default": current.DEFAULT_K, "minimum": 1, "maximum": 100}
    rated = {field["name"]: field for field in document["paths"]["/rate"]["get"]["parameters"]}
    assert (rated["titles"]["required"], rated["user"]["required"]) == (True, False)


def test_the_page_shows_all_that_can_be_asked_with_examples_that_work(model: Recommender) -> None:
    page = get("/api")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for field in ("include_seen", "items[].similarity", "titles"):
        assert f"<code>{field}</code>" in page.text
    user, title = model.user_ids[0], model.titles[0]
    for path, pairs in {
        "recommend": [("user", user), ("k", "5")],
        "rate": [("user", user), ("titles", title)],
        "similar": [("title", title), ("k", "5")],
    }.items():
        assert f'href="api/{path}?{urlencode(pairs)}"'.replace("&", "&amp;") in page.text
        assert get(f"/api/{path}", *pairs).status == 200
