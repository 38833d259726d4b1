"""The shared language of Fujie: what the tablet and the server say to each other.

    statements   what can be stated; one Struct per kind           vocabulary, parts, statements
    envelope     who signs it (DSSE), with which keys              envelope, keys, credential
    chain        in which order a device stated it                 chain
    log          what the server admitted, and its proof           merkle, note, receipt, trust
    witnesses    who else saw the log, which all may read          witness, witnessing, tiles
    succession   how another log goes on when one was lost         succession, misbehaviour
    case         what the records of a case amount to              case, rules, calendar, findings
    disclosure   which part of a document the public sees          redaction
    sync         how records travel                                messages, engine, requests
    QR codes     a card shown now, a document's mark               cose, card, mark, qr
    case file    all of it in one file that anyone can check       casefile, casecheck, package

Everything here is pure: values in, values out; the time and randomness are arguments. Only
``__main__`` (``fujie-verify``) touches files. Definitions to the byte: ``docs/protocol.md``.
"""
