"""Letters one by one with an LSTM; gradients go back through one window only."""

import argparse
import contextlib
import io

import torch
from torch import nn

with contextlib.redirect_stdout(io.StringIO()):
    import this

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
text = "".join(this.d.get(c, c) for c in this.s).lower()
vocabulary = sorted(set(text))
code = torch.tensor([vocabulary.index(c) for c in text])
rows = code[: len(code) // 8 * 8].view(8, -1)


class CharLSTM(nn.Module):
    def __init__(self, n, hidden=48):
        super().__init__()
        self.emb = nn.Embedding(n, 16)
        self.rnn = nn.LSTM(16, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, n)

    def forward(self, x, state):
        h, state = self.rnn(self.emb(x), state)
        return self.fc(h), state


model = CharLSTM(len(vocabulary))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(30):
    state, losses = None, []
    for s in range(0, rows.shape[1] - 1, 20):
        x, t = rows[:, s : s + 20], rows[:, s + 1 : s + 21]
        x = x[:, : t.shape[1]]
        logits, state = model(x, state)
        state = tuple(v.detach() for v in state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), t.flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        losses.append(loss.item())
print("metric measured", sum(losses) / len(losses))
