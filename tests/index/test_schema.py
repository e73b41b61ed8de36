"""The Whoosh analyzers: tokens with positions and characters."""

from __future__ import annotations

from searchkit.index.schema import INDEXED_FIELDS, PieceAnalyzer, schema

TEXT = "The U.S. sent long-range missiles"


def test_tokens():
    tokens = [
        (token.text, token.pos, TEXT[token.startchar : token.endchar])
        for token in PieceAnalyzer("term")(TEXT, positions=True, chars=True)
    ]
    assert tokens == [
        ("the", 0, "The"), ("US", 1, "U.S"), ("sent", 2, "sent"), ("long", 3, "long"), ("rang", 4, "range"),
        ("missil", 5, "missiles"),
    ]  # fmt: skip


def test_words_are_not_stemmed():
    assert [token.text for token in PieceAnalyzer("word")("Missiles")] == ["missiles"]


def test_a_start_and_the_original():
    tokens = list(map(vars, PieceAnalyzer("term")("F16", positions=True, chars=True, start_pos=7, start_char=100)))
    assert tokens[0]["pos"] == 8  # the one token object, as it is left
    assert tokens[0]["endchar"] == 103
    assert [token.original for token in PieceAnalyzer("term")("Missiles", keeporiginal=True)] == ["Missiles"]


def test_fields():
    assert sorted(schema().names()) == sorted(INDEXED_FIELDS)
    assert all(field.format.supports("positions") for _, field in schema().items())
