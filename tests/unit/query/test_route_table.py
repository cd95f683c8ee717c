"""Which questions `auto` answers from the whole collection, and which from the passages that hold one fact."""

import pytest

from graphrag_lite.query.route import choose_mode

# (question, whether it names an entity of the graph)
GLOBAL = [
    # themes and overviews
    ("What are the main themes?", False),
    ("What is this book about?", False),
    ("What are these documents about?", False),
    ("Summarise the story", False),
    ("Give an overview of the collection", False),
    ("Give me a summary of what the reports say about maintenance.", False),
    ("What topics come up again and again?", False),
    ("What is the overall message of the articles?", False),
    ("Who are the main characters?", False),
    ("Which companies appear in the documents?", False),
    ("List all the places that are mentioned", False),
    ("Which people are mentioned most often?", False),
    ("这份手册主要讲了什么？", False),
    ("总结一下这份合同", False),
    ("各篇文档有什么共同主题？", False),
    ("這些文檔主要講了什麼？", False),
    # across all
    ("How do the speakers differ in their view of regulation?", False),
    ("Compare how the different authors treat risk.", False),
    ("What do the episodes say about evolution?", False),
    ("What do guests say about privacy?", False),
    ("Do any of the texts disagree with one another?", False),
    ("What lessons recur across the incident reports?", False),
    ("Where in these documents did somebody notice a warning sign that nobody acted on?", False),
    ("Which concerns are shared by several of the interviewees?", False),
    ("How have attitudes to automation changed over the years?", False),
    ("What trends can be seen in the annual reports?", False),
    # many, or how things are
    ("What is the role of failure in innovation?", False),
    ("Are there conversations about the digital divide?", False),
    ("Which obstacles do small companies face?", False),
    ("How is craft knowledge handed down from one generation to the next in this world?", False),
    (
        "What weaknesses in maintenance and in the division of duties recur in the Inspectorate's incident records?",
        True,
    ),
    ("What do volunteers and local societies do in Kelder Haven?", True),
    ("How are Kelder Haven and its Chinese partners connected through trade, people and science?", True),
    ("What has been done for the wildlife of the Mallow, by whom, and how well did it work?", True),
    ("Are there any controversial opinions expressed about the direction of technology?", False),
    ("What challenges are most often mentioned?", False),
    ("What are the advantages and disadvantages of remote work?", False),
    ("What causes accidents in ports?", False),
    # Chinese
    ("这些文档主要讲了什么？", False),
    ("主要主题有哪些？", False),
    ("这些文档讲了哪些公司？", False),
    ("请概述全部资料。", False),
    ("知识库里有什么内容？", False),
    ("这批资料是关于什么的？", False),
    ("这些文件讲了什么？", False),
    ("一共有多少篇文档？", False),
    ("总结一下这个故事", False),
    ("这本书讲了什么？", False),
    ("各篇文章对人工智能有哪些看法？", False),
    ("创新中的失败起什么作用？", False),
    ("所有报告中反复出现的问题是什么？", False),
    ("文中主要人物有哪些？", False),
    ("不同嘉宾的观点有什么不同？", False),
    ("汐岩泵业在1183批事故之后做了哪些改进？", True),
    ("两地海草床合作是怎样开展的？依靠哪些人和仪器，取得了什么结果？", True),
]
LOCAL = [
    # options of commands
    ("What does ps -e show?", False),
    # single facts
    ("Who taught Ottoline Farrar?", True),
    ("MoE是什么？", True),
    ("臺灣高鐵首任董事長是誰？", True),
    ("LHP是什么？", False),
    ("When was the siren added?", False),
    ("how many eels were hurt", False),
    ("How many pumps does the dock have?", True),
    ("Where does the pilot live?", False),
    ("what did the boy buy on christmas morning", False),
    ("Why did the dock flood?", False),
    ("what is the largest solid the pump can pass", False),
    ("What happens at the end?", False),
    ("What happened on 14 November 2018?", False),
    ("What happens to Tiny Tim?", True),
    ("How does the story end?", False),
    ("What is the capital of France?", True),
    ("Which pump failed?", False),
    ("What are the parts of the pump?", False),
    ("What colour is the lighthouse?", False),
    ("how do i change the seal of the pump", False),
    ("What does the float switch do?", False),
    ("How much did the alarms cost?", False),
    # definitions
    ("What is a carbon seal?", False),
    ("Who is Danny Hillis?", True),
    ("What is DIO?", True),
    ("What is Coopers Dock?", True),
    # several facts that are linked
    ("What films did Ada Quill direct?", True),
    ("Who was the teacher of the designer of the pump that failed?", False),
    ("Which of the two, the tower or the yard, is older?", False),
    ("Who were the leaders of the strike?", False),
    ("Where was the director of the film Jaws born?", True),
    ("Which pattern maker taught the designer?", False),
    ("What year did the company that made the seal begin?", False),
    ("What does Ines Talbraith think about pumps?", True),
    ("Which countries border the lake?", False),
    # Chinese
    ("灯塔是哪一年建成的？", False),
    ("谁设计了苍鹭310泵？", True),
    ("罗静宜的师傅是谁？", True),
    ("凯尔德港有多少居民？", True),
    ("矶鹬浮标是什么？", True),
    ("密封环为什么会破裂？", True),
    ("结局发生了什么？", False),
    ("公司总部在哪里？", False),
    ("公司的英文名称是什么，缩写是什么？", False),
]
# By design: told from words alone these look like the other kind, and either mode gives an answer.
DOUBTFUL = [
    # a question for all that went wrong, or for one accident
    ("What went wrong with pumps?", False, "global"),
]


def mode_of(question, names_entities):
    return choose_mode(question, "auto", has_reports=True, names_entities=names_entities)[0]


@pytest.mark.parametrize(("question", "names_entities"), GLOBAL, ids=[q for q, _ in GLOBAL])
def test_questions_about_the_whole_are_global(question, names_entities):
    assert mode_of(question, names_entities) == "global"


@pytest.mark.parametrize(("question", "names_entities"), LOCAL, ids=[q for q, _ in LOCAL])
def test_questions_for_facts_are_local(question, names_entities):
    assert mode_of(question, names_entities) == "local"


@pytest.mark.parametrize(("question", "names_entities", "mode"), DOUBTFUL, ids=[q for q, *_ in DOUBTFUL])
def test_doubtful_questions_go_one_known_way(question, names_entities, mode):
    assert mode_of(question, names_entities) == mode
