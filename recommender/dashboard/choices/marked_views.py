"""Views that somebody marked, in their order, each with a name and a sentence; in the session, in a file, in a link."""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

import streamlit as st
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from recommender.errors import RecommenderError

MOST_VIEWS = 40
LONGEST_NAME, LONGEST_SENTENCE, _LONGEST_ADDRESS = 80, 400, 4_000
_LONGEST_FILE = MOST_VIEWS * (LONGEST_NAME + LONGEST_SENTENCE + _LONGEST_ADDRESS) * 4
_VIEWS = "_marked_views"


class MarkedViewsError(RecommenderError):
    """What was given as marked views is none."""


class MarkedView(BaseModel):
    """A view, and what is to be said of it.

    Attributes:
      name: what it is called.
      sentence: what it shows, for an audience; may be empty.
      address: where it is, from the app's root on: `movies?user=4&movie=Ran+(1985)`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]
    sentence: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_SENTENCE)] = ""
    # Of this app: whoever opens what others marked goes nowhere else.
    address: Annotated[str, Field(pattern=r"^[a-z-]*\?[^#\s]*$", max_length=_LONGEST_ADDRESS)]

    @property
    def page(self) -> str:
        """The path of its page; "" is the first."""
        return self.address.split("?")[0]

    @property
    def parameters(self) -> Mapping[str, Sequence[str]]:
        """What its address says, by name."""
        return parse_qs(urlsplit(self.address).query)


_LIST = TypeAdapter(Annotated[tuple[MarkedView, ...], Field(min_length=1, max_length=MOST_VIEWS)])


def from_root(address: str) -> str:
    """An address of this app without the server and the folder it lies in."""
    parts = urlsplit(address)
    return f"{parts.path.rsplit('/', 1)[-1]}?{parts.query}"


def moved(views: Sequence[MarkedView], place: int, by: int) -> tuple[MarkedView, ...]:
    """The views with one of them some places further back, or further to the front if `by` is less than 0."""
    others = [*views[:place], *views[place + 1 :]]
    others.insert(max(0, place + by), views[place])
    return tuple(others)


def as_file(views: Sequence[MarkedView]) -> bytes:
    """The views as json that `read_file` reads."""
    return json.dumps({"marked_views": _LIST.dump_python(tuple(views))}, ensure_ascii=False, indent=1).encode()


def read_file(content: bytes) -> tuple[MarkedView, ...]:
    """The views of a file that was taken along.

    Raises:
      MarkedViewsError: if it is no such file.
    """
    try:
        held = json.loads(content.decode("utf-8-sig"))
        return _LIST.validate_python(held["marked_views"])
    except ValidationError as error:
        problem = error.errors()[0]
        place = next((f" {part + 1}" for part in problem["loc"] if isinstance(part, int)), "s")
        raise MarkedViewsError(
            f"marked view{place} of this file cannot be shown ({problem['msg'].lower()}); take the file anew from "
            "'Marked views'."
        ) from None
    except (ValueError, KeyError, TypeError):
        raise MarkedViewsError(
            "this file holds no marked views; choose one that was taken along from 'Marked views'."
        ) from None


def as_text(views: Sequence[MarkedView]) -> str:
    """The views in the letters that a link may have."""
    short = [[view.name, view.sentence, view.address] for view in views]
    packed = zlib.compress(json.dumps(short, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_text(text: str) -> tuple[MarkedView, ...]:
    """The views of a link.

    Raises:
      MarkedViewsError: if the link was not copied as a whole.
    """
    try:
        unpacker = zlib.decompressobj()
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        short = json.loads(unpacker.decompress(packed, _LONGEST_FILE).decode())
        return _LIST.validate_python([dict(zip(MarkedView.model_fields, one, strict=True)) for one in short])
    except (ValueError, TypeError, zlib.error):
        raise MarkedViewsError("the link to marked views is not whole; copy it again to its very end.") from None


def held() -> tuple[MarkedView, ...]:
    """The views that this session has marked, in their order."""
    found: tuple[MarkedView, ...] = st.session_state.get(_VIEWS, ())
    return found


def hold(views: Sequence[MarkedView]) -> None:
    """Keeps views for this session; at most `MOST_VIEWS`, the last of them."""
    st.session_state[_VIEWS] = tuple(views)[-MOST_VIEWS:]
