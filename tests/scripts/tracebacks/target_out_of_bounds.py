import torch
import torch.nn.functional as F

torch.manual_seed(0)
net = torch.nn.Linear(4, 3)
opt = torch.optim.SGD(net.parameters(), 0.1)
for step in range(20):
    x = torch.randn(8, 4)
    y = torch.randint(0, 3, (8,))
    if step == 8:
        y[0] = 7
    F.mse_loss(net(x), torch.zeros(8, 1))  # warns, once for each place it is called from
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
