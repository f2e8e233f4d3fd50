"""Networks as compositions of many named parts: the text, a variable, and a point."""

Network = tuple[str, str, dict[str, float]]


def deep(layers: int) -> Network:
    """Shared weights, one unit a layer: four operations each."""
    parts = [f"h{i} = sigmoid(w*tanh(h{i - 1}) + b)" for i in range(1, layers + 1)]
    point = {"w": 0.5, "b": 0.1, "t": 1.0, "h0": 0.3}
    return f"(h{layers} - t)^2; {'; '.join(parts)}", "w", point


def wide(units: int) -> Network:
    """Two layers of many units, each with weights of its own: five operations a unit."""
    numbers = range(1, units + 1)
    parts = [f"a{i} = tanh(w{i}*x + b{i})" for i in numbers]
    point = {"x": 0.3, "t": 1.0} | {f"w{i}": 0.01 * i for i in numbers}
    point |= {f"b{i}": 0.1 for i in numbers} | {f"v{i}": 0.2 for i in numbers}
    output = " + ".join(f"v{i}*a{i}" for i in numbers)
    return f"(sigmoid(o) - t)^2; o = {output}; {'; '.join(parts)}", "x", point


def shared(units: int) -> Network:
    """One weight that acts in many units: five operations a unit."""
    numbers = range(1, units + 1)
    parts = [f"a{i} = v*tanh(w*x{i} + b)" for i in numbers]
    point = {"w": 0.3, "v": 0.2, "b": 0.1, "t": 1.0} | {f"x{i}": 0.01 * i for i in numbers}
    output = " + ".join(f"a{i}" for i in numbers)
    return f"(sigmoid(o) - t)^2; o = {output}; {'; '.join(parts)}", "w", point
