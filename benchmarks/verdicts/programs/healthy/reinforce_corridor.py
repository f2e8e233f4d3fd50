"""REINFORCE: a walker in a corridor learns to go right, from rewards alone."""

import argparse

import torch
from torch import nn
from torch.distributions import Categorical

LENGTH, LIMIT, GAMMA = 8, 30, 0.95


class Corridor:
    def reset(self):
        self.cell, self.time = 2, 0
        return self.see()

    def see(self):
        return nn.functional.one_hot(torch.tensor(self.cell), LENGTH).float()

    def step(self, action):
        self.cell = max(0, self.cell + (1 if action == 1 else -1))
        self.time += 1
        arrived = self.cell == LENGTH - 1
        return self.see(), 1.0 if arrived else -0.02, arrived or self.time == LIMIT


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(LENGTH, 24)
        self.affine2 = nn.Linear(24, 2)

    def forward(self, x):
        return torch.softmax(self.affine2(torch.relu(self.affine1(x))), dim=-1)


def episode(env, policy):
    log_probs, rewards, state, done = [], [], env.reset(), False
    while not done:
        chosen = Categorical(policy(state))
        action = chosen.sample()
        log_probs.append(chosen.log_prob(action))
        state, reward, done = env.step(action.item())
        rewards.append(reward)
    return log_probs, rewards


def returns(rewards):
    total, found = 0.0, []
    for reward in reversed(rewards):
        total = reward + GAMMA * total
        found.insert(0, total)
    return torch.tensor(found)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int, nargs="?", default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)

    env, policy = Corridor(), Policy()
    optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)
    baseline, lengths = 0.0, []
    for number in range(200):
        log_probs, rewards = episode(env, policy)
        gains = returns(rewards)
        baseline = 0.9 * baseline + 0.1 * gains[0].item()
        loss = -(torch.stack(log_probs) * (gains - baseline)).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lengths.append(len(rewards))
    print("metric length", sum(lengths[-40:]) / 40)


if __name__ == "__main__":
    main()
