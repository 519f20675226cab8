"""Instances go out to raters; agreement and labels come back."""
