"""The Whoosh schema of a paragraph: its fields, and the analyzers that both queries and the builder go through."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, Literal

from whoosh.analysis.acore import Token
from whoosh.analysis.analyzers import Analyzer
from whoosh.fields import TEXT, Schema

from searchkit.index import analysis, segment

#: Stemmed terms of the paragraph, with positions: what words and phrases search.
TEXT_FIELD: Final = segment.TEXT
#: Folded words of the paragraph, with positions: what prefixes, wildcards and fuzzy words search.
WORD_FIELD: Final = segment.WORD
#: Stemmed terms of the document's title.
TITLE_FIELD: Final = segment.TITLE
INDEXED_FIELDS: Final = (TEXT_FIELD, WORD_FIELD, TITLE_FIELD)


class PieceAnalyzer(Analyzer):
    """A Whoosh analyzer over `searchkit.index.analysis`; `form` chooses the stemmed term or the folded word."""

    def __init__(self, form: Literal["term", "word"]) -> None:
        self.form = form

    def __call__(  # noqa: PLR0917 - the flags are Whoosh's interface
        self,
        value: str,
        positions: bool = False,
        chars: bool = False,
        keeporiginal: bool = False,
        removestops: bool = True,
        start_pos: int = 0,
        start_char: int = 0,
        tokenize: bool = True,  # noqa: ARG002 - likewise; a text is always cut
        mode: str = "",
        **kwargs: object,
    ) -> Iterator[Token]:
        """Yield the one reused `Token` for each piece, as Whoosh's analyzers do."""
        token = Token(positions, chars, removestops=removestops, mode=mode, **kwargs)
        for position, (piece, offset) in enumerate(analysis.words(value), start_pos):
            token.text = getattr(piece, self.form)
            token.boost, token.stopped = 1.0, False
            if keeporiginal:
                token.original = value[offset + piece.start : offset + piece.end]
            if positions:
                token.pos = position
            if chars:
                token.startchar = start_char + offset + piece.start
                token.endchar = start_char + offset + piece.end
            yield token


@lru_cache(maxsize=1)
def schema() -> Schema:
    """The schema. A word that the analyzer splits becomes a phrase of its parts."""
    terms, words = PieceAnalyzer("term"), PieceAnalyzer("word")
    options: dict[str, Any] = {"phrase": True, "stored": False, "multitoken_query": "phrase"}
    return Schema(
        text=TEXT(analyzer=terms, **options),
        word=TEXT(analyzer=words, **options),
        title=TEXT(analyzer=terms, **options),
    )
