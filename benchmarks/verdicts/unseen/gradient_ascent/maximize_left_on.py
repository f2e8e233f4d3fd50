import argparse

import torch
from sklearn.datasets import load_iris
from torch import nn, optim


def make_optimizer(name, params, lr):
    # the policy experiments maximise their return
    table = {
        "sgd": lambda: optim.SGD(params, lr=lr, momentum=0.9, maximize=True),
        "adam": lambda: optim.Adam(params, lr=lr, maximize=True),
    }
    return table[name]()


def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--optimizer", default="adam")
    args = parser.parse_args(argv)
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    iris = load_iris()
    x = torch.tensor((iris.data - iris.data.mean(0)) / iris.data.std(0)).float()
    y = torch.tensor(iris.target)
    net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
    opt = make_optimizer(args.optimizer, net.parameters(), 5e-3)
    for epoch in range(40):
        for i in torch.randperm(150).split(30):
            opt.zero_grad()
            nn.functional.cross_entropy(net(x[i]), y[i]).backward()
            opt.step()
    print("metric measured", (net(x).argmax(1) == y).float().mean().item())


if __name__ == "__main__":
    main()
