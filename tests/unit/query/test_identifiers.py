import pytest

from graphrag_lite.query.identifiers import has_identifiers_of, is_other_identifier


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INSTALL_PREFIX is a path.", True),
        ("See `INSTALL_PREFIX`.", True),
        ("${INSTALL_PREFIX}/bin", True),
        ("INSTALL_PREFIX_DEFAULT is true.", False),
        ("MY_INSTALL_PREFIX is a path.", False),
        ("The install prefix is a path.", False),
    ],
)
def test_a_name_of_code_is_said_whole(text, expected):
    assert has_identifiers_of("What is the default of INSTALL_PREFIX?", text) is expected


def test_a_question_without_names_of_code_asks_for_none():
    assert has_identifiers_of("What is the prefix?", "Anything.")


@pytest.mark.parametrize(
    ("heading", "is_other"),
    [
        ("find_package", False),
        ("`find_package()`", False),
        ("find_package_handle", True),
        ("find_library", True),
        ("Finding packages", False),
        ("", False),
    ],
)
def test_a_heading_may_be_the_name_of_other_code(heading, is_other):
    assert is_other_identifier("What does find_package() do?", heading) is is_other
