"""Deep Q-learning in a corridor with a prize at its end."""

import argparse
import collections
import copy
import random

import torch
from torch import nn

LENGTH, GAMMA = 6, 0.9


class Corridor:
    def reset(self):
        self.at, self.time = 0, 0
        return self.at

    def step(self, action):
        self.at = max(0, self.at + (1 if action == 1 else -1))
        self.time += 1
        won = self.at == LENGTH - 1
        return self.at, 10.0 * won, won, won or self.time >= 30


def main():
    cli = argparse.ArgumentParser()
    cli.add_argument("--seed", type=int, default=0)
    seed = cli.parse_args().seed
    random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    q = nn.Sequential(nn.Linear(LENGTH, 32), nn.ReLU(), nn.Linear(32, 2))
    frozen = copy.deepcopy(q).requires_grad_(False)
    opt = torch.optim.RMSprop(q.parameters(), lr=1e-3)
    memory = collections.deque(maxlen=2000)
    eye = torch.eye(LENGTH)
    env, count = Corridor(), 0
    for episode in range(60):
        state, over = env.reset(), False
        while not over:
            greedy = q(eye[state]).argmax().item()
            action = random.randrange(2) if random.random() < max(0.1, 1 - episode / 30) else greedy
            after, reward, won, over = env.step(action)
            memory.append((state, action, reward, after, won))
            state = after
            count += 1
            if len(memory) < 64:
                continue
            s, a, r, n, w = (torch.tensor(c) for c in zip(*random.sample(memory, 32), strict=True))
            goal = r + GAMMA * frozen(eye[n]).max(1).values * (1 - w.float())
            loss = nn.functional.smooth_l1_loss(q(eye[s]).gather(1, a[:, None]).squeeze(1), goal)
            opt.zero_grad()
            loss.backward()
            opt.step()
            if count % 50 == 0:
                frozen.load_state_dict(q.state_dict())
    with torch.no_grad():
        print("metric measured", (q(eye[: LENGTH - 1]).argmax(1) == 1).float().mean().item())


main()
