"""What raters say together."""
