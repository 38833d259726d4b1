"""Everything that passes between tablet and office: by the network, or on a stick.

enrolment            how a tablet becomes the agency's
sync                 performs what the engine decides
exchange, uploads    push, pull and media over ``wire``; each contact begins with ``inventory``
history, following   the log only moves forward, and from one log to its successor
outcomes, rekeying   what a record of the office changes here, keys too
standing             which officers and devices the log says are in order
proofs, unread       receipts; records whose words are not known yet
reference            the newest signed data, by ``repository`` (TUF)
exporting, sticks    journals on a stick
taking, carried      the office's answers from one
forks, reopening     a journal ends, another opens
"""
