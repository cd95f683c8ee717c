"""Answers by a chat model, of which every citation becomes a sentence of a stored document.

A question comes in at `ask`, and each line below calls those that are set in under it.

    ask                 a question from its conversation to its verified answer
        wordings        the question in the languages of the collection
        context         what the model is shown, packed by priority
        room            how many tokens all calls for it may hold
        answer          the answer of each mode: locally, globally, by drift
    answer
        decompose       the questions that a question of several hops consists of
        mapping         batches of reports and passages, read for points
        generate        the calls themselves; `conversation` shows a model earlier turns, `json_answers` and
                        `fenced_answers` find the text in an answer that came as JSON or as code
        markers         markers of citations, numbered while the text still grows, with `marker_forms` for the ways
                        to write one, `source_lists` for those below an answer, `denials` for answers that are none
        attribution     passages that say what an answer without markers does

Whether a source can bear out what it is cited for is told by `text.grounds`, and whether one plainly says the same by
`text.same_statement`.
"""
