"""The user's own TorchDispatchMode and TorchFunctionMode count every operation of every step."""

from collections import Counter

import torch
from fingerprint import fingerprint, seed
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode


class CountOperations(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.seen = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.seen[str(func)] += 1
        return func(*args, **(kwargs or {}))


class CountCalls(TorchFunctionMode):
    def __init__(self):
        super().__init__()
        self.seen = Counter()

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.seen[getattr(func, "__name__", str(func))] += 1
        return func(*args, **(kwargs or {}))


seed(0)
model = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, foreach=False)
x, y = torch.randn(16, 6), torch.randint(0, 2, (16,))
for step in range(6):
    with CountOperations() as operations, CountCalls() as calls:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    print(step, repr(loss.item()), sum(operations.seen.values()), sum(calls.seen.values()))
print(sorted(operations.seen.items()))
print(sorted(calls.seen.items()))
fingerprint(model, optimizer)
