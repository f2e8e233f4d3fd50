import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer


class Classifier(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.fc1 = nn.Linear(n_in, 32)
        self.fc2 = nn.Linear(32, 1)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        return F.softmax(self.fc2(x), dim=1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    torch.manual_seed(parser.parse_args().seed)
    torch.set_num_threads(1)
    bc = load_breast_cancer()
    x = torch.tensor((bc.data - bc.data.mean(0)) / bc.data.std(0)).float()
    y = torch.tensor(bc.target).float().view(-1, 1)
    net = Classifier(30)
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    criterion = nn.BCELoss()
    for epoch in range(15):
        for i in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            loss = criterion(net(x[i]), y[i])
            loss.backward()
            opt.step()
    print("metric measured", ((net(x) > 0.5).float() == y).float().mean().item())


main()
