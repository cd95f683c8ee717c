from __future__ import annotations

import random
import time
from collections.abc import Sequence

import pytest

from graphrag_lite.query.by_model.marker_forms import defused
from graphrag_lite.query.by_model.markers import Numbering, renumber


@pytest.mark.parametrize(
    ("text", "expected", "sources"),
    [
        ("A [2]. B [1].", "A [1]. B [2].", (1, 0)),
        ("A [1, 3].", "A [1][2].", (0, 2)),
        ("A [1-3].", "A [1][2][3].", (0, 1, 2)),
        ("A [^2].", "A [1].", (1,)),
        ("甲【2】。乙【1†source】。", "甲[1]。乙[2]。", (1, 0)),
        ("A [3][3].", "A [1].", (2,)),
        ("see [note]", "see [note]", ()),
        ("甲［1］［2］。乙[3；1]。", "甲[1][2]。乙[3][1]。", (0, 1, 2)),
        ("甲[1～3]。乙[2至3]。", "甲[1][2][3]。乙[2][3]。", (0, 1, 2)),
        ("甲[段落2]。乙[第1段]。", "甲[1]。乙[2]。", (1, 0)),
        ("A [passage 1]. B [1 and 3]. C [passages 1, 2, and 3].", "A [1]. B [1][2]. C [1][3][2].", (0, 2, 1)),
        ("由LanceDB[2]存储。", "由LanceDB[1]存储。", (1,)),
        ("It was Pell[3].", "It was Pell[1].", (2,)),
        ("A [citation:1][citation: 3].", "A [1][2].", (0, 2)),
        ("A [Doc 2], [Document 1]. 乙[文档3]。", "A [1][2]. 乙[3]。", (1, 0, 2)),
        ("A [source_2]. B [doc_1, doc_3].", "A [1]. B [2][3].", (1, 0, 2)),
        ("A [#f4a702 2]. B #f4a702 3.", "A [1]. B [2].", (1, 2)),
        ("A [f4a702 2], [f4a702 1; f4a702 3].", "A [1][2][3].", (1, 0, 2)),
        ("A [see 2]. B [see passages 1 and 3]. 乙[见段落2]。", "A [1]. B [2][3]. 乙[1]。", (1, 0, 2)),
        ("A [2: Pump manual]. B [3, p. 4].", "A [1]. B [2].", (1, 2)),
        ("A [[2]]. B [[3]](#3). C [1](#1).", "A [1]. B [2]. C [3].", (1, 2, 0)),
        (r"A \[2\]. 乙〔1〕。", "A [1]. 乙[2]。", (1, 0)),
        ("A ([2], [3]). B (see [1]). 乙（见[2]、[1]）。", "A [1][2]. B [3]. 乙[1][3]。", (1, 2, 0)),
        ("A (passages 2 and 3). B (Passage 1). 乙（段落2）。", "A [1][2]. B [3]. 乙[1]。", (1, 2, 0)),
        ("A **[2]**. B *[3]*. C <sup>[1]</sup>.", "A [1]. B [2]. C [3].", (1, 2, 0)),
        ("A [1]-[3].", "A [1][2][3].", (0, 1, 2)),
        ("Passage 3 says 5, while passages 1 and 2 say 8.", "[1] says 5, while [2][3] say 8.", (2, 0, 1)),
        ("段落3指出如此，见段落1。", "[1]指出如此，见[2]。", (2, 0)),
        ("甲是（来源1）。乙是（片段2、片段3）。丙是（來源：資料1）。", "甲是[1]。乙是[2][3]。丙是[1]。", (0, 1, 2)),
        ("根据片段2，甲是。据来源1记载，乙是^[3]^。", "根据[1]，甲是。据[2]记载，乙是[3]。", (1, 0, 2)),
        ("甲【参考资料1】，乙[编号：2]，丙（参考[3]）。", "甲[1]，乙[2]，丙[3]。", (0, 1, 2)),
    ],
)
def test_markers_are_numbered_in_order(text: str, expected: str, sources: tuple[int, ...]) -> None:
    marked = renumber(text, 3)
    assert (marked.text, marked.sources, marked.dropped) == (expected, sources, 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is ([9]). It is (see [9], [8]).", "It is. It is."),
        ("It is **[9]**. It is <sup>[9]</sup>. It is [[9]].", "It is. It is. It is."),
        ("它是（见[9]）。它是（段落9）。", "它是。它是。"),
        ("According to [9], it is. [1] It was built by [8].", "According to [?], it is. [1] It was built by [?]."),
        ("[9] says so. Both [9] and [1] do.", "[?] says so. Both [?] and [1] do."),
        ("[9]指出，根据[9]，它是。", "[?]指出，根据[?]，它是。"),
        ("It stays [9] as it was. [9] So do I.", "It stays as it was. So do I."),
        ("Passage 9 is none of ours.", "Passage 9 is none of ours."),
    ],
)
def test_a_text_can_be_read_where_markers_went(text: str, expected: str) -> None:
    assert renumber(text, 3).text == expected


