"""Words, keys and terms."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import Stemmer

from graphrag_lite.text import normalize
from graphrag_lite.text.normalize import (
    fold,
    is_name_like,
    mask_identifiers,
    name_key,
    name_text,
    scan,
    terms,
    title_forms,
    title_keys,
    unwrapped,
    words,
)


def test_fold_strips_accents_and_keeps_other_scripts() -> None:
    assert fold("Łódź Ångström’s Œuvre 海星 ガ") == "lodz angstrom's oeuvre 海星 ガ"


def test_words_drop_possessives_and_keep_cjk_runs_whole() -> None:
    assert words("Scrooge’s O'Brien met 海星研究所 at 5") == ["scrooge", "obrien", "met", "海星研究所", "at", "5"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("The U.S. Army", "u s army"),
        ("Wiley-Blackwell", "wiley blackwell"),
        ("a", "a"),
        ("Kim Jong-un's", "kim jong un"),
        ("《深海 潮汐》", "深海潮汐"),
        ("Ｎexon 公司", "nexon公司"),
    ],
)
def test_name_key_is_one_for_all_spellings(name: str, key: str) -> None:
    assert name_key(name) == key


def test_title_keys_are_whole_bare_and_before_the_comma() -> None:
    assert title_keys("Paris, Texas (film)") == ["paris texas film", "paris texas", "paris"]
    assert title_keys("The") == []


@pytest.mark.parametrize(
    ("title", "forms"),
    [
        ("Paris, Texas (film)", ["Paris, Texas (film)", "Paris, Texas", "Paris"]),
        ("Tybee Island, Georgia", ["Tybee Island, Georgia", "Tybee Island"]),
        ("技术服务合同（节选）", ["技术服务合同（节选）", "技术服务合同"]),
    ],
)
def test_each_key_of_a_title_is_shown_as_its_own_part(title: str, forms: list[str]) -> None:
    assert list(title_forms(title).values()) == forms


@pytest.mark.parametrize("title", ["my_file.txt", "notes.md", "Introduction", "Chapter 3", "", "https://a.b/c"])
def test_titles_that_name_nothing_are_refused(title: str) -> None:
    assert not is_name_like(title)


def test_terms_are_stems_and_bigrams_with_repeats() -> None:
    assert terms("The machines and a machine") == ["machin", "machin"]
    assert terms("海星所 在") == ["海", "星", "所", "海星", "星所", "在"]


def test_what_is_found_was_not_founded() -> None:
    assert terms("found finds") == ["find", "find"]
    assert terms("founded founding founds") == ["found", "found", "found"]


@pytest.mark.parametrize("word", ["authorized", "authorization", "authority"])
def test_no_authority_is_an_author(word: str) -> None:
    assert terms(word) != terms("author")
    assert terms("authorised") == terms("authorized")


def test_threads_take_turns_at_the_stemmer(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = threading.Lock()

    def stem(word: str) -> str:
        assert busy.acquire(blocking=False)
        time.sleep(0.001)
        busy.release()
        return word

    monkeypatch.setattr(Stemmer, "Stemmer", lambda *_: SimpleNamespace(stemWord=stem))
    stems, words = normalize._Stems(), [f"word{number}" for number in range(16)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(stems.__getitem__, words)) == words


def test_traditional_characters_are_simplified_in_terms_and_keys() -> None:
    assert terms("臺灣高鐵") == terms("台湾高铁")
    assert name_key("臺灣高鐵") == name_key("台湾高铁")


def test_words_go_on_over_the_end_of_a_wrapped_chinese_line() -> None:
    text = "公司于三月四日召开第四届董事会第十二次会议，审议通过对外投\n资设立公司的议案\n甲方：林海"
    assert unwrapped(text) == text.replace("投\n资", "投资")
    assert "投资" in terms(text)
    assert unwrapped("对外\n投资\n\nA line\nof English") == "对外\n投资\n\nA line\nof English"


def test_keys_stand_in_the_text_of_names() -> None:
    text = "與瑞驰动力（上海）有限公司ＡＢ签约"
    assert len(name_text(text)) == len(text)
    assert name_key("瑞驰动力（上海）有限公司ＡＢ") in name_text(text)


def test_scan_gives_places_without_the_possessive() -> None:
    text = "MIT's iPhone, café"
    tokens = scan(text)
    assert [text[t.start : t.end] for t in tokens] == ["MIT", "iPhone", "café"]
    assert [t.is_capital for t in tokens] == [True, True, False]
    assert tokens[0].is_possessive


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("C, C++ and C#", ["c", "c++", "and", "c#"]),
        ("C++11's g++-12", ["c++", "11", "g++", "12"]),
        ("C++’s café", ["c++", "cafe"]),
        ("page#anchor 5# 5++", ["page", "anchor", "5", "5"]),
    ],
)
def test_signs_behind_letters_make_another_word_of_them(text: str, found: list[str]) -> None:
    assert [word for word in words(text) if word != "s"] == found
    assert [token.word for token in scan(text) if token.word != "s"] == found
    assert words(f"{text} 海") == [*words(text), "海"]
    assert terms("用C#写") == ["c#", "用", "写"]


def test_masking_leaves_no_word_of_a_comment() -> None:
    assert mask_identifiers("The lamp <!-- YAML\nadded: v1 --> is lit.").split() == ["The", "lamp", "is", "lit."]


def test_masking_leaves_what_ends_a_sentence_after_an_address() -> None:
    masked = mask_identifiers(
        "It is at https://a.b/c. Ada Renn, ada@renn.org, asked call_me.now? Tom <!-- so. --> went."
    )
    assert masked.split() == ["It", "is", "at", ".", "Ada", "Renn,", ",", "asked", "?", "Tom", "went."]


def test_masking_keeps_the_length() -> None:
    text = "EP-05_ With_Guests.txt ../\nsee https://a.b/C or Ada_Lovelace, Ada"
    masked = mask_identifiers(text)
    assert len(masked) == len(text)
    assert [t.word for t in scan(masked)] == ["see", "or", "ada"]
