"""Writers of questions behind one protocol: `template` offline, `openai` for any compatible endpoint."""

from builder.writers.bank import bank_files
from builder.writers.choose import open_writer, writer_files
from builder.writers.order import Draft, Order, Writer

__all__ = ["Draft", "Order", "Writer", "bank_files", "open_writer", "writer_files"]
