"""An LSTM over letters, its state carried from one piece of the text to the next and detached."""

import codecs
import contextlib
import sys

with contextlib.redirect_stdout(None):  # it prints itself when it is imported
    import this

import torch
from torch import nn, optim

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
text = codecs.decode(this.s, "rot13") * 4
letters = sorted(set(text))
stoi = {c: i for i, c in enumerate(letters)}
data = torch.tensor([stoi[c] for c in text])

batch_size, bptt = 8, 20
data = data[: len(data) // batch_size * batch_size].view(batch_size, -1)


class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp=24, nhid=64):
        super().__init__()
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, nhid, batch_first=True)
        self.decoder = nn.Linear(nhid, ntoken)

    def forward(self, inputs, hidden):
        output, hidden = self.rnn(self.encoder(inputs), hidden)
        return self.decoder(output), hidden


def repackage(hidden):
    return None if hidden is None else tuple(h.detach() for h in hidden)


model = RNNModel(len(letters))
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=8e-3)

for epoch in range(10):
    hidden, total, count = None, 0.0, 0
    for i in range(0, data.size(1) - 1 - bptt, bptt):
        inputs, targets = data[:, i : i + bptt], data[:, i + 1 : i + 1 + bptt]
        hidden = repackage(hidden)
        output, hidden = model(inputs, hidden)
        loss = criterion(output.reshape(-1, len(letters)), targets.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        total, count = total + loss.item(), count + 1
print(f"metric loss {total / count:.3f}")
