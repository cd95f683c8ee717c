from __future__ import annotations

import pytest

from graphrag_lite.text.grounds import Grounds

BRIDGE = "The swing bridge at Kelder Haven was built by Josiah Pell from 1862 to 1865 and cost £1,200,000."
BRUECKE = "Die Drehbrücke wurde von Josiah Pell gebaut. Sie kostete 1.200.000 Pfund und war 90 Meter lang."
ZH = "凯尔德港的旋转桥由佩尔于一八六二年建造，耗资一百二十万英镑。"


def bears_out(sentence: str, source: str, question: str = "") -> bool:
    return Grounds(question, [source]).bearing_out(sentence, [0]) == [0]


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("The capital of Peru is Lima.", BRIDGE),
        ("The museum was painted with flowers by children of the school.", BRIDGE),
        ("秘鲁的首都是利马。", ZH),
        ("Josiah Pell invented teleportation in 3021.", BRIDGE),
        ("The swing bridge cost £450,000.", BRIDGE),
        ("The swing bridge grew by 45%.", BRIDGE),
        ("The poll says that 40% of the guests agreed.", "Sixty percent of the guests agreed in the poll."),
        ("Die Brücke kostete 450.000 Pfund.", BRUECKE),
        ("公司出资占６０％，持股五年。", "公司出资占40%，持股五年。"),
        ("佩尔于1901年建造了旋转桥。", ZH.replace("，耗资一百二十万英镑", "")),
        ("The motor of the crane gives 400 Nm.", "The motor of the crane gives 40 Nm and was made by Fenn."),
        ("The crane was made by Fenn in 1990.", "The crane was made by Fenn with the number 199."),
        ("The bridge cost the town 12 million pounds.", BRIDGE),
        ("The bridge was begun in 1862 and cost £12,000.", BRIDGE),
        (
            "In 1990 the crane was given a bolt of 35 mm.",
            "In 1990 the crane was given a bolt of 3.5 mm and a new hook.",
        ),
        ("1862年建造旋转桥耗资1200万英镑。", "旋转桥由佩尔于1862年建造，耗资120万英镑。"),
        ("That makes £217,600 in total.", "It cost £186,000 for the pumps and £31,400 for the alarms."),
        ("It was finished in 3724 by the town.", "It was begun in 1862, and the bridge was finished in 1862."),
        ("这座桥耗资1200万英镑。", ZH),
        ("这座桥耗资1.2亿英镑。", ZH),
    ],
)
def test_a_source_of_something_else_bears_nothing_out(sentence: str, source: str) -> None:
    assert not bears_out(sentence, source)


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Pell constructed the bridge in 1862.", BRIDGE),
        ("The price was 1.2 million pounds.", BRIDGE),
        ("公司出资1.25亿元，占总额的60%。", "公司以自有资金出资１．２５亿元，占总额的６０％。"),
        ("合同总价款为3,600,000元。", "本合同总价款为叁佰陆拾万元整。"),
        ("It went up in the 1860s, in the 19th century.", BRIDGE),
        ("It cost Josiah Pell about £1,250,000 and the bridge was built.", BRIDGE),
        ("He was one.", BRIDGE),
        ("She passed away peacefully by the sea.", "Ann Marrow died in her sleep with the others."),
        ("The crossing was paid for by merchants.", BRUECKE),
        ("The turning bridge was paid for with public money.", ZH),
        ("该桥由公款支付。", BRIDGE),
        ("旋转桥建于1862年，耗资120万英镑。", ZH),
        ("The bridge cost the town £1.2m.", ZH),
        ("旋转桥耗资1,200,000英镑。", BRIDGE),
        ("The town grew to 1.2 million people.", "In that year the town had 1,234,567 people."),
        (
            "In 1990 the crane was given a bolt of 35 mm.",
            "In 1990 the crane was given a bolt of 3.5 cm and a new hook.",
        ),
        ("In 2023 the town earned £1,234,000.", "| year | 2023 |\n| the income of the town | £1,234 |"),
        ("Of these there were 15 and more in 1990.", "There were 150 and more of these in 1990."),
        ("That makes £217,400 in total.", "It cost £186,000 for the pumps and £31,400 for the alarms."),
        ("The difference is £154,600.", "It cost £186,000 for the pumps and £31,400 for the alarms."),
        ("In total it cost $600,000.", "Of it $100,000 was for the dock, $200,000 for pumps, $300,000 for alarms."),
        ("一共花费21.74万英镑。", "水泵花费18.6万英镑，报警器花费31,400英镑。"),
        ("The cable of the crane is 1,200 metres long.", "The cable of the crane is 1.2 km long, and of steel."),
        ("The crossing took 3 years to build.", BRIDGE),
        ("It was built for £850,000.", "The bridge was built for nearly a million pounds, say ninety hundreds."),
        ("桥的造价为350,000英镑。", "这座桥的造价是三十五万英镑。"),
        ("Der Leuchtturm blinkte jede Nacht weit hinaus auf See.", "Seit 1862 sandte das Feuer sein Licht ins Dunkel."),
        ("It held about 500 people and the bridge was full.", "The bridge held some five hundred people."),
        ("The poll says that 40% of the guests agreed.", "Forty percent of the guests agreed in the poll."),
        ("The poll says that 50% of the guests agreed.", "Half of the guests agreed in the poll, and that was it."),
        ("Pell paid $25 for the plan of the bridge.", "The plan of the bridge cost Pell twenty-five dollars."),
        ("Pell built the bridge in 1862.", "The bridge was built by Pell in eighteen sixty-two."),
        ("Hungarian engineers worked there with the others.", "The engineer came from Hungary and stayed."),
    ],
)
def test_paraphrases_translations_and_other_ways_to_write_numbers_pass(sentence: str, source: str) -> None:
    assert bears_out(sentence, source)


