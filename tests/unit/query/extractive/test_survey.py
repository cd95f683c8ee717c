"""Answers to questions with a topic: what they quote, of whom, and when they say that nothing is known."""

from dataclasses import replace

import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.survey import survey
from graphrag_lite.records import Passage

TALKS = {
    "Ada": "Wind power needs better storage because the harbour cannot sell energy on calm days.",
    "Ben": "Wind power failed twice here because nobody had thought about storage for the quiet weeks of summer.",
    "Cleo": "Teachers believe that small schools should share their workshops with the fishing villages.",
    "Dan": "The council must repair the coastal road before winter storms damage the bridges again.",
}


def passages_of(texts):
    return [
        Passage(f"d{i}", f"k{i}", text, 0, len(text), 1 - i / 100, title=title)
        for i, (title, text) in enumerate(texts.items())
    ]


def asked(question, texts=TALKS, **options):
    return survey(read_question(question), passages_of(texts), document_count=len(texts), **options)


def quoted(found):
    return [citation.text for citation in found.citations]


def test_every_document_that_speaks_of_the_topic_is_quoted():
    assert quoted(asked("What is said about wind power storage?")) == [TALKS["Ada"], TALKS["Ben"]]


def test_the_answer_names_its_documents_and_how_many_were_searched():
    found = asked("What is said about wind power storage?")
    assert found.text.startswith("2 passages, quoted from 2 of 4 documents:")
    assert "- **Ada**: Wind power needs" in found.text


@pytest.mark.parametrize(
    "question",
    ["What is said about volcanoes?", "What is said about wind tunnels and rockets?", "Do they mention solar schools?"],
)
def test_a_topic_that_no_passage_holds_gives_no_answer(question):
    assert asked(question) is None


def test_no_passages_give_no_answer():
    assert asked("What is said about wind power storage?", {}) is None


def test_one_document_is_quoted_in_its_own_order_without_labels():
    text = "The mill burned down in May because nobody watched it. Rain fell. The mill was built again from oak."
    found = asked("What is said about the mill?", {"Chronicle of a valley": text})
    assert [text.index(t) for t in quoted(found)] == sorted(text.index(t) for t in quoted(found))
    assert len(quoted(found)) == 2
    assert "**" not in found.text


def test_the_speaker_is_named_where_the_text_has_labels():
    text = "ANN ARCHER: Hello. Wind power needs better storage because calm days stop the harbour."
    assert "Ann Archer: Wind power needs" in asked("What is said about wind power storage?", {"Talk": text}).text


def test_words_that_most_titles_share_are_left_out_of_labels():
    texts = {
        f"The Long Show with {title}": text
        for title, text in zip(("Ada", "Ben", "Cleo", "Dan"), TALKS.values(), strict=True)
    }
    found = asked("What is said about wind power storage?", texts)
    assert "**Ada**" in found.text
    assert "Long Show" not in found.text


def test_what_says_the_aspect_comes_before_what_repeats_its_word():
    texts = {
        "Ledger": "The cause list of the weir collapse fills two drawers of the cellar.",
        "Report": "The weir collapse came about because the gate pins had been worn through for years.",
    }
    assert quoted(asked("What were the causes of the weir collapse?", texts))[0] == texts["Report"]


def test_parts_of_the_question_keep_their_order():
    texts = {
        "Notice": "After the fire at the mill the owners installed two pumps and trained every hand at the mill.",
        "Report": "The fire at the mill broke out because a lamp had been left burning beside the flour.",
    }
    found = asked("What caused the fire at the mill, and what was changed at the mill afterwards?", texts)
    assert quoted(found) == [texts["Report"], texts["Notice"]]


def test_a_sentence_that_points_back_is_quoted_with_the_one_before():
    text = "The ferry company raised its fares in March. It said that wages on the ferry had risen because of strikes."
    assert text in quoted(asked("What is said about ferry wages?", {"News": text, **TALKS}))


def test_a_chinese_question_is_answered_in_chinese():
    texts = {
        "纪要": "事故之后公司新增了吸水试验，并且更换了全部浸渍炉的热电偶。",
        "简介": "公司推行一批一档的做法，事故之后每一炉的记录都要保存十年。",
    }
    found = asked("事故之后公司做了哪些改进？", texts)
    assert set(quoted(found)) == set(texts.values())
    assert found.text.startswith("从 2 篇文档中的 2 篇摘出 2 处：")


def test_notices_about_copying_are_not_quoted():
    notice = (
        "You may copy and distribute this wind power ebook under the license; copyright and trademark law apply. " * 3
    )
    found = asked("What is said about wind power storage?", {"Licence": notice, **TALKS})
    assert not any("copyright" in text for text in quoted(found))


def test_a_file_that_the_question_names_speaks_of_it_in_every_sentence():
    log = "A hose burst in August because it was eleven years old. The swivel had worn through at its shackle."
    novel = "The weather had been bad for weeks. The incident at the party had worn everybody out."
    texts = {"Log": log, "Novel": novel}
    passages = [
        replace(p, source=f"docs/{s}") for p, s in zip(passages_of(texts), ("incidents/log.txt", "b.txt"), strict=True)
    ]
    found = survey(read_question("What weaknesses recur in the incidents log?"), passages, document_count=2)
    assert quoted(found)[0] in log


def test_a_weakness_is_found_where_no_sentence_calls_it_so():
    texts = {
        "Crane": "The maintenance record of the crane shows that the battery had been flat since March.",
        "Ferry": "The maintenance record of the ferry shows that the hose was five years old.",
        "Fair": "The fair opens on Saturday and the band of the town will play until midnight.",
    }
    found = asked("What weaknesses in maintenance recur in the records?", texts)
    assert set(quoted(found)) == {texts["Crane"], texts["Ferry"]}


def test_the_subject_of_a_single_story_is_named_in_what_is_quoted():
    text = (
        "Old Marn became a miser when the mill burned down. The spring became warm and the river turned green. "
        "In the last winter Marn became a friend of every child in the valley."
    )
    found = asked("How does Marn change in the course of the story?", {"The Mill": text})
    assert all("Marn" in quotation for quotation in quoted(found))
    assert len(quoted(found)) == 2
