"""The addresses: ``api`` and ``tus`` for tablets, ``log`` for anybody, pages for people."""
