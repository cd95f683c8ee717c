import pytest

from graphrag_lite.query.parts import parts_asked


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Who is Ada Quill and what did she found?", ("Who is Ada Quill?", "What did Ada Quill found?")),
        ("Who is Ada Quill? Where was she born?", ("Who is Ada Quill?", "Where was Ada Quill born?")),
        ("Who was Ada Quill, and what was her job?", ("Who was Ada Quill?", "What was Ada Quill’s job?")),
        (
            "What is the Heron 310 and how much does it cost?",
            ("What is the Heron 310?", "How much does the Heron 310 cost?"),
        ),
        ("Who founded Fenn Pumps and when was it sold?", ("Who founded Fenn Pumps?", "When was Fenn Pumps sold?")),
    ],
)
def test_the_second_question_is_asked_of_what_the_first_names(question, parts):
    assert parts_asked(question) == parts


@pytest.mark.parametrize(
    ("question", "names", "parts"),
    [
        ("林海是谁，他创办了什么？", ["林海"], ("林海是谁？", "林海创办了什么？")),
        ("什么是海星灯？它出自哪里？", [], ("什么是海星灯？", "海星灯出自哪里？")),
        ("海星灯厂是什么时候成立的，它生产什么？", ["海星灯厂"], ("海星灯厂是什么时候成立的？", "海星灯厂生产什么？")),
    ],
)
def test_the_second_question_is_asked_of_what_the_first_names_in_chinese(question, names, parts):
    assert parts_asked(question, names) == parts


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Who founded Fenn Pumps and where did he study?", []),  # he is the founder
        ("What did Ada Quill found and where is it?", []),
        ("Did Ada Quill or Ned Lark come, and what did she say?", []),
        ("What did Ada Quill tell Ned Lark and why did he leave?", []),
        ("Who mended the lamp and the clock?", []),
        ("Who is Ada Quill, what did she found and where was she born?", []),  # three
        ("谁创办了海星灯厂，他毕业于哪里？", ["海星灯厂"]),
        ("林海毕业后，他去了哪里？", ["林海"]),
    ],
)
def test_what_is_one_question_or_open_is_not_split(question, names):
    assert parts_asked(question, names) == ()
