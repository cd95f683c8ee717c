"""Files on disk, in formats that the standard library can write, through `discover` and `read_source`."""

import os
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from graphrag_lite.errors import InputError, NotFoundError
from graphrag_lite.index.discover import describe_skipped, discover
from graphrag_lite.index.load import file_hash, read_source
from graphrag_lite.records import Document, Failure
from graphrag_lite.settings import LoadSettings

DOCX = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    "<w:p><w:r><w:t>Mira mended the lamp.</w:t></w:r></w:p></w:body></w:document>"
)
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def write_docx(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("word/document.xml", DOCX)


def write_pdf(path: Path, pages: list[str]) -> None:
    """A page without text shows an image."""
    kids = " ".join(f"{3 + 2 * i} 0 R" for i in range(len(pages)))
    font, image = 3 + 2 * len(pages), 4 + 2 * len(pages)
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>"]
    for i, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET" if text else "q 500 0 0 700 50 50 cm /I1 Do Q"
        used = f"Font<</F1 {font} 0 R>>" if text else f"XObject<</I1 {image} 0 R>>"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {4 + 2 * i} 0 R/Resources<</{used}>>>>"
        )
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    objects.append("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    objects.append(
        "<</Type/XObject/Subtype/Image/Width 64/Height 64/BitsPerComponent 8/ColorSpace/DeviceGray/Length 4096>>"
        f"stream\n{'x' * 4096}\nendstream"
    )
    data, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj{body}endobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    data += f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R>>\n".encode()
    path.write_bytes(data + f"startxref\n{data.index(b'xref')}\n%%EOF".encode())


def read(path: Path, **settings: object) -> list[Document]:
    chosen = LoadSettings.model_validate(settings)
    [file] = discover([path], chosen)
    return [item for item in read_source(file, chosen) if isinstance(item, Document)]


def names(root: Path, *sources: object, **settings: object) -> list[str]:
    chosen = LoadSettings.model_validate(settings)
    return [f.path.relative_to(root).as_posix() for f in discover(list(sources) or [root], chosen)]  # type: ignore[arg-type]


def test_directory_is_listed_in_order_without_hidden_and_binary_files(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.txt", ".git/x.txt", "a/c.py", "kb/grl.toml", "kb/lancedb/t.txt", "kb/n.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text")
    (tmp_path / "p.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    skipped: Counter[str] = Counter()
    found = [f.path.relative_to(tmp_path).as_posix() for f in discover([tmp_path], LoadSettings(), skipped)]
    assert found == ["a/c.py", "a/z.txt", "b.md", "kb/n.txt"]
    assert describe_skipped(skipped) == "1 file without text skipped: .png (1)"
    assert names(tmp_path, include=["*.txt"], exclude=["kb"]) == ["a/z.txt"]
    assert names(tmp_path, include=["a/*"], exclude=["**/c.*"]) == ["a/z.txt"]
    assert names(tmp_path, str(tmp_path / "**/*.txt"), tmp_path / "b.md") == ["a/z.txt", "kb/n.txt", "b.md"]
    assert ".git/x.txt" in names(tmp_path, hidden=True)


def test_missing_source_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such file"):
        names(tmp_path, tmp_path / "no")
    with pytest.raises(InputError, match="matches no file"):
        names(tmp_path, str(tmp_path / "*.md"))


def test_pdf_pages_begin_where_the_map_says(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", ["First page.", "Second page."])
    [document] = read(tmp_path / "a.pdf")
    assert [document.text[start:].split()[0] for start in document.pages] == ["First", "Second"]


def test_pages_of_a_pdf_that_are_images_are_listed_where_they_are_many(tmp_path: Path) -> None:
    def listed(*pages: str) -> list[str]:
        write_pdf(tmp_path / "a.pdf", list(pages))
        [file] = discover([tmp_path / "a.pdf"], LoadSettings())
        document, *failures = read_source(file, LoadSettings())
        assert isinstance(document, Document)
        return [failure.reason for failure in failures if isinstance(failure, Failure)]

    text = "Mira mended the lamp."
    assert listed(text, text, text, text, "") == []  # a plate
    assert listed(text, " ", " ") == []  # blank pages
    (reason,) = listed(text, "", "", text, "")
    assert "pages 2 to 3, 5" in reason
    assert "OCR" in reason


def test_a_name_that_is_no_utf_8_is_written_so_that_it_can_be_stored(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    with open(name, "w", encoding="utf-8") as stream:
        stream.write("Mira mended the lamp.")
    [file] = discover([tmp_path], LoadSettings())
    assert file.source == f"{tmp_path.as_posix()}/caf\\xe9.txt"
    assert [d.text for d in read_source(file, LoadSettings()) if isinstance(d, Document)] == ["Mira mended the lamp."]
    os.unlink(name)
    with pytest.raises(InputError) as error:
        file_hash(file.path, LoadSettings())
    str(error.value).encode()


def test_first_bytes_overrule_the_name(tmp_path: Path) -> None:
    write_docx(tmp_path / "a.txt")
    write_pdf(tmp_path / "b.docx", ["Second page."])
    assert read(tmp_path / "a.txt")[0].text == "Mira mended the lamp."
    assert read(tmp_path / "b.docx")[0].text == "Second page."


@pytest.mark.parametrize("kind", ["truncated.pdf", "truncated.docx", "no.pdf", "old.doc", "arch.zip", "folder.txt"])
def test_bad_files_say_why(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "truncated.pdf":
        write_pdf(path, ["Text"])
        path.write_bytes(path.read_bytes()[:60])
    elif kind == "truncated.docx":
        write_docx(path)
        path.write_bytes(path.read_bytes()[:200])
    elif kind == "arch.zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x", "y")
    elif kind == "folder.txt":
        path.symlink_to(path)
    else:
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 if kind == "old.doc" else b"just text")
    with pytest.raises(InputError, match=rf"{kind}: .+\. \w+"):
        read(path)


def test_folder_loop_is_reported_and_the_rest_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").write_text("text")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert names(tmp_path) == ["a/up", "a/x.txt"]
    with pytest.raises(InputError, match="symbolic link to a folder"):
        list(read_source(next(discover([tmp_path], LoadSettings())), LoadSettings()))


def test_size_limit_and_pipes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x" * 2000)
    with pytest.raises(InputError, match="max_file_mb"):
        read(tmp_path / "a.txt", max_file_mb=0.001)
    os.mkfifo(tmp_path / "p.txt")
    with pytest.raises(InputError, match="not a regular file"):
        read(tmp_path / "p.txt")
    with pytest.raises(InputError, match="not a regular file"):
        file_hash(tmp_path / "p.txt", LoadSettings())


def test_a_file_over_the_limit_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "sparse.txt").open("wb") as file:
        file.truncate(3_000_000_000)  # takes no room on the disk, and seconds to read
    with pytest.raises(InputError, match="max_file_mb"):
        file_hash(tmp_path / "sparse.txt", LoadSettings())


def test_jsonl_streams_and_tolerates_a_mark(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes('\ufeff{"text": "灯塔"}\n{"text": "b"}\n'.encode())
    assert [document.text for document in read(tmp_path / "a.jsonl")] == ["灯塔", "b"]


def test_file_hash_follows_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").write_text("x")
    assert file_hash(tmp_path / "a", LoadSettings()) == file_hash(tmp_path / "b", LoadSettings())
    with pytest.raises(InputError):
        file_hash(tmp_path / "c", LoadSettings())
