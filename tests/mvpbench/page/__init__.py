"""Claims about mvpbench/page/."""
