import torch

torch.manual_seed(0)
net = torch.nn.Linear(4, 3)
opt = torch.optim.SGD(net.parameters(), 0.1)
weights = torch.ones(3)
for step in range(6):
    if step == 4:
        weights = torch.ones(5)
    loss = (net(torch.randn(8, 4)) * weights).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
