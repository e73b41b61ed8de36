"""The driver of an app that `searchkit serve` shows in a page."""

from __future__ import annotations

from textual import events, messages
from textual.drivers.web_driver import WebDriver


class ServedDriver(WebDriver):
    """Textual's driver for the web, but that the app ends when nobody listens any more: no server, no app."""

    def start_application_mode(self) -> None:
        """Begin with the focus, which Textual's driver takes away until the page has it: no pane would ever get it."""
        super().start_application_mode()
        self._app.call_later(self._app.post_message, events.AppFocus())

    def run_input_thread(self) -> None:
        """Read keys until the server's end is closed, and end then."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self.send_message(messages.ExitApp())
