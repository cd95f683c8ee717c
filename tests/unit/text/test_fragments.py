import pytest

from graphrag_lite.text.fragments import fragment_factor, is_cut_off, is_item, is_solicitation


@pytest.mark.parametrize(
    ("text", "is_cut"),
    [
        ("The lamp (an old one", True),
        ("../ADA: The lamp is old.", True),
        ('The answer is the harbour master."', True),
        ("他说：“灯塔亮了。", True),
        ("talk_with_ada.txt LI: The lamp is old.", True),
        ("The lamp (an old one) burns oil.", False),
        ("“灯塔亮了”，他说。", False),
        ("The keeper's lamp burns oil.", False),
    ],
)
def test_half_quotations_and_file_names_are_cut_off(text, is_cut):
    assert is_cut_off(text) is is_cut


@pytest.mark.parametrize(
    ("text", "is_listed"),
    [
        ("4. Send unused kits back to the works.", True),
        ("- Fit the new ring.", True),
        ("阿萨姆、中国、香港、台湾、尼泊尔、不丹、缅甸、泰国。", True),
        ("1998 was the year of the flood.", False),
        ("工厂生产水泵、阀门和密封环，卖给北方沿海各地的港口和船厂。", False),
    ],
)
def test_items_of_lists_are_known(text, is_listed):
    assert is_item(text) is is_listed


@pytest.mark.parametrize(
    ("text", "is_call"),
    [
        ("Subscribe to our newsletter and follow us on every platform.", True),
        ("This episode is brought to you by Fenn Pumps.", True),
        ("欢迎关注我们，点击链接订阅。", True),
        ("The pilots follow the light of the tower.", False),
    ],
)
def test_calls_to_subscribe_are_known(text, is_call):
    assert is_solicitation(text) is is_call


def test_a_whole_statement_counts_in_full():
    assert fragment_factor("The keeper's lamp burns oil.") == 1.0
