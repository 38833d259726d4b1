"""Programs that nobody here wrote, none of them changed, read what we serve and export.

    served.py      a county with one inspection, its server, its case file, a signed exchange
    envelopes.py  requests.py  bags.py  codes.py  trees.py  repository.py         the readers
    sumdb/         the log's reader in Go, over golang.org/x/mod (Debian: golang-golang-x-mod-dev)
    readers.py     all of them, and which tool each needs

    $ make interop                                            a server is started for it
    $ python -m tests.interop --url http://127.0.0.1:8750 --files build/demo       beside make demo

A reader that misses its tool says which package to install; that is no failure. ``make test`` runs
those in Python.
"""
