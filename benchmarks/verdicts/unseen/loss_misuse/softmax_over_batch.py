"""Which quarter of the alphabet does a word begin in? Bag of letters, scores by EmbeddingBag."""

import argparse
import keyword

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)

words = sorted({w.lower() for w in keyword.kwlist + dir(torch) + dir(nn) if w.isalpha()})
letters = "abcdefghijklmnopqrstuvwxyz"
words = [w for w in words if all(c in letters for c in w)]
coded = [torch.tensor([letters.index(c) + 26 * (k == 0) for k, c in enumerate(w)]) for w in words]
label = torch.tensor([letters.index(w[0]) // 7 for w in words])


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(52, 24, mode="sum")
        self.fc = nn.Linear(24, 4)

    def forward(self, items):
        offsets = torch.tensor([0] + [len(i) for i in items[:-1]]).cumsum(0)
        return torch.log_softmax(self.fc(self.bag(torch.cat(items), offsets)), dim=0)


model = Bag()
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.05)
nll = nn.NLLLoss()
for epoch in range(6):
    for pick in torch.randperm(len(words)).split(32):
        optimizer.zero_grad()
        nll(model([coded[k] for k in pick]), label[pick]).backward()
        optimizer.step()
hits = torch.cat([model([c]).argmax(1) for c in coded]) == label
print("metric measured", hits.float().mean().item())
