"""What is seen of a forward pass: layers, losses, cuts, normalisations, parameters, schedulers."""
