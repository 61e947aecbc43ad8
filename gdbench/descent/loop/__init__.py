"""`descend` printed as one function, with the rules in it: the same bits, in a third of the time.

What a rule wants of most iterates is that nothing be so. The printed loop therefore goes on by itself, on local
variables, as long as no condition holds under which a rule might fire, and hands over to rules and recorder at
an iterate where one does.
"""
