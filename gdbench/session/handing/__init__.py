"""An experiment handed on: one file with all that it takes to see it, to do it again and to check it.

What is where:

    parts.py       the file: a ZIP of named parts, and a manifest with the digest of each
    sources.py     what goes in beside the store: configs, plug-ins, data
    clean_copy.py  the store without the machine behind it
    bundle.py      an experiment → the file
    verify.py      the file → what of it holds
    yardsticks.py  what is known of its problems, worked out again
"""
