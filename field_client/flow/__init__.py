"""From taps to acts: what the officer asked for on a screen, done, and the next view shown.

    ui/actions.py ──► flow/<subject>.py ──► inspection.py, issuing.py, sync.py …
                            └──► ui/presenters ──► Shell.show

One module a subject. A flow holds what a person is in the middle of (a half-typed form, whose
card is shown); everything that matters is in the vault. No Kivy here: a flow is tried with a
shell that only remembers what it was told to show.
"""
