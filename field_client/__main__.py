"""``fujie-field``: the tablet. Settings first, then the window, then Kivy."""

from __future__ import annotations

import logging
import os
import sys

from field_client.settings import read_settings
from protocol.errors import FujieError


def main() -> int:
    """Run the tablet until its window closes. Exit code 2 for a setting that cannot be used."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = read_settings(sys.argv[1:], os.environ)
    except FujieError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        from field_client.ui.window import hurry, prepare_window

        hurry()
        prepare_window()
        from field_client.ui.rules import compile_when_used

        compile_when_used()
        # Kivy opens its window on import, so it is imported only when the settings are known.
        from field_client.app import FujieApp

        FujieApp(settings).run()
    except ModuleNotFoundError as missing:
        needed = f"fujie-field needs {missing.name}; install it: pip install 'fujie[field]'"
        print(needed, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
