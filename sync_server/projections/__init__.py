"""Projections: what people look at, folded from the log and from what it commits to.

    runner.py       reads new entries in order, does the I/O, remembers how far it is
    cases.py        (P) the list of cases, and which record a document's mark means
    disclosure.py   (P) what is public of a decision, and what became of it
    archive.py      (P) the files that were sealed
    search.py       (P) words of one, two and more characters, found in Chinese text

Every row can be thrown away: ``Projections.rebuild`` makes them again from nothing.
"""
