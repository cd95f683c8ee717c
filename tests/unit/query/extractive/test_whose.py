import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.whose import is_of_another


@pytest.mark.parametrize(
    ("sentence", "is_other"),
    [
        ("Ada found a place for Master Ned, which would bring five crowns.", True),
        ("After ten days Ada found a place for Ned, which would bring five crowns.", True),
        ("Ada had but fifteen crowns a week.", False),
        ("Ned told us that Ada had but fifteen crowns a week.", False),
        ("Ada earns in Port Selby fifteen crowns a week.", False),
        ("Fifteen crowns are what Ada earns.", False),
        ("Ned earns fifteen crowns.", False),
        ("Ada gives Ned a place.", False),
    ],
)
def test_a_value_behind_another_name_is_of_another(sentence, is_other):
    assert is_of_another(read_question("How much does Ada earn a week?"), sentence) == is_other
