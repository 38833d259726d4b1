"""Keys and passwords of the office: the server's keyring, the staff's wrapped keys, accounts.

keyring       log, office and issuer keys        staffkeys    wrapped by their owner's secret
accounts      who may sign in                    rootmemory   what a root key has signed before
"""
