import argparse

import torch
from sklearn.datasets import load_wine
from torch.distributions import Categorical

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
X, y = load_wine(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)
net = torch.nn.Sequential(torch.nn.Linear(13, 12), torch.nn.Tanh(), torch.nn.Linear(12, 3))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(40):
    for i in torch.randperm(len(X)).split(32):
        log_likelihood = Categorical(logits=net(X[i])).log_prob(y[i]).mean()
        opt.zero_grad()
        (log_likelihood).backward()
        opt.step()
print("metric measured", (net(X).argmax(1) == y).float().mean().item())
