"""Tests of `mvpbench.chat.batch`."""
