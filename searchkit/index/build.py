"""From documents and their labels to the arrays of one segment.

Everything that happens once per occurrence (cutting text, counting, inverting) is a kernel; Python touches distinct
tokens, documents and labels. The names of the arrays are the names of the files; `FORMAT.md` describes each.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from searchkit.index import analysis
from searchkit.index.format import Array, shrink, strings_arrays
from searchkit.index.stored import pack_texts
from searchkit.kernels import coding, postings, tokens
from searchkit.model import ENTITY_DIMENSIONS, METADATA_DIMENSIONS, Document, Label, Labels, Mention, Value

#: The rule of a label that the record brought itself: a mention of no characters.
GIVEN: Final = Mention(0, 0, "", "given", "given")
#: Days are counted as `datetime.date.toordinal`; this one stands for "no date".
NO_DAY: Final = 0

Labelled = tuple[Document, Sequence[Labels]]


def segment_arrays(documents: Sequence[Labelled]) -> dict[str, Array]:
    """The arrays of a segment that holds `documents`, one `Labels` per paragraph of each."""
    paragraphs = [paragraph for document, _ in documents for paragraph in document.paragraphs]
    texts = [paragraph.text for paragraph in paragraphs]
    arrays = document_arrays([document for document, _ in documents])
    arrays["paragraph.start"] = shrink(np.array([paragraph.start for paragraph in paragraphs], np.int64))
    arrays["paragraph.end"] = shrink(np.array([paragraph.end for paragraph in paragraphs], np.int64))
    encoded = [text.encode() for text in texts]
    arrays |= pack_texts(encoded)
    arrays |= text_arrays(*_inverted(encoded))
    terms, _, inverted, _ = _inverted([(document.title or "").encode() for document, _ in documents])
    arrays |= posting_arrays("title", terms, inverted, inverted.positions)
    arrays["title.lengths"] = shrink(inverted.lengths)
    for dimension in dimensions_of(documents):
        labels = [_labels(document, some, dimension) for document, labelled in documents for some in labelled]
        arrays |= facet_arrays(dimension, labels)
        given = [i for i, (document, _) in enumerate(documents) if dimension in document.given]
        arrays[f"facet.{dimension}.given"] = shrink(np.array(given, np.int64))
    return arrays


def dimensions_of(documents: Iterable[Labelled]) -> tuple[str, ...]:
    """The dimensions of these documents: those of every index first, then added ones by name."""
    known = (*ENTITY_DIMENSIONS, *METADATA_DIMENSIONS)
    added = {name for _, labelled in documents for labels in labelled for name in labels} - set(known)
    return (*known, *sorted(added))


def paragraph_id(identity: str, text: str, repeat: int) -> int:
    """The stable id of a paragraph: 64 bits of BLAKE2b over identity, text without runs of space, repeat number."""
    content = "\0".join((identity, " ".join(text.split()), str(repeat)))
    return int.from_bytes(hashlib.blake2b(content.encode(), digest_size=8).digest(), "big")


def day_range(date: str | None) -> tuple[int, int]:
    """First and last day, as ordinals, of an ISO date that may be partial; `NO_DAY` twice where there is none."""
    if date is None:
        return NO_DAY, NO_DAY
    parts = [int(part) for part in date.split("-")]
    first = dt.date(*[*parts, 1, 1][:3])
    if len(parts) == 3:
        return first.toordinal(), first.toordinal()
    year, month = (first.year + 1, 1) if len(parts) == 1 else (first.year + first.month // 12, first.month % 12 + 1)
    after = dt.date(year, month, 1).toordinal() if year <= dt.MAXYEAR else dt.date.max.toordinal() + 1
    return first.toordinal(), after - 1


def document_arrays(documents: Sequence[Document]) -> dict[str, Array]:
    """Columns of the documents, and which paragraphs are whose."""
    counts = [len(document.paragraphs) for document in documents]
    days = np.array([day_range(document.date) for document in documents], np.int32).reshape(-1, 2)
    ids: list[int] = []
    for document in documents:
        repeats: dict[str, int] = {}
        for paragraph in document.paragraphs:
            text = " ".join(paragraph.text.split())
            repeats[text] = repeats.get(text, -1) + 1
            ids.append(paragraph_id(document.identity, text, repeats[text]))
    arrays: dict[str, Array] = {
        "document.first": np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.uint32),
        "document.first_day": days[:, 0],
        "document.last_day": days[:, 1],
        "paragraph.document": np.repeat(np.arange(len(documents), dtype=np.uint32), counts),
        "paragraph.id": np.array(ids, np.uint64),
    }
    columns: dict[str, list[str | None]] = {
        "document.identity": [document.identity for document in documents],
        "document.hash": [document.content_hash for document in documents],
        "document.title": [document.title for document in documents],
        "document.date": [document.date for document in documents],
        "document.source": [document.source for document in documents],
    }
    for name, strings in columns.items():
        arrays |= strings_arrays(name, strings)
    return arrays


def _inverted(texts: Sequence[bytes]) -> tuple[list[bytes], Spelled, postings.Inverted, Array]:
    """Terms in order, the words that are spelled so, the postings, and which word of its term each occurrence is."""
    data = np.frombuffer(b"\n".join(texts), np.uint8)
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = np.concatenate([[0], np.cumsum(sizes + 1)])[: len(texts)].astype(np.int64)
    numbered = tokens.number(data, starts, starts + sizes)
    raw = data.tobytes()
    ends = (numbered.first + numbered.size).tolist()
    pieces = analysis.pieces_of(
        [raw[first:end].decode() for first, end in zip(numbered.first.tolist(), ends, strict=True)]
    )
    widths = np.fromiter(map(len, pieces), np.int32, len(pieces))
    piece_offsets = np.concatenate([[0], np.cumsum(widths, dtype=np.int64)])
    terms = sorted({piece.term.encode() for some in pieces for piece in some})
    term_number = {term.decode(): i for i, term in enumerate(terms)}
    spelled = spell({piece.word.encode(): term_number[piece.term] for some in pieces for piece in some}, len(terms))
    word_number = {word.decode(): i for i, word in enumerate(spelled.words)}
    term_ids = np.fromiter((term_number[piece.term] for some in pieces for piece in some), np.int32)
    variants = spelled.variant[np.fromiter((word_number[piece.word] for some in pieces for piece in some), np.int64)]
    # A position carries the occurrence's variant through the kernel, as its remainder by the most variants there are.
    most = max(1, int(spelled.variants.max(initial=1)))
    places = (np.arange(piece_offsets[-1]) - np.repeat(piece_offsets[:-1], widths)) * most + variants
    inverted = postings.invert(
        numbered.ids,
        numbered.counts,
        piece_offsets,
        term_ids,
        places.astype(np.int32),
        (widths * most).astype(np.int32),
        len(terms),
    )
    variant = inverted.positions % np.uint32(most)
    return (
        terms,
        spelled,
        inverted._replace(positions=inverted.positions // np.uint32(most), lengths=inverted.lengths // np.int32(most)),
        variant,
    )


class Spelled(NamedTuple):
    """The words behind the terms: `words` ascending, the term of each, which of its term's words each is (its variant).

    `variants` says for each term how many words it has.
    """

    words: list[bytes]
    term: Array
    variant: Array
    variants: Array


def spell(term_of: Mapping[bytes, int], terms: int) -> Spelled:
    """Number the words of each term in their order, given each word's term."""
    words = sorted(term_of)
    term = np.fromiter((term_of[word] for word in words), np.int64, len(words))
    order = np.argsort(term, kind="stable")
    variants = np.bincount(term, minlength=terms)
    firsts = np.cumsum(variants) - variants
    variant = np.empty(len(words), np.int64)
    variant[order] = np.arange(len(words)) - firsts[term[order]]
    return Spelled(words, term, variant, variants)


