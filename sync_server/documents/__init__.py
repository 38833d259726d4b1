"""What the server itself prints, by Typst, as PDF/A.

typeset.typeset("casefile", {"sheet": "cover", …})     the PDF's bytes
casefile.typ                cover, contents list and remarks sheet of a case file
common.typ                  fonts, colours and the foot of a page, put before each template
"""
