"""How likely is it that a renewal is lost?

A model learns from renewals that were decided, from what was known 90 days before each was due.
It is tried out on renewals that it has not seen, always later ones when dates are known.
Its probability is calibrated: of ten customers at 30 %, about three are lost.
Below 200 decided renewals there is no model, only the loss rates of similar customers.
A health score is never shown as a probability.
"""
