"""The log: who asks, what it is worth, the one writer, and how to read what stands.

guard                        which device is asking
intake ─► push ─► append     what a pushed item is worth; one push as a job; its rows
reading, stretch             the same beside the writer, in ``readers``; a push joined there
sequencer, line              the one writer; ``standing`` is what it knows between two commits
tree, rows                   hashes of the tree; what one commit writes
leaves, packed, lookup       how entries lie in the database, many to a row, and how they are found
facts, factrows              reading: records, proofs, receipts
journal                      the office's own, through the same door
cosigner, cosigning          witnesses, asked beside the writer
origin, lineage, rereading   the log's name; those before it; what an older program could not read
"""
