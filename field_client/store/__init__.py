"""What the tablet keeps: the encrypted database, the journal in it, the encrypted files beside it.

vault      the database; ``tables`` its tables      journal   rules, sign, link, number, save
blobs      one encrypted file, hashed while written captures  the files that records name
drafts     what was typed and not issued yet        evidence  hands, texts and PDFs of one act
numbers    blocks granted by the office             stages    saved … archived
rescue     what a crash left                        damaged   what a disk spoilt
"""
