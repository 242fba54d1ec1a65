"""What only the visitor's browser can do: keep a text for them, and bring a place of the page into view."""

from collections.abc import Callable

import streamlit as st

# One text, kept under a name in the browser's local storage. "read" reports what is held; "keep" writes, unless another
# tab has written since this one read or wrote, whose text is reported instead; "forget" deletes.
_STORE = st.components.v2.component(
    "matinee_store",
    js="""
const known = (window.matineeKept ??= {})

export default function ({ data, setTriggerValue }) {
  const { name, doing, text } = data
  try {
    const held = localStorage.getItem(name) ?? ""
    if (doing === "forget") {
      localStorage.removeItem(name)
      known[name] = ""
    } else if (doing === "read" ? held : held !== (known[name] ?? "")) {
      known[name] = held
      setTriggerValue("found", { text: held })
    } else if (doing === "keep" && held !== text) {
      if (text) localStorage.setItem(name, text)
      else localStorage.removeItem(name)
      known[name] = text
    }
  } catch (error) {
    if (doing === "keep") setTriggerValue("refused", { why: String(error) })
  }
}
""",
)

# Scrolls to the column it stands in, and puts the focus there, whenever the number it is given changes.
_PLACE = st.components.v2.component(
    "matinee_place",
    html="<span></span>",
    js="""
export default function ({ data, parentElement }) {
  const itself = parentElement.host ?? parentElement
  const here = itself.closest('[data-testid="stColumn"]') ?? itself
  const before = JSON.parse(itself.dataset.before ?? "null")  // another place may have stood in the same element
  if (before && before.place === data.place && before.times !== data.times) {
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches
    here.tabIndex = -1
    here.style.outline = "none"
    here.style.scrollMarginTop = "4.5rem"  // the page's header lies over what is scrolled
    here.focus({ preventScroll: true })
    here.scrollIntoView({ behavior: still ? "auto" : "smooth", block: "start" })
  }
  itself.dataset.before = JSON.stringify(data)
}
""",
)


def store(name: str, doing: str, text: str, answered: Callable[[str | None], None]) -> None:
    """Draws nothing, and keeps a text in the visitor's browser, or asks for it.

    Args:
      name: under which it is kept.
      doing: "read", "keep", "forget" or "rest".
      text: what to keep; an empty text is deleted.
      answered: called with what the browser holds, after "read" if it is not empty, and after "keep" if another tab has
        written meanwhile; with None if it refuses to keep anything.
    """
    key = f"you_store_{name}"

    def on_found() -> None:
        answer = st.session_state[key].get("found")  # from a browser, so anything may be in it
        if isinstance(answer, dict) and isinstance(answer.get("text"), str):
            answered(answer["text"])

    _STORE(
        key=key,
        data={"name": name, "doing": doing, "text": text},
        height=1,
        on_found_change=on_found,
        on_refused_change=lambda: answered(None),
    )


def come_here(times: int, key: str) -> None:
    """Draws nothing, and brings the column it is drawn in into view when the number changes.

    Args:
      times: how often it was asked for.
      key: of the place.
    """
    _PLACE(key=key, data={"place": key, "times": times}, height=1)
