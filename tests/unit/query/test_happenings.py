import pytest

from graphrag_lite.query.happenings import is_entry, tells_happening_in_chinese


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ('Willy Quill ("Little Will"), a drummer, youngest son of Old Quill.', True),
        ("Joan Lark, a dealer in stolen goods.", True),
        ("Mr. Lark, a kind-hearted old dealer.", True),
        ("Master of the Tides, a spirit which shows what may come.", True),
        ("Joan Lark, a dealer, was robbed.", False),
        ("Joan Lark, a dealer, weeps.", False),
        ("Joan Lark, a dealer. Studied law.", False),
        ("Little Will was drowned at the ford.", False),
        ("Snow fell.", False),
    ],
)
def test_an_entry_of_a_list_has_no_verb(line, is_one):
    assert is_entry(line) == is_one


def test_an_entry_of_a_list_in_chinese_tells_no_happening():
    assert not tells_happening_in_chinese("小威，老白的小儿子，鼓手。")
    assert tells_happening_in_chinese("小威在渡口淹死了。")


def test_an_entry_of_a_list_may_begin_with_an_article():
    assert is_entry("Fan, the sister of Ned.")
