from graphrag_lite.query.cite import locate, verify
from graphrag_lite.records import Citation

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
