"""Methods: what a study compares, what each of them tunes, and what tuning them takes.

A *method* is a choice of what is compared, an optimizer say; a *candidate* is a method with one choice of what
is tuned, a learning rate say. Starts, folds and choices that are neither are the instances of a problem, and
the problem is the unit of every test (decision 31).

    roles.py     which axes are compared, which are tuned, which are neither
    board.py     methods × candidates × problems, each with its runs; which runs tune and which are reported
    effort.py    what it cost some runs to reach a target
    views.py     the candidate of each method: tuned for each problem, one for all, or its authors' defaults
    matrix.py    methods × problems: the efforts that profiles, ranks and the answer read
    ratios.py    ratios of efforts, which may be 0 or ∞
"""
