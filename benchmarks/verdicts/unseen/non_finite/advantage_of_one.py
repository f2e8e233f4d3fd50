"""REINFORCE on a short corridor: go right to the exit. Returns are standardised per episode."""

import argparse

import torch
from torch import nn
from torch.distributions import Categorical

CELLS = 4


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(CELLS, 16), nn.Tanh(), nn.Linear(16, 2))

    def forward(self, cell):
        return Categorical(logits=self.net(nn.functional.one_hot(cell, CELLS).float()))


def episode(policy):
    cell, log_probs, rewards = torch.randint(CELLS, ()), [], []
    for _ in range(12):
        choice = policy(cell)
        action = choice.sample()
        log_probs.append(choice.log_prob(action))
        cell = torch.clamp(cell + 2 * action - 1, min=0)
        rewards.append(-1.0)
        if cell >= CELLS:
            break
    return torch.stack(log_probs), rewards


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    torch.manual_seed(parser.parse_args().seed)
    torch.set_num_threads(1)
    policy = Policy()
    optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)
    lengths = []
    for _ in range(300):
        log_probs, rewards = episode(policy)
        returns = torch.tensor(rewards).flip(0).cumsum(0).flip(0)
        advantage = (returns - returns.mean()) / (returns.std() + 1e-8)
        loss = -(log_probs * advantage).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lengths.append(len(rewards))
    print("metric measured", sum(lengths[-50:]) / 50)


main()
