import pytest

from graphrag_lite.text.informative import informativeness, matter, without_speaker

STATEMENT = "The harbour company repaired the lighthouse lamp after the storm of 1901."


@pytest.mark.parametrize(
    "text",
    [
        "Yeah, right.",
        "Who repaired the lighthouse lamp after the storm of 1901?",
        "REPAIRS OF THE LIGHTHOUSE LAMP AND THE HARBOUR COMPANY",
        "and so it was kind of, you know, just really a lot of stuff, I guess.",
        "| lamp | 1901 | repaired | storm |",
        "report_of_the_lamp.txt and after the storm of 1901 the harbour company.",
        "",
    ],
)
def test_fragments_questions_and_talk_say_less_than_a_statement(text):
    assert informativeness(text) < 0.5 * informativeness(STATEMENT)


def test_a_sentence_that_leans_on_its_context_says_less():
    assert informativeness("It repaired the lighthouse lamp after the storm of 1901.") < informativeness(STATEMENT)


def test_chinese_statements_are_above_chinese_questions():
    assert informativeness("公司在暴风雨之后修好了港口的灯塔，恢复了航运。") > 0.5
    assert informativeness("公司在暴风雨之后修好了港口的灯塔没有？") < 0.2


@pytest.mark.parametrize("text", ["ANN ARCHER: Hello there.", "- Hello there.", "## Hello there."])
def test_the_speaker_and_marks_are_taken_off(text):
    assert without_speaker(text) == "Hello there."


def test_matter_is_what_is_said_besides_names():
    assert matter("Ann Archer, Harbour Works") == 0.0
    assert matter("lamps need oil") == 1.0
