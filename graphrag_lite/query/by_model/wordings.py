"""A question in the languages of the collection: full text finds words only in their own language."""

from __future__ import annotations

from graphrag_lite.errors import ModelReplyError
from graphrag_lite.llm.protocols import ChatModel
from graphrag_lite.query.asked import question_language
from graphrag_lite.query.by_model.generate import translate_question
from graphrag_lite.query.session import Session

_WORTH_A_CALL = 0.2  # of the collection: so much has to be in another language
_ALMOST_NONE = 0.05  # of the collection: if less is in its own language, the question is looked for in the other alone


def wordings(session: Session, question: str, model: ChatModel) -> tuple[str, ...]:
    """How a question is looked for: as it is, in the other language of English and Chinese, or in both.

    One small call where enough of the collection is in the other language; none elsewhere.

    Raises:
        ModelError: The model cannot be reached or refuses; the answer itself would fare no better.
    """
    own = question_language(question)
    other = "zh" if own == "en" else "en"
    if not session.settings.query.translate or session.languages[other] < _WORTH_A_CALL:
        return (question,)
    try:
        translated = translate_question(model, question, other, prompts=session.settings.llm.prompts)
    except ModelReplyError:
        return (question,)
    if question_language(translated) != other:  # or no translation at all: the question as it is
        return (question,)
    return (translated,) if session.languages[own] < _ALMOST_NONE else (question, translated)
