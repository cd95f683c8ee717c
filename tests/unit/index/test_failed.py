"""How passages are named where a model failed at them."""

import pytest

from graphrag_lite.index.failed import passage_name

CHUNK = {"document_id": "d1", "title": "Guide", "headings": "", "page": None, "text": "The lamp was lit."}


@pytest.mark.parametrize(
    ("more", "file", "name"),
    [
        ({}, "guide.txt", "Guide: “The lamp was lit.”"),
        ({"title": ""}, "guide.txt", "guide.txt: “The lamp was lit.”"),
        ({"title": None}, "", "d1: “The lamp was lit.”"),
        ({"page": 7, "headings": "Light"}, "", "Guide, page 7: “The lamp was lit.”"),
        ({"headings": "Guide > Light"}, "", "Guide, Light: “The lamp was lit.”"),
        ({"headings": "Guide"}, "", "Guide: “The lamp was lit.”"),
        (
            {"text": "The lamp\nof the lighthouse at Kelder Haven was lit"},
            "",
            "Guide: “The lamp of the lighthouse at Kelder…”",
        ),
        ({"headings": "Light", "text": "# Guide\n\n## Light\n\nIt burned oil."}, "", "Guide, Light: “It burned oil.”"),
        ({"text": "# Guide"}, "", "Guide: “# Guide”"),
        ({"text": "灯塔" * 40}, "", f"Guide: “{'灯塔' * 20}…”"),
    ],
    ids=[
        "title",
        "file",
        "id",
        "page",
        "heading",
        "heading-is-title",
        "long",
        "under-headings",
        "heading-only",
        "chinese",
    ],
)
def test_a_passage_is_named_by_document_place_and_first_words(more, file, name):
    assert passage_name(CHUNK | more, file) == name