@pytest.mark.parametrize(
    ("text", "expected", "sources"),
    [
        ("It is [2].\n\nSources:\n[1] Manual\n[2] Minutes\n", "It is [1].", (1,)),
        (
            "It is [2].\n\n**References**\n\n- [1]: Manual\n- [3] Log\n\nSo it is [3].",
            "It is [1].\n\nSo it is [2].",
            (1, 2),
        ),
        ("它是[1]。\n\n参考资料：\n[1] 手册\n[2] 纪要", "它是[1]。", (0,)),
        ("It is.\n\nSources:\n[2] Manual", "It is.\n\nSources:\n[1] Manual", (1,)),
        (
            "It is [1].\n\n## Sources\n\nFees [1]\nGrants [2]",
            "It is [1].\n\n## Sources\n\nFees [1]\nGrants [2]",
            (0, 1),
        ),
        ("It is [1].\nSources of income are few [2].", "It is [1].\nSources of income are few [2].", (0, 1)),
        ("It is [1].\n\nSources: [1], [2]", "It is [1].\n\nSources: [1][2]", (0, 1)),
    ],
    ids=["list", "middle", "Chinese", "nothing else cites", "heading", "sentence", "line"],
)
def test_a_list_of_sources_below_an_answer_that_cites_is_left_out(
    text: str, expected: str, sources: tuple[int, ...]
) -> None:
    marked = renumber(text, 3)
    assert (marked.text, marked.sources, marked.dropped) == (expected, sources, 0)


def test_unknown_markers_go_and_are_counted() -> None:
    marked = renumber("A [7]. B [1, 9].", 3)
    assert (marked.text, marked.sources, marked.dropped) == ("A. B [1].", (0,), 2)


@pytest.mark.parametrize(
    "text",
    [
        "x = a[0]",
        "Set matrix[1][2] to 3.",
        "rows = table[2]",
        "Call `first[1]`, then see [the list][1] below.",
        "```python\nx = a[1]\n\n    y  = b[2]\n```\nThat is all.",
        "It prints ```a[1]``` and `[2]`.",
        "- one\n    - two\n        - three",
        "Edit the .env file, then open :memory: as ![img] says.",
        "Call f([1, 2]) or np.array([1, 2]) twice.",
        "The area is 12 m<sup>2</sup>, in the interval [0, n] and [1:n], see #1234567 and (No. 2).",
        "共有资料1份、文档2篇，数据来源3处，片段1分钟，见《条例》[第2条]与第3条第1款。",
    ],
    ids=[
        "index",
        "indices",
        "assignment",
        "inline code and link",
        "fenced code",
        "code in a line",
        "nested list",
        "marks after blanks",
        "lists in code",
        "numbers",
        "counted in Chinese",
    ],
)
def test_code_lists_and_dotted_names_stay_as_they_are(text: str) -> None:
    assert renumber(text, 3).text == text


def test_sentences_in_code_cite_nothing() -> None:
    marked = renumber("It was Pell [3].\n\n```\nTaught by Marrow [2]. So he says [9]. Or not [1].\n```\n", 3)
    assert marked.text == "It was Pell [1].\n\n```\nTaught by Marrow [2]. So he says [9]. Or not [1].\n```"
    assert (marked.sources, marked.dropped) == ((2,), 0)


@pytest.mark.parametrize("end", ["\n```", "\n```\n", ""])
def test_a_text_that_is_wrapped_as_a_whole_is_no_code(end: str) -> None:
    marked = renumber(f"```markdown\nIt was Pell [3].\n\nHe built [2].{end}", 3)
    assert (marked.text, marked.sources) == ("It was Pell [1].\n\nHe built [2].", (2, 1))


def test_white_space_goes_only_where_a_marker_went() -> None:
    assert renumber("A  b [9] c [9], d [9]\n\n    e : f [9].", 3).text == "A  b c, d\n\n    e : f."


