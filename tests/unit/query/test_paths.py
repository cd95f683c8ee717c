import pyarrow as pa
import pytest

from graphrag_lite.query.paths import passage_name, path_steps


@pytest.mark.parametrize(
    ("source", "text", "name"),
    [
        ("/docs/notes.txt", "The lamp.", "notes.txt"),
        ("/docs/corpus.jsonl", "The lamp\nof Gannet Head.", "The lamp of Gannet Head."),
        ("document:d1", "word " * 40, "word word word word word word word word word word word word…"),
        ("", "灯塔。", "灯塔。"),
    ],
    ids=["file", "record", "from a program", "no source"],
)
def test_passage_without_a_title_is_known_by_its_file_or_first_words(source: str, text: str, name: str) -> None:
    assert passage_name(source, text) == name


def test_path_names_entities_and_passages_in_turn() -> None:
    rows = [("c1", "Lamps", "/d/a.md", "x"), ("c2", "", "/d/pell.txt", "y")]
    table = pa.table(list(map(list, zip(*rows, strict=True))), ["chunk_id", "title", "source", "text"])
    steps = path_steps([(None, 0), (0, 1)], pa.array(["Pell"]), table)
    assert [(step.kind, step.id, step.label) for step in steps] == [
        ("question", "", "question"),
        ("passage", "c1", "Lamps"),
        ("entity", "0", "Pell"),
        ("passage", "c2", "pell.txt"),
    ]
