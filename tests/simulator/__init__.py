"""A publisher of root trust anchors for tests: its own CA, its own signatures, one flaw at a time.

Nothing here imports the product: the simulator is the independent side of every story.

- ``authority``: certifies whatever a story needs, good or bad
- ``der``, ``cms``: compose a detached CMS signature, malformed where asked
- ``ksk``, ``document``: the keys and the RFC 9718 document around them
- ``publication``: both files and the CA, written into a directory
"""
