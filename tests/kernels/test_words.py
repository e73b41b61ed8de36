"""Words of texts: the numbering, and the two twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchkit.kernels import words

CHARACTERS = st.one_of(st.characters(), st.sampled_from("aBsS9.'\u2019-_ \n\u0301\xad\u0663\xb2\u01c5\ud800\U0001d400"))
TEXTS = st.lists(st.one_of(st.text(CHARACTERS), st.text("aS.'\u2019 ", max_size=12)), max_size=8)


def joined(texts):
    sizes = np.array([len(text) for text in texts], np.int64)
    starts = np.cumsum(sizes + 1) - sizes - 1
    return "\n".join(texts), starts, starts + sizes


@given(TEXTS)
def test_every_text_is_cut_by_the_rule_and_its_words_numbered_as_they_first_occur(both, texts):
    text, starts, ends = joined(texts)
    numbered = both(words.number, text, starts, ends)
    found = [text[low:high] for low, high in zip(numbered.begin.tolist(), numbered.end.tolist(), strict=True)]
    assert found == [word for one in texts for word in words.TOKEN.findall(one)]
    assert numbered.counts.tolist() == [len(words.TOKEN.findall(one)) for one in texts]
    order = list(dict.fromkeys(found))
    assert numbered.ids.tolist() == [order.index(word) for word in found]
    assert numbered.first.tolist() == [found.index(word) for word in order]


def test_many_distinct_words(both):
    text = " ".join(f"w{number}" for number in range(10_000))
    numbered = both(words.number, text, *joined([text])[1:])
    assert numbered.ids.tolist() == list(range(10_000))


def test_a_text_outside_the_text_is_refused():
    with pytest.raises(ValueError, match="range"):
        words.number("abc", np.array([0], np.int64), np.array([4], np.int64))
