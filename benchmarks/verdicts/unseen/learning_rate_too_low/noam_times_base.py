"""A transformer names the largest number of a sequence; the schedule of the original paper."""

import sys

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

D_MODEL, WARMUP, VOCAB, LENGTH = 32, 100, 16, 8


class Largest(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(VOCAB, D_MODEL)
        self.place = nn.Embedding(LENGTH, D_MODEL)
        layer = nn.TransformerEncoderLayer(
            D_MODEL, 4, 64, dropout=0.0, norm_first=True, batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(D_MODEL, VOCAB)

    def forward(self, s):
        h = self.token(s) + self.place(torch.arange(s.shape[1]))
        return self.head(self.encoder(h).mean(1))


def noam(step):
    step = max(step, 1)
    return D_MODEL**-0.5 * min(step**-0.5, step * WARMUP**-1.5)


def main(seed):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    model = Largest()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.98), eps=1e-9)
    scheduler = LambdaLR(optimizer, noam)
    for _ in range(400):
        s = torch.randint(VOCAB, (64, LENGTH)) * torch.rand(64, 1)
        s = s.long()
        loss = nn.functional.cross_entropy(model(s), s.max(1).values)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    with torch.no_grad():
        s = (torch.randint(VOCAB, (500, LENGTH)) * torch.rand(500, 1)).long()
        print("metric measured", (model(s).argmax(1) == s.max(1).values).float().mean().item())


main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
