"""LoRA tuning of a local model on expected answers: SFT, merge, DPO, merge."""
