"""Menus that unfold over a page, for who works it with the keyboard alone."""

import streamlit as st

# The browser draws such a menu behind all of the page: without this, Tab reached it only after everything that follows
# its button. Now Tab leads from the button into its menu, and from its end on to what follows the button.
_MENUS = st.components.v2.component(
    "matinee_menus",
    js="""
const STOPS = "a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), [tabindex='0']"

function lead(event) {
  if (event.key !== "Tab" || event.altKey || event.ctrlKey || event.metaKey) return
  const menu = document.querySelector('[data-testid="stPopoverBody"]')
  const button = document.querySelector('[data-testid="stPopover"] button[aria-expanded="true"]')
  if (!menu || !button) return
  const stops = [...menu.querySelectorAll(STOPS)].filter(stop => stop.tabIndex >= 0 && stop.getClientRects().length)
  const at = document.activeElement
  if (!stops.length) return
  if (at === button && !event.shiftKey) {
    stops[0].focus()
    event.preventDefault()
  } else if (at === stops[0] && event.shiftKey) {
    button.focus()
    event.preventDefault()
  } else if (at === stops.at(-1) && !event.shiftKey) {
    button.focus()  // and the browser goes on from there
  }
}

export default function () {
  if (window.matineeMenus) return
  window.matineeMenus = true
  document.addEventListener("keydown", lead, true)
}
""",
)


def draw() -> None:
    """Draws nothing, and lets Tab go through a menu where its button stands."""
    _MENUS(key="menus", height=1)