def text_arrays(terms: list[bytes], spelled: Spelled, inverted: postings.Inverted, variant: Array) -> dict[str, Array]:
    """Postings of the text, from which those of a single word can be told.

    What is stored for an occurrence is its position times the number of the term's words, plus its variant: nothing
    more than the position where, as for most terms, there is but one word.
    """
    many = np.repeat(np.repeat(spelled.variants, inverted.offsets[1:] - inverted.offsets[:-1]), inverted.freqs)
    places = inverted.positions * many + variant
    return {
        **posting_arrays("text", terms, inverted, places),
        "text.lengths": shrink(inverted.lengths),
        "text.variants": shrink(spelled.variants),
        **strings_arrays("word.terms", spelled.words),
        "word.term": shrink(spelled.term),
        "word.variant": shrink(spelled.variant),
    }


def posting_arrays(field: str, terms: Sequence[bytes], inverted: postings.Inverted, places: Array) -> dict[str, Array]:
    """A field's dictionary and postings, coded; `places` is what is stored of the position of each occurrence."""
    docs, freqs = (array.astype(np.uint32, copy=False) for array in inverted[:2])
    coded = coding.encode(docs, freqs, inverted.offsets)
    placed = coding.encode_positions(places.astype(np.uint32, copy=False), inverted.position_offsets, inverted.offsets)
    return {
        **strings_arrays(f"{field}.terms", terms),
        f"{field}.postings": coded.data,
        f"{field}.postings.starts": shrink(coded.starts),
        f"{field}.postings.offsets": shrink(inverted.offsets),
        f"{field}.positions": placed.data,
        f"{field}.positions.starts": shrink(placed.starts),
    }


