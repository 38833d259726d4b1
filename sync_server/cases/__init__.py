"""What the office does with a case, over the pure judgements of ``office/``.

assigning     tasks and approvals                publishing   to the disclosure store, and its end
filing        closed and sealed                  casefiles    the file that a court can check
proofs        whether a published text is what was signed
"""
