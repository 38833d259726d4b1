"""What the registrar does, with its I/O around it: people of the office, officers, tablets, lists.

Each act is a record, signed by the registrar's own key, decided on what the registrar looked at:
if that changed meanwhile, nothing happens and the page shows what is there now.
"""
