"""What must not predict the expected answer, and whether it does."""

from builder.audit.run import run_audit

__all__ = ["run_audit"]
