from __future__ import annotations

import random
import time
from collections.abc import Sequence

import pytest

from graphrag_lite.query.markers import Numbering, defused, renumber


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
    ],
)
def test_markers_are_numbered_in_order(text: str, expected: str, sources: tuple[int, ...]) -> None:
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
    ],
)
def test_code_lists_and_dotted_names_stay_as_they_are(text: str) -> None:
    assert renumber(text, 3).text == text


def test_sentences_in_code_cite_nothing() -> None:
    marked = renumber("It was Pell [3].\n\n```\nTaught by Marrow [2]. So he says [9]. Or not [1].\n```\n", 3)
    assert marked.text == "It was Pell [1].\n\n```\nTaught by Marrow [2]. So he says [9]. Or not [1].\n```"
    assert (marked.sources, marked.dropped) == ((2,), 0)


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
    ],
    ids=["English", "Chinese", "list", "code", "signs of a sentence before", "marks out of place"],
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
    ],
)
def test_markers_of_documents_are_defused_and_code_is_not(text: str, shown: str) -> None:
    assert defused(text) == shown


@pytest.mark.parametrize("text", [" ", "a [1] ", "[1 ", "[passage  ", "**\"'", "`[1,"])
def test_long_rows_of_anything_are_read_in_linear_time(text: str) -> None:
    started = time.perf_counter()
    defused(text * (24_000 // len(text)))
    renumber(text * (3_000 // len(text)), 9)
    assert time.perf_counter() - started < 5  # quadratic: a minute
