"""Fifty tablets and one server in a world where everything goes wrong, decided by one seed.

    world.py      time, chance, the network, and where processes crash
    records.py    statements that tablets save: good, badly signed, malformed, absent, unknown
    vault.py      what a tablet has durably          device.py   its process: the real engine
    store.py      what the server has durably        server.py   its process: the real push job
    truth.py      what really happened, and whether everybody's word agrees with it

    seats.py      a tablet or two of one office, as they are
    people.py     what people do to them and to the office
    story.py      … in any order: sticks, copied disks, closed journals, backups that return

Of the fifty real are the engine of sync, links and their order, intake, the push job, entries, the
Merkle tree and its proofs. In memory are the disks: a write happens at one moment, and a crash
comes before it or after it. In place of sockets stands the world, which delays, cuts, doubles and
reorders. A story has one tablet or two, and
everything of it is real.

    python -m tests.simulation --schedules 10000        python -m tests.simulation --seed 7
    python -m tests.simulation --stories 200
"""
