import pytest

from graphrag_lite.errors import InputError
from graphrag_lite.index.clean import clean_document, original_offset
from graphrag_lite.index.decode import decode
from graphrag_lite.index.load import read_bytes
from graphrag_lite.records import Document
from graphrag_lite.settings import CleanSettings, LoadSettings


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "L’été à Brest"),
        ("utf-8-sig", "L’été à Brest"),
        ("utf-16", "灯塔 lamp"),
        ("utf-16-le", "Hello lamp 灯"),
        ("gbk", "灯塔守护人在港口修好了那盏灯。"),
        ("big5", "燈塔守護人在港口修好了那盞燈。"),
        ("shift_jis", "灯台守は港でランプを修理しました。"),
        ("euc_jp", "灯台守は港でランプを修理しました。" * 20),
        ("euc_kr", "등대지기는 항구에서 등불을 고쳤다."),
        ("cp1251", "Смотритель маяка починил лампу в гавани."),
        ("cp1252", "L’été dernier, la gardienne a réparé la lampe du phare à Brest, où elle était née."),
        ("cp1252", "Die Wärterin öffnete die Tür über dem Straßenrand."),
    ],
)
def test_encoding_is_detected(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_broken_byte_does_not_change_the_encoding() -> None:
    assert decode("été ".encode() * 20 + b"\xff") == "été " * 20 + "\ufffd"


@pytest.mark.parametrize(
    "data",
    [
        b"The lamp\x00 was mended.",
        b"The lamp was mended.\x00",
        b"a \x00lamp\x1a\x07",
        ("灯塔守护人在港口修好了那盏灯。" * 9 + "\x00").encode() * 9,
    ],
    ids=["one zero", "at the end", "a few controls", "Chinese"],
)
def test_stray_control_bytes_do_not_make_a_text_binary(data: bytes) -> None:
    assert decode(data) == data.decode()


def test_zeros_are_dropped_and_offsets_lead_back() -> None:
    [document] = read_bytes(b"The\x00 lamp\x00\x00 was mended.", "a.txt", LoadSettings())
    assert isinstance(document, Document)
    cleaned = clean_document(document, CleanSettings())
    assert cleaned.text == "The lamp was mended."
    at = original_offset(cleaned.offset_map, cleaned.text.index("mended"))
    assert document.text[at:] == "mended."


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_zeros_between_records_are_dropped(name: str) -> None:
    [document] = read_bytes(b'\x00{"text": "The lamp"}\n', name, LoadSettings())
    assert isinstance(document, Document)
    assert document.text == "The lamp"


@pytest.mark.parametrize("data", [b"abc\x00\x01\x02" * 50, bytes(range(1, 32)) * 9], ids=["zeros", "controls"])
def test_binary_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="not text"):
        decode(data)


def test_a_given_encoding_is_strict() -> None:
    assert decode("é".encode("cp1252"), "cp1252") == "é"
    with pytest.raises(InputError, match=r"load\.encoding"):
        decode(b"\xff", "utf-8")
    with pytest.raises(InputError, match="unknown"):
        decode(b"a", "no-such")


def read(text: str, name: str) -> Document:
    [document] = read_bytes(text.encode(), name, LoadSettings())
    assert isinstance(document, Document)
    return document


def test_front_matter_is_metadata() -> None:
    document = read('---\ntitle: "The Lamp: a tale"\ndate: 2024-03-01\n---\n\n# Other\n\nText\n', "a.md")
    assert (document.title, document.metadata) == ("The Lamp: a tale", {"date": "2024-03-01"})
    assert document.text == "# Other\n\nText\n"


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("a.md", "Intro\n\n## The **Big** [Lamp](x.md)\n\nText", "The Big Lamp"),
        ("a.md", "The Lamp\n========\n\nText", "The Lamp"),
        ("a.md", "---\nno mapping\n---\n\nText", ""),
        ("a.txt", "# The Lamp\nText", "The Lamp"),
        ("a.txt", "Text\n\n# comment\nText", ""),
    ],
)
def test_title_is_the_first_heading(name: str, text: str, title: str) -> None:
    assert read(text, name).title == title


@pytest.mark.parametrize("data", [b"", b" \n"], ids=["empty", "white space"])
def test_empty_files_are_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"a\.txt: is empty"):
        list(read_bytes(data, "a.txt", LoadSettings()))


def test_a_table_of_html_is_read_in_markdown_and_kept_in_plain_text() -> None:
    table = "<table><tr><th>Lamp</th><th>Oil</th></tr><tr><td>Aurora</td><td>3</td></tr></table>"
    assert read(table, "a.md").text.strip() == "Lamp: Aurora; Oil: 3"
    assert read(table, "a.txt").text.strip() == table
