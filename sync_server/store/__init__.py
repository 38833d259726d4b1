"""Where things lie: the database and the folder of blobs.

db, tables    engine, transactions, migrations; every table
inserting     many rows by one statement
files, blobs  durable writes; files named by their hash, and uploads that go on
"""
