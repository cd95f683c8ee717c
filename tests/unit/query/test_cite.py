import pytest

from graphrag_lite.query.cite import cite_passages, locate, renumber, verify
from graphrag_lite.records import Citation, Passage

TEXT = "The “old” lamp\nwas   mended. It shone. The lamp was sold. It shone."


def citation(text, start=0, document_id="d"):
    return Citation("1", document_id, "c", "s", None, start, start + len(text), text)


def check(*citations):
    return verify(citations, {"d": TEXT}.get)


def test_an_exact_quotation_is_kept_as_it_is():
    one = citation("It shone.", TEXT.index("It shone."))
    assert check(one).citations == (one,)


def test_wrong_offsets_are_corrected_to_the_nearest_place():
    found = check(citation("It shone.", 60)).citations[0]
    assert found.start == TEXT.rindex("It shone.")
    assert TEXT[found.start : found.end] == found.text


def test_white_space_and_typographic_marks_do_not_matter():
    found = check(citation('The "old" lamp was mended.')).citations[0]
    assert found.text == "The “old” lamp\nwas   mended."


def test_invented_quotations_and_unknown_documents_are_dropped_and_counted():
    found = check(citation("The lamp was stolen."), citation("It shone.", 0, "elsewhere"), citation(" "))
    assert (found.citations, found.dropped) == ((), 3)


def test_full_width_text_is_found():
    assert locate("价格是 100 元", "据说价格是１００元，很贵。") == (2, 9)


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
    ],
)
def test_markers_are_numbered_in_order(text, expected, sources):
    marked = renumber(text, 3)
    assert (marked.text, marked.sources, marked.dropped) == (expected, sources, 0)


def test_unknown_markers_go_and_are_counted():
    marked = renumber("A [7]. B [1, 9].", 3)
    assert (marked.text, marked.sources, marked.dropped) == ("A. B [1].", (0,), 2)


def test_a_marker_cites_its_passage():
    passages = [Passage("d", f"c{i}", f"text {i}", 10 * i, 10 * i + 6, 1.0) for i in range(3)]
    found = cite_passages(renumber("A [3].", 3), passages)
    assert [(c.marker, c.chunk_id, c.start, c.end) for c in found] == [("1", "c2", 20, 26)]
