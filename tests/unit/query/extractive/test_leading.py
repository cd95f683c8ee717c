import pytest

from graphrag_lite.query.extractive.leading import led_to, list_headed


def quoted(text):
    lead = text.index(":" if ":" in text else "：") + 1
    return text[lead : led_to(text, 0, lead)].strip()


@pytest.mark.parametrize(
    "items",
    [
        "- Trim the wick.\n- Fill the lamp. Use oil.\n- Close the door.",
        "1. Trim the wick.\n\n2. Fill the lamp.",
        "(a) the wick is trimmed;\n(b) the lamp is full.",
        "| Lamp | Oil |\n|---|---|\n| Aurora | 3 |",
        "```sh\nlamp --trim\nlamp --fill\n```",
        "    lamp --trim",
    ],
    ids=["marks", "apart", "letters", "table", "fence", "indented"],
)
def test_a_sentence_that_ends_in_a_colon_leads_to_all_of_it(items):
    assert quoted(f"Before the lamp is lit:\n\n{items}\n\nThe door is red.") == items.strip()


def test_a_long_list_is_cut_between_its_items():
    items = "\n".join(f"- Item {n} of the works, which Ned keeps in the store." for n in range(30))
    found = quoted(f"Ned keeps:\n{items}")
    assert len(found) < 600
    assert items.startswith(f"{found}\n")


@pytest.mark.parametrize("text", ["Lit by:\n\n## Oil\n\nOil is dear.", "Lit by:", "# Lit by:\n\nOil is dear."])
def test_a_heading_is_led_to_by_nothing_and_leads_to_nothing(text):
    assert quoted(text) == ""


def test_a_chinese_item_leads_to_the_next():
    text = "（一）年满十八周岁；\n（二）户籍在本地。\n\n申请表由窗口发放。"
    assert text[: led_to(text, 0, text.index("；") + 1)] == "（一）年满十八周岁；\n（二）户籍在本地。"


DUTIES = "# Works\n\n## Duties of Ned\n\n- Trim the wick.\n- Fill the lamp.\n\n- Close the door.\n\nIt rains."


@pytest.mark.parametrize("item", ["- Trim", "- Close"])
def test_a_list_is_whole_under_a_heading_that_is_asked(item):
    start, end = list_headed(frozenset({"duti", "ned", "list"}), DUTIES, DUTIES.index(item))
    assert DUTIES[start:end] == "- Trim the wick.\n- Fill the lamp.\n\n- Close the door."


@pytest.mark.parametrize(("asked", "begins"), [("duti", "- Trim"), ("duti ned", "It rains")])
def test_no_list_is_whole_under_another_heading_or_of_other_text(asked, begins):
    assert list_headed(frozenset(asked.split()), DUTIES, DUTIES.index(begins)) is None
