"""Raw tokens: the rule, the numbering, and the two twins."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.kernels import tokens

TEXTS = st.lists(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("ab12-'., \n\u2019é"))), max_size=8)
REPEATED = st.lists(st.text(alphabet="ab-. ", max_size=30), max_size=20)


def joined(texts, gap=b" "):
    encoded = [text.encode(errors="surrogatepass") for text in texts]
    sizes = np.array([len(text) + len(gap) for text in encoded], np.int64)
    ends = np.cumsum(sizes) - len(gap)
    starts = ends - sizes + len(gap)
    return np.frombuffer(gap.join(encoded), np.uint8), starts, ends


def numbered(*calls):
    """The numbers and counts that a vocabulary gives the texts of each call, and its tokens."""
    vocabulary = tokens.Vocabulary()
    results = [vocabulary.number(*call) for call in calls]
    return [array for result in results for array in result], vocabulary.tokens(), vocabulary.tokens(1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("long-range missiles", ["long-range", "missiles"]),
        ("the U.S. Army", ["the", "U.S", "Army"]),
        ("12,000 tons, 3.5%", ["12,000", "tons", "3.5"]),
        ("Kh-47M2 over Kyiv,Ukraine", ["Kh-47M2", "over", "Kyiv,Ukraine"]),
        ("a--b 'quoted' -x- y.", ["a", "b", "quoted", "x", "y"]),
        ("and/or a_b a&b", ["and", "or", "a", "b", "a", "b"]),
        ("José\u2019s café\u2014here", ["José\u2019s", "café\u2014here"]),
        ("", []),
        ("... -- ,", []),
    ],
)
def test_the_rule(both, text, expected):
    (ids, _), distinct, _ = both(numbered, joined([text]))
    assert [distinct[token].decode() for token in ids] == expected


@given(st.lists(st.one_of(TEXTS, REPEATED), max_size=4))
def test_tokens_are_numbered_as_they_first_occur(both, calls):
    arrays, known, rest = both(numbered, *[joined(texts) for texts in calls])
    rule = re.compile(rb"[0-9A-Za-z\x80-\xff]+(?:[-'.,][0-9A-Za-z\x80-\xff]+)*")
    expected = [[rule.findall(text.encode(errors="surrogatepass")) for text in texts] for texts in calls]
    assert [counts.tolist() for counts in arrays[1::2]] == [[len(some) for some in texts] for texts in expected]
    flat = [token for texts in expected for some in texts for token in some]
    assert known == list(dict.fromkeys(flat))
    assert rest == known[1:]
    assert [known[token] for ids in arrays[::2] for token in ids.tolist()] == flat


def test_no_token_reaches_over_the_end_of_its_text(both):
    data = np.frombuffer(b"abc-def", np.uint8)
    (_, counts), distinct, _ = both(numbered, (data, np.array([0, 2, 3]), np.array([4, 6, 7])))
    assert counts.tolist() == [1, 1, 1]
    assert distinct == [b"abc", b"c-de", b"def"]


def test_the_table_grows(both):
    words = " ".join(f"w{i} w{i // 2}" for i in range(30_000))
    assert len(both(numbered, joined([words]))[1]) == 30_000


@pytest.mark.parametrize("size", [7, 8, 9, 15, 16, 17, 24, 25, 40])
def test_tokens_that_begin_alike_stay_apart(both, size):
    words = ["a" * size, "a" * (size - 1) + "b", "a" * (size - 1), "b" + "a" * (size - 1), "a" * size + "-a"]
    (ids, _), distinct, _ = both(numbered, joined([" ".join(words * 2)]))
    assert [distinct[token].decode() for token in ids] == words * 2


def test_tokens_of_one_hash_stay_apart(both):
    # The hash has 32 bits: enough tokens of one length for some to meet.
    rng = np.random.default_rng(3)
    letters = rng.integers(ord("a"), ord("z") + 1, (200_000, 8)).astype(np.uint8)
    data = np.concatenate([letters, np.full((len(letters), 1), ord(" "), np.uint8)], axis=1).ravel()
    distinct = both(numbered, (data, np.array([0]), np.array([len(data)])))[1]
    assert len(distinct) == len({word.tobytes() for word in letters})


def test_a_text_has_to_lie_within_the_bytes():
    with pytest.raises(ValueError, match="range"):
        numbered((np.zeros(3, np.uint8), np.array([0]), np.array([4])))


def test_another_type_of_array_is_refused(both):
    with pytest.raises(TypeError, match="int64"):
        both(numbered, (np.zeros(3, np.uint8), np.array([0], np.int32), np.array([3])))


def test_a_vocabulary_may_change_its_twin_on_the_way():
    from searchkit import kernels  # noqa: PLC0415

    vocabulary = tokens.Vocabulary()
    for compiled in (True, False, True):
        kernels.use(compiled)
        ids, _ = vocabulary.number(*joined([" ".join(f"w{i}" for i in range(6000))]))
        assert ids.tolist() == list(range(6000))


@given(st.lists(st.lists(st.one_of(st.binary(max_size=3), st.binary(min_size=15, max_size=18))), max_size=3))
def test_whole_texts_are_numbered_whatever_is_in_them(both, calls):
    def whole():
        vocabulary = tokens.Vocabulary()
        ids = [vocabulary.number_whole(*packed(texts)) for texts in calls]
        return ids, *vocabulary.columns

    def packed(texts):
        ends = np.cumsum([0, *map(len, texts)], dtype=np.int64)
        return np.frombuffer(b"".join(texts), np.uint8), ends[:-1].copy(), ends[1:].copy()

    ids, data, ends = both(whole)
    known = list(dict.fromkeys(text for texts in calls for text in texts))
    assert [[known[i] for i in some] for some in ids] == calls
    assert [data[low:high].tobytes() for low, high in pairwise(ends.tolist())] == known


@given(TEXTS, st.lists(st.text(alphabet="ab1X'", max_size=3), max_size=3), st.booleans())
def test_candidates_are_the_tokens_in_which_a_word_may_begin_so(both, texts, wanted, odd):
    text, starts, ends = joined(texts)
    begun = tokens.beginnings(one.encode() for one in wanted)
    found = both(tokens.candidates, text, ends - starts, begun, odd=odd)
    data, at = text.tobytes(), 0
    assert found.counts.sum() == len(found.begin) == len(found.end) == len(found.places) == len(found.skipped)
    for low, high, count in zip(starts.tolist(), ends.tolist(), found.counts.tolist(), strict=True):
        given, skipped = iter(range(at, at + count)), 0
        for token in tokens.RAW_TOKEN.finditer(data, low, high):
            rests = [token[0][run.start() :] for run in re.finditer(rb"[A-Za-z]+|[0-9]+", token[0])]
            words = [re.sub(rb"[-'.,]", b"", rest).lower() for rest in rests]
            is_wanted = any(word.startswith(one.replace("'", "").lower().encode()) for word in words for one in wanted)
            if is_wanted or not token[0].isascii() or (odd and not token[0].isalpha()):
                place = next(given)
                assert (found.begin[place], found.end[place], found.skipped[place]) == (*token.span(), skipped)
                assert found.places[place] == len(data[low : token.start()].decode(errors="surrogatepass"))
                skipped = 0
            else:
                skipped += 1
        assert next(given, None) is None
        at += count


def test_candidates_are_looked_for_within_the_bytes(both):
    text = np.frombuffer(b"aaa", np.uint8)
    found = both(tokens.candidates, text, np.array([2, 4]), tokens.beginnings([b"a"]), odd=False)
    assert found.counts.tolist() == [1, 0]
    assert both(tokens.candidates, text, np.array([9]), tokens.beginnings([b"a"]), odd=False).end.tolist() == [3]
