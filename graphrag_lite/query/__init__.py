"""A question's way through. It comes in at `ask`, and so does its answer go out, with every citation verified.

Answers are quoted by `extractive`, where no model is named or a model fails, or written by `by_model`. Each has a map
of its own, and neither knows the other. What both share:

    what is open to a question
        session         one snapshot: its arrays, and what is shown of its passages and reports
        filters         which documents a question may be answered from
        search          a session as one question sees it
    what it asks
        question        what of it can be searched for and sent
        asked           what it asks for: terms, names, the kind of answer; by `asking`, its words that are not of the
                        matter, and `asked_in_chinese`; with `agents`, `counting`, `deeds`, `defining`, `entries`,
                        `happenings`, `identifiers`, `instructions`, `labels`, `labels_in_chinese`,
                        `lives_in_chinese`, `measures`, `numbered`, `options`, `predicates`, `relating`, `remedies`,
                        `things`, `values`, `whereabouts`: how such a thing is asked for, and what in a text tells it;
                        `clauses` reads English for them
        parts           the two questions that it may be
        kinds           the kind of things all of which it wants
        named_document  the document that it wants an overview of
        route           which mode it wants, and why
    what is found for it
        retrieve        passages, ranked by words, vectors and links over the graph
        spelling        what a misspelt word of it is read as
        paths           the way from it to a passage
        reports         community reports that bear on it
    what is known of a passage
        headings        those that a sentence stands under
        works           the work that its document is part of
        cite            citations, found again in the stored text
    what both ways end with
        settle          the mode, the one document that is asked for, and the answer with verified citations

Beside the way, `contents` lists what a snapshot holds, under a filter with `provenance`.
"""
