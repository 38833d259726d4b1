"""The parts that screens are built of; each module has its looks in the .kv beside it.

Importing a module registers its parts with Kivy's factory; ``ui/screens.py`` loads them all.
``theme`` and ``_`` are known in every .kv file.
"""
