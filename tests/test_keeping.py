"""Kept answers: made once, and no circle."""

from __future__ import annotations

import gc

import pytest

from searchkit.keeping import Latest, kept


class Owner:
    def __init__(self, maxsize=None):
        self.asked = []
        self.double = kept(self._double, maxsize)

    def _double(self, number):
        self.asked.append(number)
        return 2 * number


def test_an_answer_is_made_once():
    owner = Owner()
    assert [owner.double(number) for number in (1, 2, 1)] == [2, 4, 2]
    assert owner.asked == [1, 2]


def test_the_oldest_answer_goes():
    owner = Owner(maxsize=1)
    assert [owner.double(number) for number in (1, 2, 1)] == [2, 4, 2]
    assert owner.asked == [1, 2, 1]


def test_an_object_goes_with_its_last_reference():
    gc.disable()
    try:
        owner = Owner()
        double = owner.double
        assert double(1) == 2
        del owner
        assert double(1) == 2  # which was kept
        with pytest.raises(ReferenceError, match="_double is gone"):
            double(2)
    finally:
        gc.enable()


def test_the_latest_answers_are_kept():
    latest = Latest(2)
    assert latest.get("a") is None
    assert latest.keep("a", 1) == 1
    latest.keep("b", 2)
    assert latest.get("a") == 1
    latest.keep("c", 3)
    assert [latest.get(asked) for asked in "abc"] == [1, None, 3]
    assert latest.last() == 3
    assert latest.get_all("cab") == {"c": 3, "a": 1}
    assert latest.last() == 1
    assert Latest(1).last() is None
