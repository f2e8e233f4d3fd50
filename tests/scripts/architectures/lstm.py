"""nn.LSTM (two layers, dropout between) into nn.GRU (both directions), with a packed sequence."""

import torch
from fingerprint import fingerprint, seed
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(30, 12, padding_idx=0)
        self.lstm = nn.LSTM(12, 16, num_layers=2, dropout=0.2, batch_first=True)
        self.gru = nn.GRU(16, 8, bidirectional=True, batch_first=True)
        self.head = nn.Linear(16, 30)

    def forward(self, tokens, lengths):
        packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True)
        hidden, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.head(self.gru(hidden)[0])


seed(0)
model = Tagger()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
lengths = torch.tensor([14, 12, 12, 9, 7, 5, 3, 2], device="cpu")  # where packing wants them
tokens = torch.randint(1, 30, (8, 14))
for row, length in enumerate(lengths.tolist()):
    tokens[row, length:] = 0
for step in range(8):
    optimizer.zero_grad()
    logits = model(tokens, lengths)
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), tokens.flatten(), ignore_index=0)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    print(step, repr(loss.item()))
fingerprint(model, optimizer)
