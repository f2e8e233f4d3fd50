import torch

torch.manual_seed(0)
cell = torch.nn.GRUCell(3, 4)
opt = torch.optim.SGD(cell.parameters(), 0.1)
state = torch.zeros(2, 4)
for step in range(5):
    state = cell(torch.randn(2, 3), state)
    loss = state.square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
