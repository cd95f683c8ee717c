import pytest

from graphrag_lite.query.asked import read_question


def is_of_another(question, sentence, names=()):
    deed = read_question(question, names).deed
    assert deed is not None
    return deed.is_of_another(sentence)


@pytest.mark.parametrize(
    ("sentence", "is_other"),
    [
        ("Ada Quill's credit was sound on 'Turn for any bill.", True),
        ("Ada Quill waited for her turn.", False),
        ("Ada Quill saw the turn of the tide.", True),
        ("If the roads are mended, the seasons will turn.", True),
        ("Ada Quill's sister turned back.", True),
        ("The clerk turned pale, and Ada Quill went out.", True),
        ("Turn the wheel, Ada Quill!", True),
        ("She went out and turned, said Mrs. Quill.", False),
        ("Ada Quill has never really turned.", False),
        ("The engineer turned to the sea.", False),
        ("The wheel was turned by Ada Quill.", False),
        ("So turned Ada Quill.", False),
        ("The turn in Ada Quill was plain.", False),
        ("Ada Quill went out.", False),
    ],
)
def test_only_what_is_certainly_of_another_is_no_deed_of_the_one_asked_about(sentence, is_other):
    assert is_of_another("How did Ada Quill turn?", sentence) == is_other


def test_one_of_the_same_family_is_another():
    assert is_of_another("What did Ada Quill promise?", "The clerk promised a lamp, and Mrs. Quill left.") is False
    assert is_of_another("What did Ada Quill promise?", "The clerk promised a lamp, and Ada Quill left.") is True


def test_a_part_of_another_word_is_no_deed():
    assert is_of_another("How did Ada Quill die?", "Ada Quill felt its death-cold eyes.")
    assert not is_of_another("Which works did Ada Quill co-found?", "Ada Quill co-founded the lamp works.")


@pytest.mark.parametrize(
    ("sentence", "is_other"),
    [("林海的妻子离开了港口。", True), ("林海离开了港口。", False), ("因为生病，他离开了港口。", False)],
)
def test_what_is_said_of_somebodys_own_in_chinese_is_no_deed_of_theirs(sentence, is_other):
    assert is_of_another("林海为什么离开港口？", sentence, ("林海",)) == is_other


@pytest.mark.parametrize(
    "question", ["Who mended the lamp?", "How does Ada's sister turn?", "What does the moon weigh?"]
)
def test_a_question_without_a_named_subject_asks_for_no_deed(question):
    assert read_question(question).deed is None


def test_what_a_speaker_does_is_no_deed_of_another():
    deed = read_question("Where does Ada Quill work?").deed
    assert deed is not None
    assert deed.is_of_another("What I worked on was pumps.", "NED LARK: ")
    assert not deed.is_of_another("What I worked on was pumps.", "ADA QUILL: ")
    assert not deed.is_of_another("What I worked on was pumps.")


def test_what_anybody_does_is_no_deed_of_the_one_asked_about():
    assert is_of_another("Where does Ada Quill work?", "The way that a character works here is simple.")


def test_a_noun_behind_another_is_no_deed():
    assert is_of_another("Where does Ada Quill work?", "We stop the government work, or split the firm.")
    assert not is_of_another("When did Fenn Pumps cut prices?", "The company cut prices in 1999.")


@pytest.mark.parametrize(
    ("sentence", "is_other"),
    [
        ("'Do go on, Ada Quill,' said the clerk.", True),
        ("“Do go on, Ada Quill,” said Ned.", True),
        ("'Do go on,' said Ada Quill.", False),
        ("'Do go on,' she said.", False),
        ("He said that Ada Quill was growing strong.", True),
        ("Ada Quill left, and she said so.", False),
    ],
)
def test_what_is_said_by_whom_a_sentence_names_beside_it_is_not_said_by_the_one_asked_about(sentence, is_other):
    assert is_of_another("What did Ada Quill say?", sentence) == is_other


@pytest.mark.parametrize(
    ("speaker", "sentence", "is_other"),
    [
        ("NED MARSH: ", "I always read comics growing up.", True),
        ("NED MARSH: ", "I know that she grew up at Aldmoor.", False),
        ("ADA QUILL: ", "I always read comics growing up.", False),
        ("ADA QUILL: ", "He grew up at Aldmoor.", True),
        ("ADA: ", "He grew up at Aldmoor.", False),
        ("", "I grew up at Aldmoor.", False),
    ],
)
def test_who_speaks_tells_of_whom_a_pronoun_can_not_speak(speaker, sentence, is_other):
    deed = read_question("Where did Ada Quill grow up?").deed
    assert deed is not None
    assert deed.is_of_another(sentence, speaker) == is_other


@pytest.mark.parametrize(
    ("sentence", "is_other"),
    [
        ("His father was a miner who died in 1949.", True),
        ("Bo Lund's elder brother died in 1949.", True),
        ("His brother, a pilot, died in 1949.", True),
        ("Her husband, who wrote plays, died in 1949.", True),
        ("In 1949, his father died.", True),
        ("His mother sold cloth; his father was a miner who died in 1949.", True),
        ("She married a judge who died in 1949.", True),
        ("She was also a judge who died in 1949.", False),
        ("Bo Lund, a judge who died in 1949, wrote plays.", False),
        ("He and his brother died in 1949.", False),
        ("He married Ida, his cousin, and died in 1949.", False),
        ("His father taught him until he died in 1949.", False),
        ("His ship sank, and he died in 1949.", False),
        ("The judge who died in 1949 was rich.", False),
    ],
)
def test_a_deed_of_a_relative_is_none_of_the_one_asked_about(sentence, is_other):
    assert is_of_another("When did Bo Lund die?", sentence) == is_other


def test_a_relative_whom_the_question_names_may_do_it():
    assert not is_of_another("What did Bo Lund found with his brother?", "His brother founded the mill with him.")


@pytest.mark.parametrize(
    ("sentence", "is_other"), [("His father was born in 1900.", True), ("Born in 1931, he went to sea.", False)]
)
def test_what_was_done_to_a_relative_was_not_done_to_the_one_asked_about(sentence, is_other):
    assert is_of_another("When was Bo Lund born?", sentence) == is_other
