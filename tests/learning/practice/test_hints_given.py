"""Which hint comes next after answers and further questions."""

from chainrule.learning.practice.hints_given import HintsGiven

FIRST, OTHER = ("a", "b", "c"), ("d", "b", "c")


def test_each_hint_says_more_and_the_last_is_repeated() -> None:
    given = HintsGiven[str]()
    assert [given.next(FIRST) for _ in range(4)] == ["a", "b", "c", "c"]
    assert given.most == 3


def test_two_marks_ask_for_the_second() -> None:
    given = HintsGiven[str]()
    assert given.next(FIRST, 2) == "b"
    assert given.next(FIRST, 2) == "c"


def test_hints_that_an_answer_changes_begin_anew() -> None:
    given = HintsGiven[str]()
    given.next(FIRST, 2)
    given.answered()
    assert [given.next(OTHER), given.next(OTHER)] == ["d", "b"]
    assert given.most == 2


def test_hints_that_are_the_same_go_on_until_all_were_told() -> None:
    given = HintsGiven[str]()
    given.next(FIRST)
    given.answered()
    assert [given.next(FIRST), given.next(FIRST)] == ["b", "c"]
    given.answered()
    assert given.next(FIRST) == "a"
