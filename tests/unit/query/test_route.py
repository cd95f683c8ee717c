import pytest

from graphrag_lite.errors import InputError
from graphrag_lite.query.asked import read_question
from graphrag_lite.query.route import asks_for_overview, choose_mode


def mode_of(question, *, names_entities=False, has_reports=True):
    return choose_mode(question, "auto", has_reports=has_reports, names_entities=names_entities)[0]


@pytest.mark.parametrize(
    "question",
    [
        "What are the main themes?",
        "What is the role of failure in innovation?",
        "Are there conversations about the digital divide?",
        "Which obstacles do small companies face?",
        "How often do guests speak about funding?",
        "How is craft knowledge handed down?",
        "这些访谈中对人工智能有哪些看法？",
        "创新中的失败起什么作用？",
    ],
)
def test_questions_about_many_documents_are_global(question):
    assert mode_of(question) == "global"


@pytest.mark.parametrize(
    "question",
    [
        "Who taught Ottoline Farrar?",
        "When was the siren added?",
        "how many eels were hurt",
        "Where does the pilot live?",
        "what did the boy buy on christmas morning",
        "how do i change the seal of the pump",
        "Why did the dock flood?",
        "what is the largest solid the pump can pass",
        "Who were the leaders of the strike?",
        "灯塔是哪一年建成的？",
    ],
)
def test_questions_for_a_fact_are_local(question):
    assert mode_of(question) == "local"


def test_a_named_thing_with_a_relation_is_local():
    assert mode_of("What films did Ada Quill direct?", names_entities=True) == "local"


def test_without_reports_everything_is_local():
    assert mode_of("What are the main themes?", has_reports=False) == "local"


def test_drift_says_what_it_needs():
    with pytest.raises(InputError, match=r"llm\.model"):
        choose_mode("Why?", "drift", has_reports=True, names_entities=False)


def test_an_unknown_mode_is_named():
    with pytest.raises(InputError, match="sideways"):
        choose_mode("Why?", "sideways", has_reports=True, names_entities=False)


@pytest.mark.parametrize(
    ("question", "is_one"),
    [
        ("Summarise this contract.", True),
        ("What is this memo about?", True),
        ("What happened this year?", False),
        ("Who signed this contract?", False),
        ("这篇文档主要讲什么？", True),
        ("这份报告讲了什么？", True),
        ("这份报告中营业收入是多少？", False),
    ],
)
def test_a_question_for_what_this_text_says_wants_an_overview(question, is_one):
    assert asks_for_overview(read_question(question)) == is_one
