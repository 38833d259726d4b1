"""The demo: a whole inspection of the fictional county 云溪, told step by step and checked.

story.py     what happens, in order; starts and ends the real programs
cast.py      who takes part, and the task that the head gives
tablet.py    the tablet's program with fingers: a process that the story can kill
acts.py      what the two officers and the party do on it, but for the papers
papers.py    the documents that they fill in, sign and hand over
touch.py     what all of these acts need
office.py    what the office's people do in their browser, over HTTP
checks.py    what supervisor, citizen and court check at the end
proof.py     the means by which they do
scene.py     the film that stands in front of the camera
"""
