#!/usr/bin/env python3
"""First losses of two small networks, computed by NumPy in double precision, independently of Caviar.

Prints first_losses.h: the networks' data, initial weights and the losses of the first ten steps.
Regenerate with:  python3 tests/golden/first_losses.py > tests/golden/first_losses.h

Network A: 6 -> 8 (batch norm, relu) -> 5 (batch norm, relu) -> 3, Adam, label smoothing 0.1.
Network B: 6 -> 7 (bias, tanh) -> 2, momentum (v = beta v + (1 - beta) g), weight decay on W,
           gradient clipping by norm, class weights.
Every step sees all rows, in order. Written from the formulas of the course, not from the code.
"""

import numpy as np

ROWS, FEATURES, STEPS = 24, 6, 10


def float32(x):
    """What both sides start from: exactly representable in single precision."""
    return np.asarray(x, dtype=np.float32).astype(np.float64)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def loss_and_gradient(z, labels, smoothing, weights):
    rows, classes = z.shape
    q = np.full((rows, classes), smoothing / classes)
    q[np.arange(rows), labels] += 1 - smoothing
    p = softmax(z)
    w = weights[labels]
    loss = np.mean(w * -(q * np.log(p)).sum(axis=1))
    return loss, w[:, None] * (p - q) / rows


def batch_norm_forward(z, gamma, beta, epsilon):
    mean = z.mean(axis=0)
    variance = ((z - mean) ** 2).mean(axis=0)
    z_norm = (z - mean) / np.sqrt(variance + epsilon)
    return gamma * z_norm + beta, (z - mean, z_norm, variance)


def batch_norm_backward(dy, gamma, cache, epsilon):
    """The six formulas, one by one."""
    centered, z_norm, variance = cache
    m = dy.shape[0]
    d_norm = dy * gamma
    d_variance = (d_norm * centered * -0.5 * (variance + epsilon) ** -1.5).sum(axis=0)
    d_mean = (d_norm * -1 / np.sqrt(variance + epsilon)).sum(axis=0)
    d_mean += d_variance * (-2 * centered).sum(axis=0) / m
    dz = d_norm / np.sqrt(variance + epsilon) + d_variance * 2 * centered / m + d_mean / m
    return dz, (dy * z_norm).sum(axis=0), dy.sum(axis=0)


def network_a(x, labels, w):
    epsilon, rate, beta1, beta2, tiny, smoothing = 1e-5, 0.02, 0.9, 0.999, 1e-8, 0.1
    p = {"w1": w[0], "g1": np.ones(8), "b1": np.zeros(8),
         "w2": w[1], "g2": np.ones(5), "b2": np.zeros(5),
         "w3": w[2], "b3": np.zeros(3)}
    m = {k: np.zeros_like(v) for k, v in p.items()}
    s = {k: np.zeros_like(v) for k, v in p.items()}
    losses = []
    for t in range(1, STEPS + 1):
        u1, cache1 = batch_norm_forward(x @ p["w1"], p["g1"], p["b1"], epsilon)
        a1 = np.maximum(u1, 0)
        u2, cache2 = batch_norm_forward(a1 @ p["w2"], p["g2"], p["b2"], epsilon)
        a2 = np.maximum(u2, 0)
        loss, dz3 = loss_and_gradient(a2 @ p["w3"] + p["b3"], labels, smoothing, np.ones(3))
        losses.append(loss)
        g = {"w3": a2.T @ dz3, "b3": dz3.sum(axis=0)}
        dz2, g["g2"], g["b2"] = batch_norm_backward(dz3 @ p["w3"].T * (u2 > 0), p["g2"], cache2, epsilon)
        g["w2"] = a1.T @ dz2
        dz1, g["g1"], g["b1"] = batch_norm_backward(dz2 @ p["w2"].T * (u1 > 0), p["g1"], cache1, epsilon)
        g["w1"] = x.T @ dz1
        for k in p:
            m[k] = beta1 * m[k] + (1 - beta1) * g[k]
            s[k] = beta2 * s[k] + (1 - beta2) * g[k] ** 2
            p[k] = p[k] - rate * (m[k] / (1 - beta1**t)) / (np.sqrt(s[k] / (1 - beta2**t)) + tiny)
    return losses


def network_b(x, labels, w, weights):
    rate, beta, decay, norm_max = 0.5, 0.8, 0.01, 0.25
    p = {"w1": w[0], "b1": np.zeros(7), "w2": w[1], "b2": np.zeros(2)}
    v = {k: np.zeros_like(value) for k, value in p.items()}
    losses = []
    for _ in range(STEPS):
        a1 = np.tanh(x @ p["w1"] + p["b1"])
        loss, dz2 = loss_and_gradient(a1 @ p["w2"] + p["b2"], labels, 0.0, weights)
        losses.append(loss)
        dz1 = dz2 @ p["w2"].T * (1 - a1**2)
        g = {"w1": x.T @ dz1, "b1": dz1.sum(axis=0), "w2": a1.T @ dz2, "b2": dz2.sum(axis=0)}
        norm = np.sqrt(sum((value**2).sum() for value in g.values()))
        scale = min(1.0, norm_max / norm)
        for k in p:
            gradient = scale * g[k] + (decay * p[k] if k.startswith("w") else 0)
            v[k] = beta * v[k] + (1 - beta) * gradient
            p[k] = p[k] - rate * v[k]
    return losses


def literal(value, kind):
    if kind == "int32_t":
        return str(int(value))
    text = f"{value:.9g}"
    text += "" if "." in text or "e" in text else ".0"
    return text + ("f" if kind == "float" else "")


def array(name, values, kind="float"):
    text = ", ".join(literal(v, kind) for v in np.asarray(values).ravel())
    print(f"inline const std::vector<{kind}> {name} = {{{text}}};")


def main():
    random = np.random.RandomState(20240611)
    x = float32(random.normal(size=(ROWS, FEATURES)))
    labels_a = random.randint(0, 3, size=ROWS)
    labels_b = (random.uniform(size=ROWS) < 0.3).astype(int)
    weights_b = float32([0.75, 1.75])
    a = [float32(random.normal(size=s) * np.sqrt(2 / s[0])) for s in [(6, 8), (8, 5), (5, 3)]]
    b = [float32(random.normal(size=s) * np.sqrt(2 / s[0])) for s in [(6, 7), (7, 2)]]
    print("// Made by tests/golden/first_losses.py, which says what these are; do not edit.")
    print("// clang-format off")
    print("#ifndef CAVIAR_TESTS_GOLDEN_FIRST_LOSSES_H_\n#define CAVIAR_TESTS_GOLDEN_FIRST_LOSSES_H_\n")
    print("#include <cstdint>\n#include <vector>\n\nnamespace caviar::golden {\n")
    print(f"inline constexpr int kRows = {ROWS}, kFeatures = {FEATURES};")
    array("kX", x)
    array("kLabelsA", labels_a, "int32_t")
    array("kLabelsB", labels_b, "int32_t")
    array("kClassWeightsB", weights_b)
    for i, w in enumerate(a):
        array(f"kWeightsA{i + 1}", w)
    for i, w in enumerate(b):
        array(f"kWeightsB{i + 1}", w)
    array("kLossesA", network_a(x, labels_a, a), "double")
    array("kLossesB", network_b(x, labels_b, b, weights_b), "double")
    print("\n}  // namespace caviar::golden\n\n#endif  // CAVIAR_TESTS_GOLDEN_FIRST_LOSSES_H_")


if __name__ == "__main__":
    main()
