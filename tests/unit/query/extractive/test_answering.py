"""By which rule what would be quoted answers nothing."""

import pytest

from graphrag_lite.query.asked import read_question
from graphrag_lite.query.extractive.answering import refusal
from graphrag_lite.query.extractive.choose import Choice
from graphrag_lite.query.extractive.quotations import quotations
from graphrag_lite.query.extractive.weights import corpus_weights
from graphrag_lite.records import Passage


def refused(question, text):
    asked = read_question(question)
    passages = [Passage("d", "c", text, 0, len(text), 1.0)]
    offered = quotations(asked, passages)
    weights = corpus_weights(asked, offered, None)
    choice = Choice(asked, offered, weights, passages)
    return refusal(choice, choice.run(), weights)


@pytest.mark.parametrize(
    ("question", "text", "name"),
    [
        ("What changed in version 3.0 of the lamp?", "In version 2.3.0 the lamp changed its wick.", "another version"),
        ("Why is Ned absent?", "Absent: Ned", "the question again"),
        ("What does lamp --dim do?", "With lamp --dimmer it does little.", "another option"),
        ("How long is a 7-cell lamp?", "A 5-cell lamp is 40 cm long.", "another number"),
        ("Who built Lamp 8?", "Ned built Lamp 7.", "another number"),
        ("How high is the gate at Leith?", "The gate at Falkirk is 35 m high.", "the same thing elsewhere"),
        ("Who is Ada's teacher?", "Ada likes her teacher.", "nobody in the relation"),
        ("Who is Ada Quill?", "The letter came from Ada Quill.", "not who it is"),
        ("What is a covered lamp?", "They bought a covered lamp.", "not what it is"),
        ("What was the profit of 2019?", "The profit of 2020 was small.", "another year"),
        ("How many lamps broke in 2019?", "In 2020 the lamps of the yard fell. 40 lamps broke.", "another year"),
        (
            "What is the maximum size of a crate?",
            "The crate is resolved to the maximum version.\n\nFeatures reduce the size of the crate.",
            "another extreme",
        ),
        (
            "How many lamps are there?",
            "The 3 halls beyond the far end of the yard have lamps.",
            "no number of what is counted",
        ),
        (
            "How many sons did Bo Lund have?",
            "Bo Lund founded Lund & Sons with 12,000 pounds from his sister.",
            "no number of what is counted",
        ),
        ("How many sons did Bo Lund have?", "Bo Lund had two daughters.", "no number of what is counted"),
        ("How many children did Bo Lund have?", "Bo Lund had two daughters.", ""),
        (
            "What is the budget of the trip?",
            "The budget of the mural is 45,000 euros.\n\nThe trip leads to Ghent.",
            "the same of another",
        ),
        (
            "What is the budget of the trip?",
            "## Mural\n\nThe budget is 45,000 euros.\n\n## Trip\n\nThe trip leads to Ghent.",
            "the same of another",
        ),
        ("What is the price of flour?", "Ned brings flour.\n\nHe is paid. The price is 9 pounds.", ""),
        ("What is the budget of the trip?", "The trip leads to Ghent. Its budget is 45,000 euros.", ""),
        ("Which notice is given for clerks?", "The notice that is given is two months.", "nothing of a thing"),
        ("Which notice is given for clerks?", "# Clerks\n\nThe notice that is given is two months.", ""),
        ("Who founded the Hale Stone Yard?", "The Hale Boat Yard was founded by Ned.", "nothing of a name"),
        ("Who founded the Hale Stone Yard?", "# Hale Stone Yard\n\nThe yard was founded by Ned.", ""),
        ("How old is Ada?", "Ada has 34 lamps.", "no age"),
        ("How do I lock the keys?", "The keys are small.", "not how to do it"),
        ("What does Ada promise?", "The clerk promised much before Ada left.", "what another does"),
        ("Who repairs the lamps?", "The lamps of Ned are repaired at night.", "not who does it"),
        ("公司何时成立？", "公司成立于春天。", "no date or number"),
        ("乙方是谁？", "甲方委托乙方进行检测。", "not who it is"),
        ("市场部负责人是谁？", "市场部负责推广。", "not who it is"),
        ("武汉研发基地何时启用？", "成都研发基地2024年10月启用。", "of another name"),
        ("粤汉铁路是谁主持修建的？", "詹天佑主持修建京张铁路。", "of another name"),
        ("B款打印机支持双面打印吗？", "A款打印机支持双面打印。", "another version"),
        ("陈嘉树是哪里人？", "陈嘉树在南京写书。", "not where from"),
        ("怎么申请年假？", "年假为十天。", "not how to do it"),
        ("公司有多少名员工？", "公司有3座厂房。", "no number of what is counted"),
        ("林海是哪年出生的？", "林海于2022年获得博士学位。", "the time of something else"),
        ("林海是哪年出生的？", "林海1962年生于海州。", ""),
        ("堤坝项目什么时候立项的？", "5月24日前不增加堤坝项目的预算。", "the time of something else"),
        ("下次例会什么时候召开？", "下次例会时间：5月27日", ""),
        ("公司2019年的利润是多少？", "公司2020年的利润是3万元。", "another year"),
        ("When was the lamp mended?", "The lamp was mended in 1902.", ""),
        ("When does the pump start?", "The pump starts when the water reaches the mark.", ""),
        ("When are refunds granted?", "Refunds are granted if the goods are damaged.", ""),
        ("When did the shop open?", "The shop opened when Ned came.", ""),
        ("When does Ned say the pump is late?", "If the pump is slow, Ned will say that the pump is late.", ""),
        ("When does the pump start?", "Ring when the pump starts.", "no date or number"),
        ("When was Aurora founded?", "Before founding Aurora, Ned was a clerk.", "no date or number"),
        ("When was Aurora founded?", "Aurora was founded before the war.", ""),
        ("When are invoices due?", "Invoices are due within 30 days.", ""),
        ("When is the gate open?", "The gate is open before noon.", ""),
        ("When is the gate open?", "The gate is open to anybody.", "no date or number"),
        ("公司何时成立？", "公司成立于1902年。", ""),
        ("值班室新灯油存放在哪里？", "| 处所 | 存放 |\n|---|---|\n| 值班室 | 二楼 |", ""),
        ("值班室新灯油存放在哪里？", "值班室的存放处是二楼。", "too little of it"),
        ("医院院长是谁？", "医院的院长由陈立功担任。", ""),
        ("医院院长是谁？", "医院首任院长为陈立功。", ""),
        ("代表团领队是谁？", "代表团共40人，领队刘刚。", ""),
        ("马丽娟是谁？", "法定代表人：马丽娟", ""),
        ("马丽娟是谁？", "会议由董事长马丽娟主持。", ""),
        ("马丽娟是谁？", "马丽娟没有参加会议。", "not who it is"),
        ("谁是登记部门的主任？", "登记部门负责协调登记工作。", "another attribute"),
        ("院长是谁？", "院长：陈立功", ""),
    ],
)
def test_a_rule_says_why_what_is_quoted_answers_nothing(question, text, name):
    assert refused(question, text) == name
