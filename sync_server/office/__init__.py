"""What the staff may do, as pure functions: request + what stands → statements, or a refusal.

    publish.py    a decision becomes public
    archive.py    a case file is closed and sealed
    tasks.py      officers are sent to a party, or not any more
    approvals.py  the head grants or refuses

Nothing here signs, reads or writes; a page gathers what stands, asks, and passes on the answer.
"""
