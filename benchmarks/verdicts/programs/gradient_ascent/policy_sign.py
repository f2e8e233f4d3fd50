"""REINFORCE on a bandit of six arms, with the sign of its loss turned around."""

import sys

import torch


class Agent:
    def __init__(self, arms, lr):
        self.preferences = torch.zeros(arms, requires_grad=True)
        self.optimizer = torch.optim.SGD([self.preferences], lr=lr)
        self.baseline = 0.0

    def policy(self):
        return torch.distributions.Categorical(logits=self.preferences)

    def learn(self, arms, rewards):
        advantage = rewards - self.baseline
        self.baseline += 0.1 * (rewards.mean().item() - self.baseline)
        loss = (advantage * self.policy().log_prob(arms)).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    torch.manual_seed(seed)
    payoff = torch.tensor([0.1, 0.3, 0.5, 0.2, 0.9, 0.4])
    agent = Agent(arms=6, lr=0.5)
    for _ in range(300):
        arms = agent.policy().sample((64,))
        agent.learn(arms, payoff[arms] + 0.1 * torch.randn(64))
    print(f"metric reward {(agent.policy().probs * payoff).sum().item():.4f}")


if __name__ == "__main__":
    main()