def test_numbers_of_the_question_prove_nothing() -> None:
    assert bears_out("In 1999 the swing bridge was in use.", BRIDGE, "What was in use in 1999?")


@pytest.mark.parametrize(
    ("sentence", "question", "is_borne_out"),
    [
        ("Edmund Vashley taught her.", "Who taught the designer of the pump?", False),
        ("Josiah Pell built it.", "Who built the bridge?", True),
        ("Edmund Vashley taught her.", "谁教过这台泵的设计者？", True),
        ("Edmund Vashley lehrte sie zeichnen.", "Wer unterrichtete die Konstrukteurin?", True),
        ("Edmund Vashley 教过她。", "Who taught the designer of the pump?", True),
    ],
)
def test_a_short_sentence_is_taken_for_one_in_the_language_of_the_question(
    sentence: str, question: str, is_borne_out: bool
) -> None:
    assert bears_out(sentence, BRIDGE, question) == is_borne_out


def test_sources_cited_together_bear_a_sentence_out_together() -> None:
    grounds = Grounds("", [BRIDGE, "Josiah Pell was taught by Ann Marrow.", "The pump drained the dock."])
    assert grounds.bearing_out("Pell, whom Marrow had taught, built the bridge in 1862.", [1, 0, 2]) == [1, 0]


@pytest.mark.parametrize(
    ("answer", "cited", "borne_out"),
    [
        ("Edmund Vashley", [1], []),
        ("It was Edmund Vashley.", [1], []),
        ("Vashley taught her", [0, 1], [0]),
        ("Edmund Vashley", [0], [0]),
        ("Ottoline Farrar", [1], [1]),
        ("Moses Orde", [1], [1]),  # nothing tells where that is from
        ("Yes.", [1], [1]),
        ("It was Edmund Vashley.", [2], [2]),
    ],
)
def test_a_short_answer_is_not_borne_out_by_a_source_that_lacks_its_name(
    answer: str, cited: list[int], borne_out: list[int]
) -> None:
    texts = [
        "The designer was taught by Edmund Vashley.",
        "The Bittern was designed by Ottoline Farrar.",
        "瓦什利教她。",
    ]
    assert Grounds("Who taught the designer of the Bittern?", texts).bearing_out(answer, cited) == borne_out
