import pytest

from graphrag_lite.query.defining import defines, may_define, tells_doing


@pytest.mark.parametrize(
    "sentence",
    [
        "Ada Quill is an engineer of lamps.",
        "Ada Quill, an engineer, came home.",
        "KEEPER: Ada Quill is founder of the Lamp Works.",
        "Our guest is Ada Quill, Chief Engineer of the Lamp Works.",
        "“Ada Quill,” a play about lamps, was dull.",
    ],
)
def test_what_somebody_is_defines(sentence):
    assert defines("Ada Quill", sentence) >= 1.9


@pytest.mark.parametrize(
    "sentence",
    [
        "ADA QUILL: Well, I had a lamp.",
        "ADA QUILL(1) Lamps by Hand ADA QUILL(1)",
        "Is Ada Quill an engineer?",
        "Ada Quill's lamp, a large one, was lit.",
        "Ada, can you tell us about the lamp?",
        "Ned Quill is an engineer.",
        "Ada Quill is so excited.",
        "'Do go on, Ada Quill,' said the engineer's niece.",
        "“I think so, Ada Quill,” the engineer said.",
    ],
)
def test_what_merely_names_somebody_defines_nothing(sentence):
    assert defines("Ada Quill", sentence, "ADA QUILL: Hello.") == 1.0


def test_a_part_of_the_name_will_do_where_the_passage_gives_it_in_full():
    sentence = "Ada is an engineer."
    assert defines("Ada Quill", sentence) == 1.0
    assert defines("Ada Quill", sentence, "Today we talk with Ada Quill. Ada is an engineer.") > 2.0


@pytest.mark.parametrize("sentence", ["That was lamp engineer Ada Quill.", "Here is the founder of Lumen, Ada Quill."])
def test_a_job_before_the_name_defines_less(sentence):
    assert 1.0 < defines("Ada Quill", sentence) < defines("Ada Quill", "Ada Quill is an engineer.")


@pytest.mark.parametrize(
    "sentence",
    [
        '"Covered Lamp" means any lamp with a lid.',
        "Covered Lamp shall mean a lamp of the Works.",
        "A covered lamp refers to a lamp with a lid.",
        "Covered Lamp stands for what has a lid.",
        "Covered Lamp\n       Has a lid.",
    ],
)
def test_what_a_word_means_defines(sentence):
    assert defines("covered lamp", sentence) > 2.0
    assert may_define("covered lamp", sentence) is ("\n" not in sentence)


@pytest.mark.parametrize("sentence", ["All rights in the Covered Lamp end.", "Covered lamp oil means trouble."])
def test_what_merely_uses_a_word_says_no_meaning(sentence):
    assert defines("covered lamp", sentence) == 1.0


@pytest.mark.parametrize(
    ("text", "expected"), [("Hello. Ada is an engineer.", True), ("ADA QUILL: Yes. I met Ada Quill there.", False)]
)
def test_only_passages_that_may_define_are_read_closely(text, expected):
    assert may_define("Ada Quill", text) is expected


def test_a_passage_that_is_headed_so_may_define_without_saying_so():
    assert may_define("find_package", "# find_package\n\nFinds a package and loads it.")
    assert not may_define("find_package", "# find_package options\n\nThose that it knows.")


@pytest.mark.parametrize(
    ("subject", "sentence", "expected"),
    [
        ("Kubernetes", "Kubernetes orchestrates containers across our data centres.", True),
        ("Mr. Quill", "Mr. Quill works as an engineer.", True),
        ("Kubernetes", "Kubernetes containers are cheap.", False),
        ("Kubernetes", "Kubernetes crashed.", False),
        ("Kubernetes", "Kubernetes's nodes restart on Mondays.", False),
        ("Kubernetes", "The team restarts Kubernetes.", False),
        ("Kubernetes", "Kubernetes", False),
        ("", "Orchestrates containers.", False),
    ],
)
def test_what_something_does_is_told_behind_its_name(subject, sentence, expected):
    assert tells_doing(subject, sentence) is expected


