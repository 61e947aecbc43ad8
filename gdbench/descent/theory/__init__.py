"""What theory says of a problem before a step is taken: how it bends, and how fast a rate is on it.

The card of a problem holds its constants, each with the way it was found; predictions follow from the card,
the start and the update, and are exact on quadratics.
"""
