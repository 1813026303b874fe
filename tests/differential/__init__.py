"""Our verdict on a publication beside that of ``openssl cms -verify``, over a thousand times.

- ``tree``: a DER structure as a tree, and every way to spoil it
- ``families``: the publications, numbered, the same in every run
- ``verdicts``: ours and openssl's
- ``differences``: where the two may differ, and why
"""
