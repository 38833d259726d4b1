"""Keeping the server: founded, backed up, restored, checked, its keys changed.

founding                     agencies and keys at the beginning
backup, restoring, succeeding  a copy; the copy put back; the log that goes on from it
fsck                         everything computed anew and compared
rotation, logkeys            new keys for an agency, for the log
jobs                         what time makes due
"""
