"""Raw tokens: the rule, the numbering, and the two twins."""

from __future__ import annotations

import re

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
    numbered = both(tokens.number, *joined([text]))
    raw = text.encode()
    distinct = [raw[at : at + size].decode() for at, size in zip(numbered.first, numbered.size, strict=True)]
    assert [distinct[token] for token in numbered.ids] == expected


@given(st.one_of(TEXTS, REPEATED))
def test_tokens_are_numbered_as_they_first_occur(both, texts):
    data, starts, ends = joined(texts)
    numbered = both(tokens.number, data, starts, ends, begins=True)
    raw = data.tobytes()
    rule = re.compile(rb"[0-9A-Za-z\x80-\xff]+(?:[-'.,][0-9A-Za-z\x80-\xff]+)*")
    expected = [rule.findall(raw[low:high]) for low, high in zip(starts, ends, strict=True)]
    assert numbered.counts.tolist() == [len(some) for some in expected]
    flat = [token for some in expected for token in some]
    order = list(dict.fromkeys(flat))
    assert numbered.ids.tolist() == [order.index(token) for token in flat]
    assert [raw[at : at + len(token)] for at, token in zip(numbered.begin, flat, strict=True)] == flat
    assert [
        raw[at : at + size] for at, size in zip(numbered.first.tolist(), numbered.size.tolist(), strict=True)
    ] == order


def test_no_token_reaches_over_the_end_of_its_text(both):
    data = np.frombuffer(b"abc-def", np.uint8)
    numbered = both(tokens.number, data, np.array([0, 2, 3]), np.array([4, 6, 7]), begins=True)
    assert numbered.counts.tolist() == [1, 1, 1]
    assert numbered.begin.tolist() == [0, 2, 4]
    assert numbered.size.tolist() == [3, 4, 3]


def test_the_table_grows(both):
    words = " ".join(f"w{i} w{i // 2}" for i in range(30_000))
    numbered = both(tokens.number, *joined([words]))
    assert len(numbered.first) == 30_000


def test_tokens_of_one_hash_stay_apart(both):
    # 32-bit FNV-1a: enough tokens of one length for some to meet.
    rng = np.random.default_rng(3)
    letters = rng.integers(ord("a"), ord("z") + 1, (200_000, 8)).astype(np.uint8)
    data = np.concatenate([letters, np.full((len(letters), 1), ord(" "), np.uint8)], axis=1).ravel()
    numbered = both(tokens.number, data, np.array([0]), np.array([len(data)]))
    assert len(numbered.first) == len({word.tobytes() for word in letters})


def test_a_text_has_to_lie_within_the_bytes():
    with pytest.raises(ValueError, match="range"):
        tokens.number(np.zeros(3, np.uint8), np.array([0]), np.array([4]))


def test_another_type_of_array_is_refused(both):
    with pytest.raises(TypeError, match="int64"):
        both(tokens.number, np.zeros(3, np.uint8), np.array([0], np.int32), np.array([3]))


@given(st.lists(st.one_of(TEXTS, REPEATED), max_size=4))
def test_a_vocabulary_goes_on_where_it_was(both, calls):
    def numbered(*calls):
        vocabulary = tokens.Vocabulary()
        results = [vocabulary.number(*joined(texts)) for texts in calls]
        return [array for result in results for array in result], vocabulary.tokens(), vocabulary.tokens(1)

    arrays, known, rest = both(numbered, *calls)
    whole = tokens.number(*joined([text for texts in calls for text in texts]))
    assert [token for ids in arrays[::2] for token in ids.tolist()] == whole.ids.tolist()
    assert [count for counts in arrays[1::2] for count in counts.tolist()] == whole.counts.tolist()
    assert (len(known), rest) == (len(whole.first), known[1:])


def test_a_vocabulary_may_change_its_twin_on_the_way():
    from searchkit import kernels  # noqa: PLC0415

    vocabulary = tokens.Vocabulary()
    for compiled in (True, False, True):
        kernels.use(compiled)
        ids, _ = vocabulary.number(*joined([" ".join(f"w{i}" for i in range(6000))]))
        assert ids.tolist() == list(range(6000))
