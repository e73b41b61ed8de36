"""How the tests of the terminal UI drive the main screen, and what they read from it."""

from __future__ import annotations

WIDE, NARROW, TINY = (160, 50), (80, 24), (20, 5)


def screen(app):
    return app.screen_stack[0]


def shown(app) -> str:
    """The text of the screen as it is painted."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text[:width] for strip in lines[:height])


async def typed(pilot, text):
    await pilot.press(*[{" ": "space", "-": "minus", '"': "quotation_mark"}.get(letter, letter) for letter in text])


async def look_at(pilot, settle, *queries):
    """Search for each of some queries, and stay with it for long enough that it was looked at."""
    box = screen(pilot.app).box
    for query in queries:
        box.focus()
        box.value = query
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
