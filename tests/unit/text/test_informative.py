import subprocess
import sys

import pytest

from graphrag_lite.text.informative import informativeness, leans, matter, quotable, telling_alone, without_speaker

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


@pytest.mark.parametrize(
    "text",
    [
        "Present: Ann Archer (chair), Tom Reed, Captain Stane.",
        "# Repairs of the lighthouse lamp after the storm of 1901.",
        "The lighthouse lamp and the harbour company",
        "lamp_repairs_1901.txt groups.",
    ],
)
def test_lists_headings_and_fragments_tell_nothing_alone(text):
    assert telling_alone(text) == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "Ann Archer is a professor at the harbour institute of lamps and lenses.",
        "In this episode we spoke about the harbour company and the lighthouse lamp.",
        "People loved her story about the harbour company and the lighthouse lamp.",
        "These repaired the lighthouse lamp of the harbour company after the storm.",
    ],
)
def test_introductions_talk_about_the_talk_and_loose_pronouns_tell_little(text):
    assert telling_alone(text) < 0.5 * telling_alone(STATEMENT)


def test_a_sentence_leans_when_it_points_back():
    assert leans("She repaired the lamp.")
    assert leans("因此，畜牧业发达。")
    assert not leans("Ann repaired the lamp.")


def test_a_quotation_is_shown_without_the_marks_of_its_lines() -> None:
    assert quotable("> The database\n> moves if a > b.") == "> The database moves if a > b."


def test_a_comment_of_markdown_is_not_shown() -> None:
    assert quotable("<!-- YAML\nadded: v1 -->\nThe lamp is lit. <!-- sic -->") == "The lamp is lit."


def test_a_long_row_of_values_is_measured_at_once():
    row = "note: " + ", ".join(f"value {n}" for n in range(200)) + ", and 3.5 more."
    # in a process of its own, since a search that takes for ever cannot be interrupted
    code = f"from graphrag_lite.text.informative import telling_alone; telling_alone({row!r})"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
