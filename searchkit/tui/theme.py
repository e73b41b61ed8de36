"""Colours: two themes of our own, and for every theme the solid colours that painted lines need."""

from __future__ import annotations

from typing import Final

from textual.color import Color, ColorParseError
from textual.theme import Theme

from searchkit.model import ENTITY_DIMENSIONS, METADATA_DIMENSIONS

#: Component classes that colour a dimension; one that a user added has the last.
DIMENSION_STYLES: Final = (*(f"sk--{name}" for name in (*ENTITY_DIMENSIONS, *METADATA_DIMENSIONS)), "sk--other")

DARK: Final = Theme(
    name="searchkit-dark",
    primary="#7dcfff",
    secondary="#bb9af7",
    accent="#7aa2f7",
    warning="#e0af68",
    error="#f7768e",
    success="#9ece6a",
    foreground="#c8d0e8",
    background="#12141c",
    surface="#181b26",
    panel="#202433",
    dark=True,
    variables={"border": "#3b4261", "border-blurred": "#2b3044", "input-selection-background": "#7aa2f7 35%"},
)
LIGHT: Final = Theme(
    name="searchkit-light",
    primary="#0b6e99",
    secondary="#7847bd",
    accent="#2e5cc5",
    warning="#8f5e15",
    error="#b3233d",
    success="#3d6b1f",
    foreground="#2a2f45",
    background="#f4f5f8",
    surface="#fbfbfd",
    panel="#e6e8ef",
    dark=False,
    variables={"border": "#a9b1c9", "border-blurred": "#cfd4e2", "input-selection-background": "#2e5cc5 25%"},
)


def dimension_style(dimension: str) -> str:
    """The component class that colours a dimension."""
    name = f"sk--{dimension}"
    return name if name in DIMENSION_STYLES else "sk--other"


def solid_variables(theme: Theme, variables: dict[str, str]) -> dict[str, str]:
    """CSS variables `$sk-…`: solid colours (no alpha, nothing automatic), for text that is painted cell by cell."""
    if theme.ansi:
        return {
            "sk-muted": "ansi_bright_black",
            "sk-faint": "ansi_bright_black",
            "sk-cursor": "ansi_default",
            "sk-cursor-blurred": "ansi_default",
            "sk-hit": "ansi_yellow",
            "sk-hit-text": "ansi_black",
            **{f"sk-{name}": f"ansi_{colour}" for name, colour in _ANSI.items()},
            **{f"sk-{name}-chip": "ansi_default" for name in _ANSI},
            **{f"sk-{name}-bar": f"ansi_{colour}" for name, colour in _ANSI.items()},
        }
    foreground = _parsed(variables, "foreground", "white")
    background = _parsed(variables, "background", "black")
    accent = _parsed(variables, "accent", "blue")
    colours = {
        name: _readable(_parsed(variables, source, "white"), background, foreground) for name, source in _THEMED.items()
    }
    hit = _parsed(variables, "warning", "yellow")
    return {
        "sk-muted": background.blend(foreground, 0.58).hex,
        "sk-faint": background.blend(foreground, 0.22).hex,
        "sk-cursor": background.blend(accent, 0.26).hex,
        "sk-cursor-blurred": background.blend(accent, 0.12).hex,
        "sk-hit": background.blend(hit, 0.32 if theme.dark else 0.35).hex,
        "sk-hit-text": foreground.blend(Color(255, 255, 255) if theme.dark else Color(0, 0, 0), 0.6).hex,
        **{f"sk-{name}": colour.hex for name, colour in colours.items()},
        **{f"sk-{name}-chip": background.blend(colour, 0.16).hex for name, colour in colours.items()},
        **{f"sk-{name}-bar": background.blend(colour, 0.5).hex for name, colour in colours.items()},
    }


#: Dimension -> the theme's colour for it.
_THEMED: Final = {
    "people": "warning",
    "countries": "success",
    "weapons": "error",
    "source": "secondary",
    "year": "primary",
    "other": "accent",
}
_ANSI: Final = {
    "people": "yellow",
    "countries": "green",
    "weapons": "red",
    "source": "magenta",
    "year": "cyan",
    "other": "blue",
}


def _parsed(variables: dict[str, str], name: str, default: str) -> Color:
    try:
        return Color.parse(variables.get(name, default)).with_alpha(1.0)
    except ColorParseError:
        return Color.parse(default)


def _readable(colour: Color, background: Color, foreground: Color) -> Color:
    """`colour`, drawn towards the foreground until it can be read on the background (a contrast of 4.5, WCAG AA)."""
    for share in (0.0, 0.2, 0.4, 0.6, 0.8):
        blended = colour.blend(foreground, share)
        if _contrast(blended, background) >= 4.5:
            return blended
    return foreground


def _contrast(one: Color, other: Color) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
