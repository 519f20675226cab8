"""A survey file becomes respondents, value profiles, questions and instances."""
