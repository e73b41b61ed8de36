"""What a segment holds, as plain data."""

from __future__ import annotations

from searchkit.index.segment import Segment

#: Term -> paragraph -> positions.
Inverted = dict[str, dict[int, list[int]]]


def inverted(segment: Segment, field: str) -> Inverted:
    """Terms, paragraphs and positions of a field, read in every way that there is."""
    found: Inverted = {}
    for number, term in enumerate(segment.terms(field)):
        docs, freqs, positions = segment.postings(field, number)
        assert docs.tolist() == sorted(set(docs.tolist()))
        assert segment.doc_frequency(field, number) == len(docs)
        again, counted = segment.counts(field, number)
        assert (again.tolist(), counted.tolist()) == (docs.tolist(), freqs.tolist())
        places = iter(positions.tolist())
        found[term.decode()] = {
            d: [next(places) for _ in range(f)] for d, f in zip(docs.tolist(), freqs.tolist(), strict=True)
        }
        assert next(places, None) is None
    assert list(segment.terms(field)) == sorted(segment.terms(field))
    return found
