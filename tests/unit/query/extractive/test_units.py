import pytest

from graphrag_lite.query.extractive.units import first_cell, units


def quoted(text):
    return [text[start:end] for start, end in units(text)]


@pytest.mark.parametrize("indent", ["       ", "\t     ", "  "])
def test_what_an_entry_of_a_list_explains_is_quoted_with_it(indent):
    text = f"LampInterval\n{indent}Sets the seconds.  The default is 0.\n\n--oil NUMBER\n{indent}Litres of oil."
    assert quoted(text) == [
        f"LampInterval\n{indent}Sets the seconds.",
        "The default is 0.",
        f"--oil NUMBER\n{indent}Litres of oil.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "EXIT STATUS\n       The status is 0.",  # a heading
        "Lamps are lit at night.\n    The oil is dear.",
        "Lamp Works\nThe oil is dear.",  # not indented
        "Lamp options\n    --strip NUMBER\n        Strip that many.",
    ],
)
def test_other_lines_stand_alone(text):
    assert len(quoted(text)) == 2


@pytest.mark.parametrize(
    "line",
    [
        "[![Python 3.9](https://img.test/py.svg)](https://pypi.test/lamp)",
        "![logo](https://img.test/logo.png)",
        '<p align="center"><a href="https://pypi.test/lamp"><img alt="Versions" src="x.svg" /></a></p>',
    ],
)
def test_badges_and_logos_are_not_quoted(line):
    text = f"{line}\n\nThe lamp is lit."
    assert [text[slice(*span)] for span in units(text)] == ["The lamp is lit."]


@pytest.mark.parametrize("line", ["### 3.1. The lamp is out. What now?", "| Lit at dusk. Out at dawn. | Ned |"])
def test_a_heading_or_a_row_of_several_sentences_is_one(line):
    assert quoted(f"{line}\n\nTrim the wick. Fill the lamp.") == [line, "Trim the wick.", "Fill the lamp."]


@pytest.mark.parametrize(
    ("text", "cell"),
    [("| **Wicks** | 3 |", "Wicks"), ("Part: Wicks; Price: 3", "Wicks"), ("Ned trims wicks.", ""), ("Part: Wicks", "")],
)
def test_a_row_is_named_by_its_first_cell(text, cell):
    assert first_cell(text) == cell
