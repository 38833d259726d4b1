"""``fujie-server witness``: a witness for other people's logs (c2sp.org/tlog-witness).

    store.py   what it cosigned last of each log, durable before a cosignature leaves
    app.py     its addresses

A witness knows nothing of cases, tablets or this server's own log, and should run on a machine
of somebody else than the log's operator: that is all its worth.
"""
