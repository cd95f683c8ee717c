"""Answers without a model: all that is shown is text of a document, sentence by sentence, each cited.

A question comes in at `ask`, which goes one of two ways. Both give an `ExtractiveAnswer` of `answer`, which also has
the words for not knowing.

    local               modes basic and local: one to four quotations of the best passages; step by step
        units           what of a text can be quoted as one
        leading         what a sentence that ends in a colon leads to
        tables          what the columns of a row are called, and the cell that is asked for
        quotations      what each such piece of a passage says of the question
        spoken_of       of whom a passage speaks by a pronoun
        releases        of which version or date the entries of a change log are
        items           of which of them the rest of an item of a list tells
        speakers        who says it, in a transcript or an interview
        sections        a whole section, where its heading is what is asked
        comparing       one sentence for each of two that are compared
        weights         how much each term of the question tells
        support         whether the passages speak of what is asked, or only come close
        links           whether one of them leads to another: by a name that both have, whole
        choose          the best quotation, or a chain of them
        appraisal       what each is worth; `whose` and `whose_in_chinese` tell whose a thing is
        answering       whether that answers; `refusals` and `refusals_in_chinese` are the rules by which it does not
        in_parts        one answer to two questions in one

    whole               mode global, and one document as a whole: the first of these that fits the question
        listing         the members of a kind, each with a sentence about it
        overview        what the collection is, and its themes, by its `topics`; of a short text its `outline`;
                        `notices` are left out
        findings        the same by community reports, where there is too little text for topics
        survey          what documents say of a topic: `wide_reading` finds passages, `wanted` weighs what is asked
                        against them, `aspects` knows by which words causes, results and the like are told
        themes          how all four are written: labels, sentences with their speakers, the line above
"""
