import random

import pytest

from graphrag_lite.index import chunk as chunk_module
from graphrag_lite.index.chunk import chunk_document
from graphrag_lite.records import Chunk, Document
from graphrag_lite.settings import ChunkSettings
from graphrag_lite.text.tokens import estimate_tokens

SENTENCE = "The keeper of the lighthouse mended the lamp before the storm came in from the sea. "


def chunks_of(text: str, max_tokens: int = 60, **fields: object) -> list[Chunk]:
    return list(chunk_document(Document(text, id="d", **fields), ChunkSettings(max_tokens=max_tokens)))  # type: ignore[arg-type]


def check(text: str, chunks: list[Chunk], max_tokens: int) -> None:
    position = 0
    for ordinal, chunk in enumerate(chunks):
        assert chunk.ordinal == ordinal
        assert text[chunk.start : chunk.end] == chunk.text == chunk.text.strip() != ""
        assert not text[position : chunk.start].strip()
        assert estimate_tokens(chunk.text) <= max_tokens * (1.15 if len(chunks) == 1 else 1)
        position = chunk.end
    assert not text[position:].strip()
    assert len({chunk.id for chunk in chunks}) == len(chunks)


AWKWARD = {
    "empty": "",
    "white space": " \n\t \n" * 50,
    "one long word": "x" * 20_000,
    "cjk without marks": "灯塔守护人" * 2000,
    "cjk sentences": "灯塔守护人修好了灯。暴风雨来了！\n" * 300,
    "emoji": "👩‍👩‍👧‍👦👍🏽🇫🇷" * 900,
    "combining": "e\u0301a\u0308" * 3000,
    "crlf": ("A line of text that goes on.\r\nAnother one.\r\n\r\n") * 100,
    "rules": "---\n\n***\n\n===\n\n" * 100,
    "headings only": "# A\n\n## B\n\n### C\n\n" * 80,
    "rows": "a,b,1\n" * 3000,
    "mixed density": ("灯塔守护人" * 20 + "abcd efgh " * 50) * 20,
    "half surrogates": "text \ud800 more " * 500,
    "open fence": "```python\n# no heading\n" + "x = 1\n" * 500,
}


@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD.keys())
@pytest.mark.parametrize("max_tokens", [20, 300])
def test_awkward_text_is_covered_exactly(text: str, max_tokens: int) -> None:
    check(text, chunks_of(text, max_tokens), max_tokens)


def test_random_text_is_covered_exactly() -> None:
    rng = random.Random(5)
    pieces = [
        "word ",
        "Mr. Smith ",
        "end. ",
        "\n",
        "\n\n",
        "# Head\n",
        "- item\n",
        "灯塔。",
        "\u3000",
        "e\u0301",
        "```\n",
        "|a|b|\n",
        "😀",
    ]
    for _ in range(150):
        text = "".join(rng.choice(pieces) for _ in range(rng.randrange(400)))
        check(text, chunks_of(text, 20), 20)


def test_windows_do_not_lose_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunk_module, "WINDOW", 2000)
    text = "# Part\n\n" + (SENTENCE * 4 + "\n\n") * 60
    chunks = chunks_of(text)
    check(text, chunks, 60)
    assert {chunk.headings for chunk in chunks} == {"Part"}


def test_short_document_is_one_chunk_even_slightly_over_the_limit() -> None:
    text = "## One\n\n" + "ab " * 60 + "\n\n## Two\n\n" + "cd " * 20
    assert 60 < estimate_tokens(text) < 69
    assert len(chunks_of(text)) == 1


def test_no_tiny_tail() -> None:
    sizes = [estimate_tokens(chunk.text) for chunk in chunks_of(SENTENCE * 10, 60)]
    assert min(sizes) * 2 >= max(sizes)


def test_heading_stays_with_its_text_and_gives_the_path() -> None:
    text = f"# Harbour\n\n{SENTENCE * 2}\n\n## Lamp\n\n{SENTENCE * 2}\n\n## Oil `x`\n\n{SENTENCE * 2}"
    chunks = chunks_of(text)
    assert [chunk.headings for chunk in chunks] == ["Harbour", "Harbour > Lamp", "Harbour > Oil x"]
    assert all(chunk.text.startswith("#") for chunk in chunks)


@pytest.mark.parametrize("heading", ["CHAPTER IV", "第三章 灯塔", "Stave Two", "The Lamp\n========"])
def test_plain_headings_are_seen(heading: str) -> None:
    text = f"{SENTENCE * 3}\n\n{heading}\n\n{SENTENCE * 3}"
    assert chunks_of(text)[-1].headings == heading.partition("\n")[0]


@pytest.mark.parametrize(
    "line", ["Part of the cost was paid by the town, said the keeper.", "#hashtag", "    # indented code"]
)
def test_other_lines_are_no_headings(line: str) -> None:
    text = f"{SENTENCE * 3}\n\n{line}\n\n{SENTENCE * 3}"
    assert {chunk.headings for chunk in chunks_of(text)} == {""}


def test_code_comments_are_no_headings() -> None:
    text = f"# Real\n\n```sh\n# comment\n\nrun\n```\n\n{SENTENCE * 6}"
    assert {chunk.headings for chunk in chunks_of(text)} == {"Real"}


def test_sentences_stay_whole() -> None:
    chunks = chunks_of("Mr. Scrooge said no to Dr. Who. " * 40)
    assert all(chunk.text.endswith("Who.") for chunk in chunks)


def test_page_is_that_of_the_first_character() -> None:
    first, second = SENTENCE * 2, SENTENCE * 2
    text = first + "\n\n" + second
    assert [c.page for c in chunks_of(text, pages=(0, len(first) + 2))] == [1, 2]
    assert [c.page for c in chunks_of(text)] == [None, None]


def test_ids_depend_on_document_place_and_text() -> None:
    one, again = chunks_of(SENTENCE * 9), chunks_of(SENTENCE * 9)
    other = list(chunk_document(Document(SENTENCE * 9, id="e"), ChunkSettings(max_tokens=60)))
    assert [c.id for c in one] == [c.id for c in again]
    assert not {c.id for c in one} & {c.id for c in other}
    assert [c.text_hash for c in one] == [c.text_hash for c in other]


@pytest.mark.parametrize("end", ["", "."], ids=["lines", "sentences"])
def test_a_line_put_in_leaves_the_borders_far_from_it(end: str) -> None:
    rng = random.Random(7)
    lines = [f"[2026-01-{n % 28 + 1:02d} 10:{n % 60:02d}] {'lamp ' * rng.randint(6, 12)}{n}{end}" for n in range(4000)]
    known = {chunk.text for chunk in chunks_of("\n".join(lines), 300)}
    for at in range(0, 4000, 800):
        chunks = chunks_of("\n".join([*lines[:at], f"[2026-02-01 10:00] one more line{end}", *lines[at:]]), 300)
        assert sum(chunk.text not in known for chunk in chunks) < len(known) / 8
        assert all(chunk.text.startswith("[2026-0") for chunk in chunks)
