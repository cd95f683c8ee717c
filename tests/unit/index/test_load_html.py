import pytest

from graphrag_lite.index.read_html import declared_encoding, read_html
from graphrag_lite.index.render import Table, render_table

PAGE = """<!doctype html><html><head><title>Lamp &amp; Sea</title><meta name="author" content="Ann">
<style>x</style><script>alert(1)</script></head><body><nav><a href="/">Home</a></nav><header>Site</header>
<main><article><header><h1>The   lamp</h1></header><p>Mira <b>mended</b> <a href="u">it</a>, 5 * 3.<br>Next</p>
<blockquote>Quoted</blockquote><ul><li>a<li>b</ul><dl><dt>Term</dt><dd>Meaning</dd></dl><pre>x
  y</pre><table><tr><th>Ship</th><th>Built</th><th>By</th></tr><tr><td>Aurora</td><td>1912</td><td></td></tr></table>
</article></main><footer>Copyright</footer></body></html>"""


def test_page_keeps_what_was_written_and_drops_the_frame() -> None:
    text, title, metadata = read_html(PAGE)
    assert title == "Lamp & Sea"
    assert metadata == {"author": "Ann"}
    assert text == (
        "# The lamp\n\nMira mended it, 5 * 3.\nNext\n\nQuoted\n\n- a\n- b\n\nTerm\n\nMeaning\n\nx\n  y\n\n"
        "Ship: Aurora; Built: 1912"
    )


@pytest.mark.parametrize(
    "markup", ["<p>a<p>b", "<head><title>t</title><body>a<p>b", "a<div>b", "<nav>x<p>y</nav>a<p>b"], ids=range(4)
)
def test_broken_markup_loses_nothing(markup: str) -> None:
    assert read_html(markup)[0] == "a\n\nb"


def test_a_frame_that_no_tag_tells_is_dropped_where_the_page_marks_its_main_part() -> None:
    page = "<body><div><h2>Shortcuts</h2><ul><li>Press S to search</ul></div><main><ul><li>a</ul>{}</main><p>z</body>"
    text = "<h1>Yank</h1><p>The yank command removes a version of a crate from the index of the registry."
    assert read_html(page.format(text))[0].startswith("- a\n\n# Yank\n\nThe yank")
    assert read_html(page.format(text))[0].endswith("registry.")
    assert "Shortcuts" in read_html(page.format(""))[0]
    assert read_html("<main><p>a" + text)[0].startswith("a\n\n# Yank")


def test_a_comment_in_code_is_no_heading() -> None:
    assert read_html("<p>a</p><pre># b\nc = 1</pre><p>d")[0] == "a\n\n    # b\n    c = 1\n\nd"


def test_declared_encoding() -> None:
    assert declared_encoding(b'<meta http-equiv="x" content="text/html; charset=gb2312">') == "gb2312"


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([["Born", "1912"], ["Died", "1950"]], "Born: 1912\nDied: 1950"),
        ([["A", "B", "C"], ["1", "", "3"]], "A: 1; C: 3"),
        ([["1", "2", "3"], ["4", "5", "6"]], "1; 2; 3\n4; 5; 6"),
        ([["a note"]], "a note"),
        ([[""]], ""),
    ],
)
def test_tables_read_as_lines(rows: list[list[str]], text: str) -> None:
    assert render_table(Table(rows, False)) == text
