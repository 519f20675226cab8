"""What raters' work looks like."""