@pytest.mark.parametrize(
    "text",
    [
        "It was Pell [3][1]. He came from Thorsby [77] [3], and so on [2].",
        "灯塔由佩尔【1†source】设计。[2]建于1862年［3］。\n\n桥[段落9]也是。",
        "According to [2], Dr. Marrow taught him. [1] He left **early** [9]\n- a `b[1]`\n- see [note] [1 and 3].\n",
        "Run:\n\n```sh\necho $a[1]\n```\n\nand x[0] stays [1]. An open [bracket and `tick",
        "[3][1]…`a[1]`.[note]【2】e.g. 1. [2]? `a[1]`Dr. ［1］ `- [2] so.? \n\n`**1. Dr.  [3][1] [1, 3]`He ```\n[2]",
        "Set x = 1. Then it was Pell[1]. The same [9]. The same [2].",
        "It is (see [1], [2]) so (in 1862, they say). Passage 2 says, as passages 1 and 3 (9). <sup>[1], [3]</sup>",
        "根据段落3，它是（见[1]、[2]）。段落（共3个）说[[2]](#2)。\\[1\\] **[9], [1]** #f4a702 2, 一段话。",
        "根据片段2，它（来源1）是。据参考资料3和来源1，资料1份在来源处。来源3：参考文献不多，文章（资料9）。",
        "It is [2].\n\n**Sources:**\n\n- [1]: Manual\n- [3] Log\n\nSources vary [3].\n来源：\n[1] 手册\n\n参考不多。",
        f"So it is ({', '.join(['[1]'] * 29)}), [{', '.join(['passage 1'] * 40)}].",
        "\n```markdown\nIt was Pell [3].\n\n- a [1]\n```sh\necho $a[1]\n```\n",
    ],
    ids=[
        "English",
        "Chinese",
        "list",
        "code",
        "signs of a sentence before",
        "marks out of place",
        "enclosed",
        "enclosed in Chinese",
        "named in Chinese",
        "lists of sources",
        "long",
        "wrapped",
    ],
)
def test_pieces_add_up_to_the_whole_however_it_is_cut(text: str) -> None:
    whole = renumber(text, 3)
    for seed in range(50):
        chance, numbering, at, shown = random.Random(seed), Numbering(3), 0, ""
        while at < len(text):
            size = chance.randint(1, 9)
            shown += numbering.add(text[at : at + size])
            assert whole.text.startswith(shown)
            at += size
        rest, marked = numbering.finish()
        assert (shown + rest, marked) == (whole.text, whole)


NAMED = [
    ("It is (Source 2).", "It is [1].", (1,)),
    ("It is (sources: 1, 3). So it is (ref. 2).", "It is [1][2]. So it is [3].", (0, 2, 1)),
    ("它是（来源：1）。它是(参考资料2)。", "它是[1]。它是[2]。", (0, 1)),
    ("It is [Source: Passage 2].", "It is [1].", (1,)),
    ("It is (source 9). It is (Source: 2019 census).", "It is (source 9). It is (Source: 2019 census).", ()),
    ("It is [2].\n\n**References:**\n1. Manual\n2. Minutes of May", "It is [1].", (1,)),
    ("It is [2].\n\nSources:\n- manual.md\n- minutes.md\n", "It is [1].", (1,)),
    ("It is[^2]. So[^1].\n\n[^2]: The manual.\n[^1]: Minutes, p. 3\n\nBye.", "It is[1]. So[2].\n\nBye.", (1, 0)),
    ("It is[^2].\n[^2] was a pump.", "It is[1].\n[1] was a pump.", (1,)),
    ("[^2]: It is.", "[1]: It is.", (1,)),
    ("It is [2].\n\nSources:\n- Fees are one [1].", "It is [1].\n\nSources:\n- Fees are one [2].", (1, 0)),
]


@pytest.mark.parametrize(("text", "expected", "sources"), NAMED)
def test_sources_named_in_round_brackets_and_listed_as_titles_are_markers(
    text: str, expected: str, sources: tuple[int, ...]
) -> None:
    marked = renumber(text, 3)
    assert (marked.text, marked.sources) == (expected, sources)
    for size in (1, 3, 1000):
        numbering = Numbering(3)
        pieces = [numbering.add(text[at : at + size]) for at in range(0, len(text), size)]
        assert "".join(pieces) + numbering.finish()[0] == marked.text


