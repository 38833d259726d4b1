"""A tablet and its office: how it comes, what it asks for, how it ends.

enrolment, codes, grants     admitted by a one-time code; its blocks of numbers
exchange, contacts, stored   push and pull; what it says of itself; its media
rekeying, readmission        a new key; back after a restore
closing                      the end of its journal
exports, importing, adoption what came on a stick: admitted, or adopted as evidence
handin                       the same, handed in by a page while the server runs
answering                    what it would have been told by network, in a file beside it
heard, doubts                its word against ours; a head of this log that the log lacks
"""
