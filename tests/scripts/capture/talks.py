"""A forward pass with side effects: it prints, counts, collects, and so does a hook. Doing it again would show."""

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn



class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(5, 8), nn.Linear(8, 3)
        self.calls, self.seen = 0, []
        self.register_buffer("mean", torch.zeros(8))

    def forward(self, x):
        self.calls += 1
        x = torch.tanh(self.a(x)) / (1 + 0.1 * self.calls)
        with torch.no_grad():
            self.mean = 0.9 * self.mean + 0.1 * x.mean(0)
        self.seen.append(x.detach())
        print("forward", self.calls, len(self.seen))
        return self.b(x - self.mean)


seed(0)
model = Net()
model.b.register_forward_hook(lambda m, i, o: print("hook", tuple(o.shape)))
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-2)
x, y = torch.randn(12, 5), torch.randint(0, 3, (12,))
for step in range(5):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()))
fingerprint(model, optimizer)
