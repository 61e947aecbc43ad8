"""Worst cases: what no problem of a class can exceed, by the theorem of the method that was run.

An optimizer or a learning rate names its theorems as its fact `worst`; `bounds` finds those whose premises a
run meets.
"""
