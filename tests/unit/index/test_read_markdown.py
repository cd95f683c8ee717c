import pytest

from graphrag_lite.index.read_markdown import read_markdown

TABLE = (
    '<table><thead><tr><th width="205">Point</th><th>Notes</th></tr></thead><tbody><tr><td>Quorum</td>'
    "<td><p>Ned asked.</p><p>It was passed.</p></td></tr></tbody></table>"
)


def test_a_table_of_html_reads_as_that_of_a_page_does():
    found = read_markdown(f"## Agenda\n\n{TABLE}\n\nThe end.")
    assert "<" not in found
    assert "\nPoint: Quorum; Notes: Ned asked. It was passed.\n" in found
    assert found.startswith("## Agenda\n")
    assert found.endswith("\n\nThe end.")


@pytest.mark.parametrize(
    "text",
    ["Ned said <b>so</b>.", f"```html\n{TABLE}\n```", f"Write `{TABLE}` for it.", "<table>\n<table></table></table>"],
    ids=["none", "code", "in a line", "nested"],
)
def test_other_text_stays_as_it_is(text):
    assert read_markdown(text) == text
