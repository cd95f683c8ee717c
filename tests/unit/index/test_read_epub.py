import io
import zipfile

import pytest

from graphrag_lite.errors import InputError
from graphrag_lite.index.load import read_bytes
from graphrag_lite.index.read_epub import read_epub
from graphrag_lite.records import Document
from graphrag_lite.settings import LoadSettings

CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>
<dc:title>The Lamp</dc:title><dc:creator>Mira Pell</dc:creator><dc:creator>Bo Kim</dc:creator>
<dc:language>en</dc:language><dc:date>1912</dc:date></metadata><manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="b" href="b%20two.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>
<item id="gone" href="gone.xhtml" media-type="application/xhtml+xml"/>
<item id="cover" href="cover.svg" media-type="image/svg+xml"/></manifest>
<spine><itemref idref="nav"/><itemref idref="cover"/><itemref idref="a"/><itemref idref="b"/><itemref idref="gone"/>
</spine></package>"""
FIRST = """<?xml version="1.0"?><html><head><title>x</title></head><body><section><header><h1>One</h1></header>
<p>Mira lit it.</p><blockquote><p>Let it burn.</p></blockquote>
<dl><dt>Lamp</dt><dd>A thing that <i>burns</i>.</dd></dl><aside><p>1. In 1862.</p></aside></section></body></html>"""
SECOND = "<html><body><h1>二</h1><p>灯塔。</p></body></html>"


def book(**files: str) -> bytes:
    parts = {"META-INF/container.xml": CONTAINER, "OPS/book.opf": PACKAGE, "OPS/nav.xhtml": "<p>Contents</p>"}
    parts |= {"OPS/a.xhtml": FIRST, "OPS/b two.xhtml": SECOND} | files
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def test_pages_come_in_reading_order_with_lists_quotations_and_notes() -> None:
    text, _ = read_epub(book())
    assert text == (
        "# One\n\nMira lit it.\n\nLet it burn.\n\nLamp\n\nA thing that burns.\n\n1. In 1862.\n\n# 二\n\n灯塔。"
    )


def test_metadata_become_title_and_authors() -> None:
    [document] = read_bytes(book(), "lamp.epub", LoadSettings())
    assert isinstance(document, Document)
    assert document.title == "The Lamp"
    assert document.metadata == {"authors": ["Mira Pell", "Bo Kim"], "created": "1912", "language": "en"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (book()[:300], "damaged or cut short"),
        (book(**{"OPS/book.opf": "<package>"}), "damaged or cut short"),
        (book(**{"META-INF/container.xml": "<container/>"}), "damaged or cut short"),
        (book(**{"META-INF/encryption.xml": '<e><CipherReference URI="OPS/a.xhtml"/></e>'}), "copy protection"),
    ],
    ids=["cut", "no package", "no rootfile", "protected"],
)
def test_book_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read_epub(data)


def test_encrypted_fonts_do_not_matter() -> None:
    text, _ = read_epub(book(**{"META-INF/encryption.xml": '<e><CipherReference URI="OPS/f.otf"/></e>'}))
    assert "Mira lit it." in text
