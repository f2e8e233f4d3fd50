from argparse import ArgumentParser

import torch
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler

p = ArgumentParser()
p.add_argument("--seed", default=0, type=int)
torch.manual_seed(p.parse_args().seed)
torch.set_num_threads(1)


class Sharp(torch.nn.Module):
    """tanh with a gain."""

    def __init__(self, n_in, n_out, gain):
        super().__init__()
        self.fc, self.gain = torch.nn.Linear(n_in, n_out), gain

    def forward(self, x):
        return torch.tanh(self.gain * self.fc(x))


GAIN = 40.0
X, y = load_digits(return_X_y=True)
X = torch.as_tensor(StandardScaler().fit_transform(X)).float()
y = torch.as_tensor(y)
model = torch.nn.Sequential(
    Sharp(64, 20, GAIN),
    Sharp(20, 20, GAIN),
    Sharp(20, 20, GAIN),
    Sharp(20, 20, GAIN),
    torch.nn.Linear(20, 10),
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
perm = torch.randperm(len(X))
tr, te = perm[:1300], perm[1300:]
for step in range(600):
    i = tr[torch.randint(len(tr), (64,))]
    loss = torch.nn.functional.cross_entropy(model(X[i]), y[i])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
model.eval()
print("metric measured", float((model(X[te]).argmax(1) == y[te]).float().mean()))
