"""Faults on purpose, in real processes and on real sockets, while a tablet and a server sync.

    python -m tests.faults --kills 300 --errors all --cuts all --seed 7      what `make fuzz` does

    strace.py    system calls that fail, or that kill whoever makes them, at the Nth of them
    scene.py     a tablet with an unsent day and its server, each a process; what is left at the end
    rounds.py    a round: one of the two is killed, or its disk fails, at a call drawn by a seed
    cutting.py   a proxy between them cuts at a byte, and answers in the server's place
    everywhere.py   the same at every byte, by a process for each core

        scene ──copy──> round ──> tablet ═══ server
                                     │          │
                                   strace (one of them) ── SIGKILL / EIO / ENOSPC at the Nth call
                                     │          │
                        started again if it died; sync goes on by itself until all is stored
                                     └────┬─────┘
          every acknowledged record there, once; fsck, fujie-verify and the vault's pages clean

Where strace is missing or may not trace, processes are killed at random moments instead and the
program says so; errors of the disk then are not injected, which it says too.

``test_pains_*.py`` are the pains that users of the field's best systems reported, each a test that
bears its name; ``test_pains_index.py`` holds the list against them.
"""
