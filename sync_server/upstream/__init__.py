"""The upper level: a county's server pushes to its province by the same protocol as a tablet to it.

    papers      the two files by which a county and its province get to know one another
    joining     write one, admit one, follow one
    reporting   what became public, as a file of words that the province may have
    line        signed requests to the province, and its signed answers
    ledger      what the province has, as it proved it
    talk        push, pull and uploads, each answer verified before anything is saved
    pushing     ``protocol/engine.py`` in a thread of the running server

The county's office is one more device there. Of its journal every link goes, so that nothing can
be left out unseen, and of the statements those that the public may read (``FORWARDED``): a link
travels without the others, and the province's log says so of it.
"""
