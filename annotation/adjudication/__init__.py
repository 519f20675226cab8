"""Adjudication: somebody who did not rate a question looks at what its raters found wrong with it, and decides.

Defects and sides are adjudicated. What fits a person is not: there, disagreement is what was measured.
"""
