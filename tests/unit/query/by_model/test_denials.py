"""Texts of models that say there is no answer, in whatever words, and texts that only sound so."""

from __future__ import annotations

import pytest

from graphrag_lite.query.by_model.marker_forms import is_unknown


@pytest.mark.parametrize(
    "text",
    [
        "The provided passages do not contain information about the price of the KX-400.",
        "I'm sorry, but the passages do not mention who founded the company [1][2].",
        "There is no information in the passages about the KX-400.",
        "根據所提供的段落，無法確定該公司的創始人是誰。",
        "The passages do not state who wrote it.",
        "Based on the provided passages, it is not possible to determine the price.",
        "Based on the passages provided, there is no information about the price of the KX-400 [1][3].",
        "The context does not specify the price.",
        "The KX-400 is not mentioned in the provided passages [1].",
        "I cannot find the answer in the passages.",
        "I do not know.",
        "N/A",
        "Unknown.",
        "**Answer:** Not specified",
        "未知。",
        "The answer is not provided in the passages.",
        "The answer is not mentioned.",
        "As an AI language model, I cannot answer this question.",
        "I don't have enough information to answer this from the provided context.",
        "None of the passages mention the price [1][2][3].",
        "The documents do not mention the price.",
        "Unfortunately, the provided context doesn't provide any details about the warranty.",
        "No information about the warranty is given in the passages.",
        "The passages discuss the KX-200 and the KX-300 and do not mention the KX-400 [1][2].",
        "The given passages contain no information about this.",
        "The passages provided do not include any information on the price. Therefore, I cannot answer the question.",
        "The passages do not mention the price. You may want to ask Fenn Pumps.",
        "[NO ANSWER]. The passages do not mention it [1].",
        "**[NO ANSWER]** The passages describe pumps [1] and seals [2].",
        "NO ANSWER. The passages describe pumps [1].",
        "Answer: [NO ANSWER] as the passages describe pumps [1].",
        "[NO ANSWER FOUND]",
        "根据提供的段落，没有关于价格的信息。",
        "提供的段落中没有提到KX-400的价格[1][2]。",
        "段落中未提及价格。",
        "抱歉，根据所提供的段落，无法确定价格。",
        "段落没有说明谁是创始人[1]。",
        "文档中没有提到价格。",
        "我不知道。",
        "无法从提供的段落中得知价格。",
        "根据给出的段落内容，没有找到关于价格的相关信息。",
        "对不起，段落中没有相关信息。",
        "现有资料中未提供该泵的价格信息[2]。",
        "上述段落均未提及KX-400。",
    ],
)
def test_a_denial_is_no_answer_whatever_it_cites(text: str) -> None:
    assert is_unknown(text)


@pytest.mark.parametrize(
    "text",
    [
        "The passages do not mention the price of the KX-400, but the KX-300 costs 84.50 EUR [1].",
        "The passages do not mention the KX-400. The KX-300 costs 84.50 EUR [1].",
        "The passages do not give its height; it was first lit in 1867 [1].",
        "段落没有提到它的高度；它于1867年首次点亮[1]。",
        "The documents do not include a warranty card, so Fenn refused the repair [1].",
        "The reports do not name the captain [2].",
        "They could not find the body [1].",
        "The manual does not mention a warranty [1].",
        "No, the pump has no display [2].",
        "Josiah Pell designed it [1].",
        "It is not possible to open the housing without tools [1].",
        "There is no evidence that Pell visited Thorsby [2].",
        "The board decided nothing about the foundry [1].",
        "No information was exchanged between the two towns in 1862 [3].",
        "The information provided by Li Wei does not say why [2].",
        "没有人受伤[1]。",
        "该公司没有公布价格[1]。",
        "他无法确定船的位置[2]。",
        "文件没有提到赔偿，因此法院驳回了请求[1]。",
        "段落中没有提到KX-400，但KX-300的价格为84.50欧元[1]。",
        "费雷拉不知道此事[1]。",
        "I cannot help with that.",
        "Why is the price not mentioned in the passages?",
        "该书未提及作者的出生地[3]。",
    ],
)
def test_what_tells_something_is_an_answer(text: str) -> None:
    assert not is_unknown(text)