@pytest.mark.parametrize(
    ("option", "sentence", "is_told"),
    [
        ("--budget", "To save, `--budget 0.50` is a hard cap.", True),
        ("--budget", "`--budget USD` caps what is spent.", True),
        ("--batch", "`--batch` asks at half the price.", True),
        ("--batch", "`--batch-wait` stays for all.", False),
        ("--budget", "The budget 0.50 is a hard cap.", False),
    ],
)
def test_an_option_is_told_where_it_is_typed(option, sentence, is_told):
    assert (defines(option, sentence) > 1.5) is is_told


@pytest.mark.parametrize(
    ("subject", "sentence", "is_told"),
    [
        ("E12", "**E12: no such lamp.**", True),
        ("a gland", "**Gland:** what keeps the water in the pump.", True),
        ("E12", "E121: no such lamp.", False),
        ("E12", "Lamps fail with E12: none is lit.", False),
        ("Ada", "Ada: 5 lamps", False),
    ],
)
def test_a_code_or_a_term_before_a_colon_is_told_behind_it(subject, sentence, is_told):
    assert (defines(subject, sentence) > 1.5) is is_told


def test_another_polite_title_is_another_person():
    sentence = "Mrs. Quill, the worthy partner of the keeper."
    assert defines("Mr. Quill", sentence, "Mr. Quill") == 1.0
    assert defines("Mrs. Quill", sentence, "Mrs. Quill") > 1.0


def test_whose_relative_somebody_is_defines_at_the_beginning_of_a_sentence():
    assert defines("Ada", "Ada, Ned’s sister.") > 1.5
    assert defines("Ada", "When at last we saw Ada, Ned's dog barked.") == 1.0


def test_a_name_without_a_title_is_rather_not_that_of_a_wife() -> None:
    mrs, mr = "In came Mrs. Quill, one vast smile.", "Mr. Quill, a jolly old miller."
    assert 1.0 < defines("Quill", mrs) < defines("Quill", mr)
    assert defines("Mrs. Quill", mrs) > defines("Quill", mrs)


@pytest.mark.parametrize(
    ("sentence", "is_told"),
    [
        ("When it calls find_lamp, the call may be forwarded.", False),
        ("find_lamp, the call may be forwarded.", False),
        ("find_lamp, the command for lamps, is new.", True),
    ],
)
def test_a_clause_behind_a_name_is_no_apposition(sentence, is_told):
    assert (defines("find_lamp", sentence) > 1.5) is is_told


@pytest.mark.parametrize(
    ("sentence", "is_told"),
    [
        ("甲方：江北公司", True),
        ("委托方（甲方）：江北公司", True),
        ("甲方（买方）：江北公司", True),
        ("甲方，即江北公司。", True),
        ("本合同甲方为江北公司。", True),
        ("未经甲方同意，乙方不得转委托。", False),
        ("甲方委托乙方进行检测。", False),
        ("甲方将位于江北路的厂房出租。", False),
    ],
)
def test_a_chinese_label_says_what_it_is_and_a_clause_that_has_it_does_not(sentence, is_told):
    assert (defines("甲方", sentence) > 1.0) is is_told


@pytest.mark.parametrize(
    "brackets", ["(7 March 1881 – 19 June 1950)", "(May 4, 1931 – June 3, 2003)", "(born 4 May 1931)", "(1931–2003)"]
)
def test_what_somebody_was_is_told_behind_life_dates(brackets):
    assert defines("Ada Quill", f"Ada Quill {brackets} was a Norwegian engineer.") > 2.0
    assert defines("Ada Quill", f"Ada Quill {brackets} went home.") < 1.5


@pytest.mark.parametrize(
    ("subject", "sentence", "is_told"),
    [
        ("早退", "工作时间结束前离开者为早退。", True),
        ("海王", "林海有“海王”之称。", True),
        ("海王", "林海被誉为海王。", True),
        ("备案", "本法所称备案，是指事后的登记。", True),
        ("林海", "林海，字子波，海州人。", True),
        ("翼板", "若加装翼板，会重一些。", False),
        ("早退", "迟到者为早退者的两倍。", False),
    ],
)
def test_what_somebody_or_something_is_called_tells_in_chinese_what_that_is(subject, sentence, is_told):
    assert (defines(subject, sentence) > 1.0) == is_told
