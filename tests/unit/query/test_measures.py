import pytest

from graphrag_lite.query.measures import gives_age


@pytest.mark.parametrize(
    ("text", "is_given"),
    [
        ("Ada, who is 46, left.", True),
        ("Ada was forty-six years old.", True),
        ("Ada (46) left.", True),
        ("Ada is seventeen.", True),
        ("Ada Quill, aged 12, and Ned", True),
        ("Ada was born in Port Selby in 1949.", True),
        ("the 46-year-old", True),
        ("The old gentleman was two inches taller than Ada.", False),
        ("Ada was 3 metres behind.", False),
    ],
)
def test_an_age_is_told_in_many_ways(text: str, is_given: bool) -> None:
    assert gives_age("How old is Ada?", text) is is_given
    assert gives_age("How tall is Ada?", text)
