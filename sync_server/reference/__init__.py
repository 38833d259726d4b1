"""Reference data on their way to the tablets.

references    composed, signed, stated           editions     when a new version goes out
tufrepo       the files of TUF around them
"""
