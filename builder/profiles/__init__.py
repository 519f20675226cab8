"""Respondents to value profiles: scores with their errors, levels, splits; reliability and weights of a survey."""