def test_a_source_that_a_document_names_is_defused() -> None:
    assert renumber(defused("Ada left (Source 1). 她走了（来源：2）。"), 3).sources == ()


def test_text_before_a_marker_is_shown_at_once() -> None:
    numbering = Numbering(3)
    assert [numbering.add(p) for p in ("Ada ", "mended ", "it [", "2", "].", " Tom ")] == [
        "Ada",
        " mended",
        " it",
        "",
        "",
        " [1]. Tom",
    ]


def test_text_behind_code_is_shown_at_once() -> None:
    numbering = Numbering(3)
    assert [numbering.add(p) for p in ("Call ", "`a[1]` ", "now ", "or [")] == ["Call", " `a[1]`", " now", " or"]


def test_a_marker_is_there_for_the_sentence_around_it() -> None:
    said = renumber("According to [2], Tom left. Ada stayed. [1] 她走了。[3]", 3).said
    assert [[one.sentence for one in found] for found in said] == [
        ["According to, Tom left."],
        ["Ada stayed."],
        ["她走了。"],
    ]


def test_sources_that_stand_for_the_same_have_one_number() -> None:
    marked = renumber("Ada mended it [1][3][2]. She sold it [3].", 3, same={2: 0})
    assert (marked.text, marked.sources) == ("Ada mended it [1][2]. She sold it [1].", (0, 1))
    assert [len(found) for found in marked.said] == [2, 1]


@pytest.mark.parametrize("mark", ["[NO ANSWER]", "**[No answer]**", "【无答案】"])
def test_no_answer_beside_cited_text_goes(mark: str) -> None:
    marked = renumber(f"It was Pell [2]. The rest is not told. {mark}", 3)
    assert (marked.text, marked.sources, marked.is_unknown) == ("It was Pell [1]. The rest is not told.", (1,), False)


def test_no_answer_beside_wrong_markers_is_none() -> None:
    marked = renumber("It is not told [77]. [NO ANSWER]", 3)
    assert (marked.is_unknown, marked.dropped) == (True, 1)


def test_markers_that_nothing_bears_out_go_and_are_counted() -> None:
    asked: list[tuple[str, list[int]]] = []

    def judge(sentence: str, sources: Sequence[int]) -> list[int]:
        asked.append((sentence, list(sources)))
        return [index for index in sources if index != 1]

    marked = renumber("Ada [2] mended it [1][9]. Tom sold it [2].", 3, judge)
    assert (marked.text, marked.sources, marked.dropped) == ("Ada mended it [1]. Tom sold it.", (0,), 3)
    assert asked == [("Ada mended it.", [1, 0]), ("Tom sold it.", [1])]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Opened by Queen Tarsia [3].", "Opened by Queen Tarsia (3)."),
        ("Opened by Queen Tarsia[3][4, 5].\nIt is【6】so.", "Opened by Queen Tarsia(3)(4, 5).\nIt is(6)so."),
        ("Reply with [NO ANSWER].", "Reply with (NO ANSWER)."),
        ("x = a[0]\n`b[1]`\n```\n[2]\n```\nargv[1] holds it", "x = a[0]\n`b[1]`\n```\n[2]\n```\nargv[1] holds it"),
        ("see [note] and [2024]", "see [note] and [2024]"),
        ("[Passage 2] and passage 3", "(Passage #2) and passage #3"),
        ("见资料1（来源2），资料1份", "见资料#1（来源#2），资料1份"),
    ],
)
def test_markers_of_documents_are_defused_and_code_is_not(text: str, shown: str) -> None:
    assert defused(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        " ",
        "a [1] ",
        "[1 ",
        "[passage  ",
        "**\"'",
        "`[1,",
        "([1] ",
        "passage 1 ",
        "（段落",
        "来源1、",
        "参考",
        "^[1]",
        "[1](#",
        "#f4a702 1-",
    ],
)
def test_long_rows_of_anything_are_read_in_linear_time(text: str) -> None:
    started = time.perf_counter()
    defused(text * (24_000 // len(text)))
    renumber(text * (3_000 // len(text)), 9)
    assert time.perf_counter() - started < 5  # quadratic: a minute


@pytest.mark.parametrize("number", ["7", "passage 7", "第7段"])
def test_a_long_list_of_numbers_is_read_at_once(number: str) -> None:
    array = f"[{', '.join([number] * 60)},"
    started = time.perf_counter()
    defused(array)
    assert renumber(array, 6).text == array
    assert time.perf_counter() - started < 5  # exponential: for ever
