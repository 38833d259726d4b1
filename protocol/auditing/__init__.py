"""From what is in a log to the report on it, by whoever has it. Pure.

source      what a report is made from; a server's rows are one, a bundle of evidence is another
heard       what devices said last, which reference data were out
context     who had which key when, what the roster said, which lists were out
devices     the facts about one device's journals, and what is found of it
county      the whole document: devices, log, archive, cases, answers
bundle      all of it in one file                entries     the log in it
evidence    what is in it, as a source           checking    whether a report follows from that
comparing   one report beside another
"""
