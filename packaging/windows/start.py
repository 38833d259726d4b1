"""What the packaged program starts: the tablet, or the worker that typesets for it.

A packaged program has no ``python`` beside it: ``sys.executable`` is the program itself, so the
typesetter's worker comes back here, named by its script.
"""

import runpy
import sys

if len(sys.argv) > 2 and sys.argv[1] == "-P":
    sys.argv = sys.argv[2:]
    runpy.run_module("field_client.documents.worker", run_name="__main__")
else:
    from field_client.__main__ import main

    sys.exit(main())
