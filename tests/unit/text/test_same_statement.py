from __future__ import annotations

import pytest

from graphrag_lite.text.same_statement import says
from graphrag_lite.text.statements import read_statement

WORKS = "The Quill Works of Ned Brannock made cranes and cut stone in Falkirk from 1869 to 1964."
STORM = "On 3 March 1911 a storm destroyed the north pier."
TAUGHT = "Ada Quill taught Ned Brannock in Leith."
LED = "Ada Quill, a shipbuilder from Leith, led the harbour board until 1902, when Tom Vash took over."
SOLD = "In 1921 Ned Brannock sold the works to Ida Quill for 12,000 pounds."


def is_said(sentence: str, source: str) -> bool:
    return says(read_statement(source), read_statement(sentence))


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        (STORM, STORM),
        ("The north pier was destroyed on March 3, 1911.", STORM),
        ("The north pier was destroyed by a storm on 3 March 1911.", STORM),
        ("A storm destroyed the north pier on 3 March 1911.", STORM),
        ("A storm destroyed the north pier.", STORM),
        ("Ned Brannock was taught by Ada Quill in Leith.", TAUGHT),
        ("Ada Quill taught Ned Brannock.", TAUGHT),
        ("In Leith, Ada Quill teaches Ned Brannock.", TAUGHT),
        ("Ada Quill led the harbour board until 1902.", LED),
        ("Tom Vash took over.", LED),
        ("Ned Brannock sold the works to Ida Quill.", SOLD),
        ("Ned Brannock sold the works to Ida Quill for £12,000 in 1921.", SOLD.replace("12,000 pounds", "£12,000")),
        ("The board was founded by Ada Quill.", "The Kelder Haven Harbour Board was founded in 1887 by Ada Quill."),
        ("The works have 3 cranes.", "The works have three cranes."),
        ("Ada Quill did not teach Ned.", "Ada Quill didn't teach Ned."),
        ("Ada Quill bought a pump.", "Ada Quill bought a new pump."),
        ("Ned wrote to Ada in May.", "In May, Ned wrote to Ada."),
        (
            "奎尔公司成立于1998年。",
            "奎尔公司于1998年成立于上海，由张三创办。".replace("于1998年成立于上海", "成立于1998年"),
        ),
        ("奎尔公司成立于上海。", "奎尔公司（前身为奎尔作坊）成立于上海，现有员工320人。"),
        ("奎爾公司現有員工320人。", "奎尔公司现有员工３２０人，其中女性100人。"),
        ("张三收购了奎尔公司。", "1998年，张三收购奎尔公司。"),
    ],
)
def test_what_a_sentence_says_plainly_is_said(sentence: str, source: str) -> None:
    assert is_said(sentence, source)


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Ned Brannock taught Ada Quill in Leith.", TAUGHT),
        ("Ada Quill was taught by Ned Brannock in Leith.", TAUGHT),
        ("Ida Quill taught Ned Brannock in Leith.", TAUGHT),
        ("Ada Quill taught Ned Brannock in Falkirk.", TAUGHT),
        ("Ada Quill never taught Ned Brannock in Leith.", TAUGHT),
        ("Ada Quill taught Ned Brannock.", TAUGHT.replace("taught", "did not teach")),
        ("Ada Quill taught Ned Brannock.", TAUGHT.replace("taught", "may have taught")),
        ("Ada Quill taught Ned Brannock.", TAUGHT.replace("taught", "wanted to teach")),
        ("Ada Quill taught Ned Brannock.", TAUGHT.replace("taught", "refused to teach")),
        ("Ada Quill taught Ned Brannock.", "Tom denied that Ada Quill taught Ned Brannock."),
        ("Ada Quill taught Ned Brannock.", "If Ada Quill taught Ned Brannock, nobody knew."),
        ("Ada Quill taught Ned Brannock.", "Ada Quill's brother taught Ned Brannock."),
        ("Ada Quill taught Ned Brannock.", "Ada Quill taught Ned Brannock's brother."),
        ("Ada Quill taught Ned Brannock.", "The brother of Ada Quill taught Ned Brannock."),
        ("Ada Quill taught Ned Brannock.", "Ada Quill and the teacher of Ned Brannock met."),
        ("Ada Quill taught Ned Brannock.", "Ada Quill had a teacher, Ned Brannock."),
        ("Only Ada Quill taught Ned Brannock.", TAUGHT),
        ("A storm destroyed the north pier on 3 March 1912.", STORM),
        ("A storm destroyed the south pier on 3 March 1911.", STORM),
        ("The north pier destroyed a storm on 3 March 1911.", STORM),
        ("The pump drove the crane.", "The crane drove the pump."),
        ("Ada Quill led the harbour board in 1902.", LED),
        ("Ada Quill took over the harbour board.", LED),
        ("Tom Vash led the harbour board until 1902.", LED),
        ("Ned Brannock bought the works in 1921.", SOLD),
        ("Ida Quill sold the works to Ned Brannock in 1921.", SOLD),
        ("Ned Brannock sold the works to Ida Quill for 1,200 pounds.", SOLD),
        ("Ned Brannock sold the works for about 12,000 pounds.", SOLD.replace("12,000", "4,000")),
        ("Ned Brannock sold the works for $12,000.", "Ned Brannock sold the works for £12,000."),
        ("Ada Quill led the harbour board.", "Ada Quill taught Ned, and Tom led the harbour board."),
        ("Ada Quill made cranes.", "Ada Quill sang and the works made cranes."),
        ("Ada had 3 pumps and Ned 5.", "Ada had 5 pumps and Ned 3."),
        ("In Leith Ada taught Ned.", "Ada taught Ned, and Tom lived in Leith."),
        ("Ada's son paid for the pier.", "Ada's daughter paid for the pier."),
        ("The Bittern pumps water.", "The Bittern 90 pumps water."),
        ("Ada Quill led the board.", "Ada Quill led the board room."),
        ("45% of the guests agreed.", "45 of the guests agreed."),
        ("Ada left before Ned came.", "Ada left after Ned came."),
        ("Ada taught Ned in Falkirk", WORKS),
        ("Ned Brannock", TAUGHT),
        ("Ada Quill, Ned Brannock, 1911", "Ada Quill, Ned Brannock, 1911"),
        ("It was Ada.", "It was Ada."),
        ("The Heron weighs 3 tons.", "The Heron, unlike the Gull, which weighs 3 tons, is light."),
        ("The works had 320 people in 1911.", "In 1890 the works had 320 people, and 200 in 1911."),
        ("It gave a blast of 90 seconds every 5.", "It gave a blast of 5 seconds every 90."),
        ("The works have 320 people.", "Have the works 320 people?"),
        ("Ada Quill stole the crane.", "Tom lied: Ada Quill stole the crane."),
        ("The pump of the Heron leaked.", "The pump of the Gull, unlike that of the Heron, leaked."),
        ("From 1862 to 5 it grew to 1865 tons.", "From 1862 to 1865 it grew to 5 tons."),
        ("The pump drives the crane.", "The pump, the valve drives the crane."),
        ("公司2018年收入为600万元。", "公司2018年收入为500万元，2019年收入为600万元。"),
        ("艾达教过内德。", "内德教过艾达。"),
        ("张三创办公司。", "张三在李四创办公司之后离开。"),
        ("张三收购奎尔公司。", "张三没有收购奎尔公司。"),
        ("张三收购奎尔公司。", "张三可能收购奎尔公司。"),
        ("张三收购奎尔公司。", "张三收购奎尔公司的股份。"),
        ("奎尔公司成立于1998年。", "奎尔公司成立于1999年。"),
        ("奎尔公司成立于上海。", "张三说奎尔公司成立于上海。"),
        ("张三收购奎尔公司。", "Zhang San bought the Quill company."),
        ("", STORM),
        (STORM, ""),
    ],
)
def test_what_a_sentence_does_not_say_plainly_is_not_said(sentence: str, source: str) -> None:
    assert not is_said(sentence, source)


@pytest.mark.parametrize("text", ["Ada taught Ned " * 2000, "艾达教内德" * 2000, "1 2 3 " * 2000])
def test_what_is_too_long_for_a_sentence_is_not_read(text: str) -> None:
    assert not read_statement(text).terms
    assert not is_said(text, text)
