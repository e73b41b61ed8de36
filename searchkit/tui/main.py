"""The main screen whole: what is done with results, and the dialogs that open over them."""

# ruff: noqa: PLC0415 - what opens over the screen is loaded when it does, so that the first frame is there sooner

from __future__ import annotations

from dataclasses import replace
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from textual.actions import SkipAction
from textual.app import SuspendNotSupported

from searchkit.errors import CancelledError, SearchkitError
from searchkit.model import METADATA_DIMENSIONS
from searchkit.output import citation
from searchkit.terminal import safe
from searchkit.tui.citing import FORMATS, command_line, file_name, names
from searchkit.tui.messages import counted
from searchkit.tui.remembering import RememberingScreen
from searchkit.tui.searching import told
from searchkit.tui.state import State
from searchkit.tui.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TextIO

    from textual.worker import Worker

    from searchkit.model import Evidence, Hit, Request, SurfaceForm
    from searchkit.search.engine import Engine
    from searchkit.tui.curating import Decision, Kind
    from searchkit.tui.listing import Row


class MainScreen(RememberingScreen):
    """Copies, cites, exports, explains, decides. `root` is the folder that documents' relative paths start from.

    With `read_only` nothing is written and no program started: a page downloads what it exports.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        store: Store | None = None,
        root: Path | None = None,
        index: str | None = None,
        refresh_seconds: float = 0.0,
        read_only: bool = False,
    ) -> None:
        super().__init__(engine, store=store, refresh_seconds=refresh_seconds)
        self.read_only = read_only
        self.root = root or Path.cwd()
        self.index = index
        self._exporting: Worker[None] | None = None
        self.name_of_index = str(self.root.absolute() / (index or ""))

    def on_mount(self) -> None:
        """Say it where nothing can be written."""
        if self.read_only:
            self.standing = "read-only"
            self.show_trouble("")

    # Copying.

    def action_hit(self, what: str) -> None:
        """Copy, cite or open the hit under the cursor, or look for others like it."""
        hit = self.list.current
        if hit is None:
            self.app.bell()
        elif what == "like":
            self.in_thread("like", partial(self._like, hit.id))
        elif what == "copy" and self.get_selected_text():
            self.action_copy_text()
        elif what == "copy":
            self._copy(safe(hit.text, multiline=True), "The paragraph")
        elif what == "cite":
            self._copy(citation(hit), "The citation")
        else:
            self._outside(what, hit)

    def action_copy_text(self) -> None:
        """Copy what the mouse has selected."""
        text = self.get_selected_text()
        if not text:
            raise SkipAction
        self._copy(text, "The selection")

    def action_copy_command(self) -> None:
        """Copy the present search as a command line."""
        self.in_thread("command", partial(self._command, self.state, dict(self.labels)))

    def _command(self, state: State, labels: dict[tuple[str, str], str]) -> Callable[[], None]:
        text = command_line(state, self.index, names(self.engine, state, labels))
        return partial(self._copy, text, "The command")

    def _copy(self, text: str, what: str) -> None:
        self.app.copy_to_clipboard(text)
        path = self.store.put("copied.txt", text)
        # Whether the terminal took it nobody can know.
        self.say(f"{what} was sent to the clipboard" + (f", and is in {path}" if path is not None else ""))

    def _like(self, paragraph: str) -> Callable[[], None]:
        query = self.engine.similar(paragraph)
        return partial(self._search_like, query) if query else partial(self.complain, "No other paragraph is like it.")

    def _search_like(self, query: str) -> None:
        # The space ends the last word: it is a word, not the beginning of one.
        self.change(State(query + " ", scope=self.state.scope, by=self.state.by))
        self.close_reading()

    def _outside(self, what: str, hit: Hit) -> None:
        """Open the document in the editor, or in the browser."""
        if self.read_only:
            self.complain("This is read-only: no editor is started from here, and no browser.")
            return
        from searchkit.tui import opening

        file = opening.file_of(self.root, hit.document)
        if what == "browse":
            self.in_thread("browse", partial(self._to_browse, hit, file, self.request()))
        elif file is None:
            self.complain(f"No file {hit.document} below {self.root}: it has moved, or was never a file.")
        else:
            self._lend(partial(opening.edit, self.app, file))

    def _to_browse(self, hit: Hit, file: Path | None, request: Request) -> Callable[[], None]:
        from searchkit.tui import opening

        document = self.engine.document(hit.id, request)
        link = opening.address(document, file)
        if link is None:
            path = self.store.put("document.html", opening.page(document, request.filters))
            if path is None:
                raise SearchkitError("The page of the document could not be written to your folder for state.")
            link = f"{path.as_uri()}#{hit.id}"
        return partial(self._lend, partial(opening.browse, self.app, link))

    def _lend(self, start: Callable[[], None]) -> None:
        """Start a program, which may have the terminal until it ends."""
        try:
            start()
        except SearchkitError as error:
            self.complain(str(error))
        except SuspendNotSupported:
            self.complain("This terminal cannot be lent to another program.")
        self.app.refresh(layout=True)

    # Exporting.

    def action_export(self) -> None:
        """Write the marked hits, or all, to a file."""
        from searchkit.tui.dialogs import LineDialog

        marked = list(self.list.marked.values())
        if not marked and not self.list.total:
            self.app.bell()
            return
        if self.read_only and not self.app.is_web:
            self.complain("This is read-only: no file is written from here.")
            return
        what = f"{len(marked)} marked" if marked else f"all {counted(self.list.total, 'paragraph')}"
        hint = f"The ending decides: {', '.join(FORMATS)} (Markdown with citations, a table, one JSON object a line)."
        self.app.push_screen(
            LineDialog(f"Export {what} to", file_name(self.state), hint), partial(self._export, marked)
        )

    def _export(self, marked: list[Hit], name: str | None) -> None:
        if not name:
            return
        path = Path(name).expanduser().absolute()
        write = FORMATS.get(path.suffix.casefold())
        if write is None:
            self.complain(f"{name}: the ending must be one of {', '.join(FORMATS)}.")
        elif not self.read_only and path.exists():
            self.complain(f"{name} is there already: choose another name.")
        else:
            self._start_export(marked, path, write)

    def _start_export(self, marked: list[Hit], path: Path, write: Callable[[Iterable[Hit], TextIO], None]) -> None:
        from searchkit.tui.exporting import SHOWN_AFTER, ExportDialog, Progress, every_hit, whole

        progress, request = Progress(len(marked) or self.list.total), self.request()

        def work() -> Callable[[], None]:
            hits = progress.of(marked or every_hit(self.engine, request))
            try:
                if self.read_only:
                    text = StringIO(newline="")
                    write(hits, text)
                    return partial(self._download, text, path.name, progress.done)
                with whole(path) as file:
                    write(hits, file)
            except CancelledError as given_up:
                return partial(self.say, str(given_up))
            return partial(self.say, f"{counted(progress.done, 'paragraph')} in {path}")

        def show() -> None:
            if not worker.is_finished:
                self.app.push_screen(ExportDialog(path.name, progress, worker))

        worker = self._exporting = self.in_thread(f"export {path}", work)
        self.set_timer(SHOWN_AFTER, show)

    def look_for_news(self) -> None:
        """Not while hits are exported: they are all of one generation."""
        if self._exporting is None or self._exporting.is_finished:
            super().look_for_news()

    def _download(self, text: StringIO, name: str, hits: int) -> None:
        self.app.deliver_text(text, save_filename=name)
        self.say(f"{counted(hits, 'paragraph')} are on their way to your downloads, as {name}")

    # Evidence and grid.

    def explain(self, dimension: str, value: str) -> None:
        """Show what makes a count: over the hits that the facet counts for it."""
        request = self.request()
        request = replace(request, filters=self.state.counted(dimension, value).filters)

        def work() -> Callable[[], None]:
            return partial(self._show_evidence, self.engine.why(request, dimension, value))

        self.in_thread("why", work)

    def _show_evidence(self, evidence: Evidence) -> None:
        from searchkit.tui.evidence import EvidenceScreen

        self.explained = True
        self.app.push_screen(EvidenceScreen(evidence), partial(self._open_form, evidence))

    def _open_form(self, evidence: Evidence, form: SurfaceForm | None) -> None:
        if form is not None:
            self.labels[evidence.dimension, evidence.id] = evidence.value
            self.change(self.state.written(form.text).counted(evidence.dimension, evidence.id))
            self.close_reading()

    # Decisions about values.

    def decide(self, kind: Kind, dimension: str, row: Row) -> None:
        """Merge a value into another one, rename or reject it: in the curation file."""
        from searchkit.tui.curating import alike
        from searchkit.tui.dialogs import LineDialog

        file = self.engine.curation_file
        if file is None or self.read_only or dimension in METADATA_DIMENSIONS:
            self.complain(f"What {dimension} there are cannot be changed here.")
            return
        decided = partial(self._decide, kind, file, dimension, row.id)
        if kind == "reject":
            decided("")
        elif kind == "rename":
            hint = f"Written to {file}; undo takes it back."
            self.app.push_screen(LineDialog(f"Call {row.label}", row.label, hint), decided)
        else:
            known = list(
                dict.fromkeys(each.label for each in self.facet_pane(dimension).rows.rows if each.id != row.id)
            )
            guess = alike(row.label, known)
            hint = f"→ completes a name. Its paragraphs count there from now on. Written to {file}; undo takes it back."
            self.app.push_screen(LineDialog(f"{row.label} is the same as", guess, hint, known=known), decided)

    def _decide(self, kind: Kind, file: Path, dimension: str, value: str, name: str | None) -> None:
        from searchkit.tui.curating import decision

        if not name and kind != "reject":
            return

        def work() -> Callable[[], None]:
            made = decision(kind, file, dimension, value, name=name or "", known=self.engine.values(dimension))
            made.do()
            try:
                self.engine.refresh()
            except Exception as error:  # noqa: BLE001 - whatever it is: the file is written, and can be put back
                return partial(self._decided, made, f"{told(error)}. The counts do not follow yet.")
            return partial(self._decided, made)

        self.in_thread("curation", work)

    def _decided(self, made: Decision, trouble: str = "") -> None:
        self.history.decided(made)
        if trouble:
            self.complain(f"{trouble} Undo takes the decision back.")
        else:
            self.say(f"{made.said} Undo takes it back.")
            self.search()

    def action_grid(self) -> None:
        """Two dimensions against each other."""
        from searchkit.tui.grid import GridScreen

        self.app.push_screen(GridScreen(self.engine, self.request(), self.used_dimensions()), self._open_cell)

    def _open_cell(self, cell: tuple[str, str, str, str, str, str] | None) -> None:
        if cell is None:
            return
        down, row, row_label, across, column, column_label = cell
        self.labels.update({(down, row): row_label, (across, column): column_label})
        self.change(self.state.only(down, row).only(across, column))
        self.close_reading()

    def action_compare(self) -> None:
        """This search and the one before it, side by side."""
        from searchkit.tui.compare import CompareScreen

        opened = next((pane.dimension for pane in self.panes if pane.has_class("-open")), self.panes[0].dimension)
        screen = CompareScreen(self.engine, (self.state, self.history.before()), opened, self.used_dimensions())
        self.app.push_screen(screen, self._open_compared)

    def _open_compared(self, state: State | None) -> None:
        if state is not None:
            self.change(state)
            self.close_reading()
