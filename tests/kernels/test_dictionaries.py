"""Dictionaries put together, against sets."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from searchkit.kernels import dictionaries

STRINGS = st.sets(st.one_of(st.binary(max_size=3), st.sampled_from([b"a", b"ab", b"abc", b"b", b"\xff"])))


def packed(strings):
    some = sorted(strings)
    return np.frombuffer(b"".join(some), np.uint8), np.cumsum([0, *map(len, some)], dtype=np.int64)


def strings(data, offsets):
    return [data[low:high].tobytes() for low, high in pairwise(offsets.tolist())]


@given(st.lists(STRINGS, max_size=5))
def test_the_union_is_that_of_sets(both, some):
    united = both(dictionaries.union, [packed(one) for one in some])
    every = sorted(set().union(*some))
    assert strings(united.data, united.offsets) == every
    assert [[every[i] for i in numbers] for numbers in united.numbers] == [sorted(one) for one in some]


@given(STRINGS, st.data())
def test_strings_are_cut_out_in_the_order_chosen(both, some, data):
    chosen = data.draw(st.lists(st.integers(0, len(some) - 1), max_size=6)) if some else []
    raw, offsets = packed(some)
    cut = both(dictionaries.cut, raw, offsets[:-1].copy(), offsets[1:].copy(), np.array(chosen, np.int64))
    assert strings(*cut) == [sorted(some)[i] for i in chosen]


@given(st.lists(st.one_of(st.binary(max_size=10), st.binary(max_size=3).map(b"eight by".__add__))))
def test_the_order_is_that_of_bytes(both, some):
    ends = np.cumsum([0, *map(len, some)], dtype=np.int64)
    order = both(dictionaries.order, np.frombuffer(b"".join(some), np.uint8), ends[:-1].copy(), ends[1:].copy())
    assert order.tolist() == sorted(range(len(some)), key=some.__getitem__)