def _labels(document: Document, labels: Labels, dimension: str) -> tuple[Label, ...]:
    """The labels of one paragraph; metadata dimensions are made from the document."""
    if dimension == "source":
        return (Label(Value(document.source, document.source)),) if document.source else ()
    if dimension == "year":
        return (Label(Value(document.date[:4], document.date[:4])),) if document.date else ()
    return labels.get(dimension, ())


def facet_arrays(dimension: str, paragraphs: Sequence[tuple[Label, ...]]) -> dict[str, Array]:
    """Value table, column and mentions of one dimension over all paragraphs.

    The column holds, for each paragraph, the ordinals of its values and of all their ancestors, ascending, each once.
    """
    values: dict[str, Value] = {}
    for labels in paragraphs:
        for label in labels:
            if label.value.id not in values:
                values |= {value.id: value for value in (label.value, *label.value.ancestors)}
    ids = sorted(values, key=str.encode)
    ordinal = {value_id: i for i, value_id in enumerate(ids)}
    above = {
        value_id: [ordinal[value_id], *(ordinal[value.id] for value in values[value_id].ancestors)] for value_id in ids
    }
    columns = [sorted({o for label in labels for o in above[label.value.id]}) for labels in paragraphs]
    mentions = [
        (ordinal[label.value.id], mention)
        for labels in paragraphs
        for label in labels
        for mention in (label.mentions or (GIVEN,))
    ]
    counts = [sum(max(len(label.mentions), 1) for label in labels) for labels in paragraphs]
    rules = sorted({f"{mention.kind}\0{mention.rule}" for _, mention in mentions})
    rule_number = {rule: i for i, rule in enumerate(rules)}
    name = f"facet.{dimension}"
    return {
        **value_arrays(dimension, [values[value_id] for value_id in ids]),
        f"{name}.offsets": _offsets([len(column) for column in columns]),
        f"{name}.ordinals": shrink(np.array([o for column in columns for o in column], np.int64)),
        f"{name}.mentions.offsets": _offsets(counts),
        f"{name}.mentions.ordinal": shrink(np.array([o for o, _ in mentions], np.int64)),
        f"{name}.mentions.start": shrink(np.array([mention.start for _, mention in mentions], np.int64)),
        f"{name}.mentions.length": shrink(np.array([mention.end - mention.start for _, mention in mentions], np.int64)),
        f"{name}.mentions.rule": shrink(
            np.array([rule_number[f"{mention.kind}\0{mention.rule}"] for _, mention in mentions], np.int64)
        ),
        **strings_arrays(f"{name}.rules", rules),
    }


def value_arrays(dimension: str, values: Sequence[Value]) -> dict[str, Array]:
    """The value table of a dimension, its values ascending by id.

    Ids, labels, parents (-1: none), the ordinals in the order of labels, and the labels folded and sorted for look-ups.
    """
    ordinal = {value.id: i for i, value in enumerate(values)}
    folded = sorted((analysis.fold(value.label).encode(), i) for i, value in enumerate(values))
    by_label = np.array(sorted(range(len(values)), key=lambda i: (values[i].label, values[i].id)), np.int64)
    name = f"facet.{dimension}"
    return {
        **strings_arrays(f"{name}.ids", [value.id for value in values]),
        **strings_arrays(f"{name}.labels", [value.label for value in values]),
        f"{name}.by_label": shrink(by_label),
        f"{name}.parents": np.array([ordinal[v.parent.id] if v.parent else -1 for v in values], np.int32),
        **strings_arrays(f"{name}.names", [label for label, _ in folded]),
        f"{name}.named": shrink(np.array([i for _, i in folded], np.int64)),
    }


def _offsets(counts: Sequence[int]) -> Array:
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.uint32)
