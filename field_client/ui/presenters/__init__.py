"""State to the words and marks on screen, one module a screen; no I/O, no clock (P).

Words are an argument too: each function takes ``_``, the translator, first.
"""
