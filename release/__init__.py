"""Instances and labels become a versioned dataset."""
