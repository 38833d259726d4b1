"""The shared language of Fujie: what the tablet and the server say to each other.

    statements   what can be stated; one Struct per kind           vocabulary, statements
    envelope     who signs it (DSSE), with which keys              envelope, keys, credential
    chain        in which order a device stated it                 chain
    log          what the server admitted, and proof of it         merkle, checkpoint, receipt, trust
    case         what the records of a case amount to              case, rules, calendar, findings
    disclosure   which part of a document the public sees          redaction
    sync         how records travel                                messages, engine, requests
    case file    all of it in one file that anyone can check       casefile, ``fujie-verify``

Everything here is pure: values in, values out; the time and randomness are arguments. Only
``__main__`` touches files. Definitions to the byte: ``docs/protocol.md``.
"""
