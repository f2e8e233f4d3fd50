# GRU that reads a digit row by row
import argparse

import torch
import torch.nn as nn
from sklearn.datasets import load_digits


class RowReader(nn.Module):
    def __init__(self, hidden_size):
        super(RowReader, self).__init__()
        self.gru = nn.GRU(input_size=8, hidden_size=hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, 10)

    def forward(self, x):
        out, h_n = self.gru(x)
        return self.fc(out[:, -1, :])


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--clip", type=float, default=1e-3)
args = parser.parse_args()

torch.manual_seed(args.seed)
torch.set_num_threads(1)
digits = load_digits()
X = torch.from_numpy(digits.images).float() / 16.0
X = (X - X.mean()) / X.std()
Y = torch.from_numpy(digits.target)

model = RowReader(40)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)

for epoch in range(8):
    permutation = torch.randperm(1400)
    for i in range(0, 1400, 40):
        indices = permutation[i : i + 40]
        outputs = model(X[indices])
        loss = criterion(outputs, Y[indices])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=args.clip)
        optimizer.step()

model.eval()
with torch.no_grad():
    predicted = model(X[1400:]).argmax(dim=1)
    print("metric measured", (predicted == Y[1400:]).float().mean().item())
