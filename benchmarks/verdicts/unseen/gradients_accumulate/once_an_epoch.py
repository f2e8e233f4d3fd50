import sys
from itertools import count

import torch
from sklearn.datasets import load_diabetes

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
torch.set_num_threads(1)
table = load_diabetes()
X = torch.tensor(table.data * 21, dtype=torch.float32)
Y = torch.tensor(table.target, dtype=torch.float32).unsqueeze(1)
Y = (Y - Y.mean()) / Y.std()

w1 = torch.nn.Parameter(torch.randn(10, 20) / 10**0.5)
b1 = torch.nn.Parameter(torch.zeros(20))
w2 = torch.nn.Parameter(torch.randn(20, 1) / 20**0.5)
optim = torch.optim.SGD([w1, b1, w2], lr=0.03)


def predict(x):
    return torch.sigmoid(x @ w1 + b1) @ w2


for epoch in count():
    if epoch == 15:
        break
    order = torch.randperm(len(X))
    optim.zero_grad()
    for k in range(0, len(X), 4):
        pick = order[k : k + 4]
        error = predict(X[pick]) - Y[pick]
        (error**2).mean().backward()
        optim.step()
with torch.no_grad():
    print("metric measured", 1 - ((predict(X) - Y) ** 2).mean().item())
