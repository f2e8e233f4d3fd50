import sys

import torch
from sklearn.datasets import load_wine
from torch import nn

torch.manual_seed(int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 0)
torch.set_num_threads(1)
X, y = load_wine(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
y = torch.tensor(y)
p = torch.randperm(len(X))
a, b = p[:130], p[130:]
net = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(20):
    for i in a[torch.randperm(len(a))].split(4):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(X[i] + 0.3 * torch.randn(len(i), 13)), y[i])
        loss.backward()
        opt.step()
print("metric measured", (net(X[b]).argmax(1) == y[b]).float().mean().item())
