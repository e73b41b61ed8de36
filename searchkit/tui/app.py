"""The application: one engine, one main screen, themes and the keys that work everywhere."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import App

from searchkit.terminal import safe
from searchkit.tui.bindings import bindings, mapped, read_keymap
from searchkit.tui.commands import ActionProvider
from searchkit.tui.main import MainScreen
from searchkit.tui.store import Store
from searchkit.tui.theme import DARK, LIGHT, solid_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.binding import BindingType
    from textual.command import Provider

    from searchkit.search.engine import Engine

#: From so many cells (lines) on, the screen has this class, and `app.tcss` arranges the panes by it.
WIDTHS: Final = [(0, "-narrow"), (60, "-medium"), (120, "-wide"), (190, "-huge")]
HEIGHTS: Final = [(0, "-flat"), (12, "-low"), (34, "-tall")]


class SearchkitApp(App[int]):
    """The terminal UI over `engine`.

    `root` is the folder that documents' relative paths start from, `index` how a command line names the index,
    `state_folder` where queries and saved searches are kept (without one, nowhere). `refresh_seconds` is how often a
    newer generation is looked for (0: never). `keymap` gives actions other keys, by the ids of the table of keys.
    `read_only` writes no file and starts no program. `once_answered` is run in a thread after the first answer.
    """

    TITLE = "searchkit"
    CSS_PATH = Path(__file__).with_name("app.tcss")  # a subclass may live elsewhere
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = App.COMMANDS | {ActionProvider}
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS

    def __init__(
        self,
        engine: Engine,
        *,
        root: Path | None = None,
        index: str | None = None,
        state_folder: Path | None = None,
        refresh_seconds: float = 0.0,
        keymap: Mapping[str, str] | None = None,
        read_only: bool = False,
        once_answered: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self.engine = engine
        self._main = partial(
            MainScreen,
            engine,
            store=Store.load(state_folder),
            root=root,
            index=index,
            refresh_seconds=refresh_seconds,
            read_only=read_only,
        )
        self._once_answered = once_answered
        self._keys, self._wrong_keys = read_keymap(keymap or {})
        self.known_actions = mapped(self._keys)
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = self._first_theme()

    def _first_theme(self) -> str:
        """The theme that `TEXTUAL_THEME` names, else ours: light where the terminal says that it is."""
        wanted = os.environ.get("TEXTUAL_THEME", "")
        if wanted in self.available_themes:
            return wanted
        background = os.environ.get("COLORFGBG", "").rpartition(";")[2]
        return LIGHT.name if background in {"7", "15"} else DARK.name

    def get_css_variables(self) -> dict[str, str]:
        """The theme's variables and our solid ones."""
        variables = super().get_css_variables()
        self.theme_variables = {**variables, **solid_variables(self.current_theme, variables)}
        return self.theme_variables

    def get_default_screen(self) -> MainScreen:
        """The one main screen."""
        return self._main()

    def on_mount(self) -> None:
        """Take over the user's keys; say in one line what is wrong with them."""
        self.set_keymap(self._keys)
        if self._wrong_keys:
            text = f"keys in searchkit.toml: {'; '.join(self._wrong_keys)}"
            self.notify(safe(text), severity="warning", markup=False, timeout=15)

    def on_answered(self) -> None:
        """With the first answer on the screen there is time for what makes the next ones faster."""
        work, self._once_answered = self._once_answered, None
        if work is not None:
            self.call_after_refresh(Thread(target=work, daemon=True).start)

    def action_help(self) -> None:
        """Show every key, those of the present pane first."""
        from searchkit.tui.help import HelpScreen  # noqa: PLC0415 - loaded when it opens: the first frame is there sooner

        screen = self.screen
        if isinstance(screen, MainScreen):
            self.push_screen(HelpScreen(self.known_actions, _pane(screen)))

    def action_toggle_light(self) -> None:
        """The light theme, or the dark one."""
        self.theme = DARK.name if not self.current_theme.dark else LIGHT.name


def _pane(screen: MainScreen) -> str:
    for name in ("facet", "results", "preview", "chips", "timeline", "search"):
        if screen.focused is not None and screen.pane_of(name) is screen.focused:
            return name
    return "browse"
