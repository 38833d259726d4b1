"""What the officer and the party see. A screen knows its presenter's view and ``Actions``."""
