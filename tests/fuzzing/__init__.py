"""Hostile bytes at every decoder of the protocol, of the tablet and of the server.

    target.py     what a target is: good bytes, its decoder, and what must hold of every answer
    statements.py  log.py  public_log.py  codes.py  wire.py  files.py  tablet.py  server.py
    shapes.py     what a hostile sender makes of a format: deep, long, many, lying; at any size
    breaking.py   our own seeded mutator, where atheris has no wheel
    hunt.py       one target, so many executions: by atheris (libFuzzer), or by our mutator
    growth.py     time at one size and at four times that size
    __main__.py   the program

    $ FUZZ_S=60 python -m tests.fuzzing                      every target, the seconds shared out
    $ python -m tests.fuzzing --only receipt                 the targets of this name
    $ python -m tests.fuzzing --runs 2000 --seed 7           bounded by executions: the same again
    $ python -m tests.fuzzing --replay build/fuzz/findings/receipt-0123abcd

What must hold, whatever comes in:

- a decoder answers with a value or with an error that its target names, never with another;
- one value has one string: what is read is written again as it came, or, where a format leaves
  white space free, is read again as the same value;
- what proves something (a signature, a place in the log) proves what the good bytes prove, or
  nothing.

Seeds are the frozen vectors and a small world with fixed keys; what a hunt finds interesting is
kept in ``build/fuzz/corpus`` and is where the next hunt begins.
"""
