"""Who is who: agencies, persons, devices and their keys, folded from the log. Pure.

registry      the whole, a value that each commit replaces
roster        persons and their standing         agencies     what an agency says of itself
journals      whose journal is which             rekeys       a device's keys, one after the other
authority     which records were made by somebody who may make them

The server folds it in its writer's transaction; whoever checks a report folds it from the same
records and comes to the same.
"""
