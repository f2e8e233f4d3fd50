"""What may be wrong with a loss: one mistake a file, asked by the fault `loss-misuse`."""
