"""Two workers of torchrun: each says what it sees."""

import os
import sys

import torch.distributed as dist

dist.init_process_group("gloo")
total = __import__("torch").tensor([dist.get_rank() + 1.0])
dist.all_reduce(total)
ours = [name for name in os.environ if "CHAINRULE" in name]
sys.stdout.write(f"rank {dist.get_rank()} {total.item()} {ours} {os.environ.get('PYTHONPATH')}\n")
sys.stdout.flush()
dist.destroy_process_group()
if "fail" in sys.argv and os.environ["RANK"] == "0":
    raise ValueError("rank 0 fails")
