"""What holds for every publication and whatever the root zone shows, over generated ones.

- ``cases``: documents, and what servers answer, drawn by hypothesis; one run of ``build`` on them
- ``test_emitted``: which keys come out, and what each format says of them
- ``test_verdict``: when a verdict may change, and when not a byte may
"""
