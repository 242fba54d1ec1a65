"""Text from outside, written so that Streamlit's Markdown shows it as it is."""

import re

_JOINER = "\u2060"
# Where Streamlit makes icons (:material/home:), arrows and dashes (->, --, >=) and links of text that is escaped.
_READ_ON = re.compile(
    r"(?<=:)(?=material/|streamlit:|//)|(?<=www)(?=\.)|(?=@)|(?<=(?<!\S)[-<>~])(?=(?:->|>|-|=)(?!\S))", re.IGNORECASE
)


def plain(text: str, limit: int = 60) -> str:
    """Text from outside, shortened and made safe to put into a line of Markdown: it reads as it was written."""
    cleaned = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return _inside_a_line(cleaned if len(cleaned) <= limit else f"{cleaned[:limit].rstrip()}...")


def sentence(error: Exception | str) -> str:
    """A message as text, whatever Markdown it may hold by chance."""
    text = _inside_a_line(str(error)).strip()
    first = text.split(" ", 1)[0]
    named = any(mark in first for mark in "/\\\\._:")  # a path or name stays as it is written
    return text if named else f"{text[:1].upper()}{text[1:]}" if text else "Nothing more is known."


def escape(text: str) -> str:
    """A title or name from the catalogue as literal text in Markdown: M*A*S*H keeps its stars.

    For whatever Streamlit reads as Markdown: labels, pills and captions as well as st.markdown. Options of select boxes
    and cells of data frames are plain text already.
    """
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~$<>:^&])", r"\\\1", _held_together(re.sub(r"\s+", " ", text)))


def _inside_a_line(text: str) -> str:
    """Literal text where no heading, list or table can begin; times and brackets stay readable in a log or test."""
    signs = re.sub(r"([\\*_\[\]~$<>`&])", r"\\\1", _held_together(text))
    return re.sub(r"\S*:[\w+-]+[:\\/]\S*", lambda found: found[0].replace(":", "\\:"), signs)


def _held_together(text: str) -> str:
    """With a sign that nobody sees where Streamlit reads on behind a backslash: icons, arrows, links."""
    return _READ_ON.sub(_JOINER, text)


def without_markup(text: str) -> str:
    """A line of Markdown that a page has written, as plain text: what `escape` put in is taken out again."""
    text = re.sub(r"^:material/\w+: ", "", text).replace(_JOINER, "")
    return re.sub(r"\\(.)|\*\*|`", r"\1", text)
