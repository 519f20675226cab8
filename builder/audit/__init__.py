"""What must not predict the expected answer, and whether it does."""

from builder.audit.run import AUDIT_VERSION, run_audit

__all__ = ["AUDIT_VERSION", "run_audit"]
