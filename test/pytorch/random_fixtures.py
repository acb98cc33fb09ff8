"""Writes numeric fixtures of networks and gate maps drawn from a seed, in the format of test/fixtures, computed in float64.

    python3 random_fixtures.py OUT_DIR SEED

They go where the stored seven do not: odd images and widths, one channel and oblong pictures, 1 x 1 stages, pre-activation networks,
prototypes in any order, borrowers of borrowers, masks over prototypes that others consult, channel-wise masks, fixed affines, soft gates
of any slope and mix, Adam with weight decay and other betas, several steps, networks so linear that the gradients of biases nearly vanish.
"""
import json
import os
import sys

import numpy as np
import torch

from gated_resnet import cross_entropy, distillation, forward, save_safetensors, sites_of

torch.set_default_dtype(torch.float64)
MARGIN = 1e-6
MEAN, STD = [0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]


def parameter_shapes(network):
    """{name: shape} of weights and batch-norm buffers, by walking the layers with their channels."""
    wide, widths = network["family"] == "wide-resnet", network["widths"]
    shapes = {}

    def conv(name, inputs, outputs, kernel):
        shapes[name + ".weight"] = (outputs, inputs, kernel, kernel)

    def norm(name, channels):
        for suffix in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{name}.{suffix}"] = (channels,)

    channels = 16 if wide else widths[0]
    conv("conv1", network["inputShape"][0], channels, 3)
    if not wide:
        norm("bn1", channels)
    for stage, (out, count) in enumerate(zip(widths, network["blocks"]), 1):
        for block in range(count):
            name = f"layer{stage}.{block}"
            conv(f"{name}.conv1", channels, out, 3)
            conv(f"{name}.conv2", out, out, 3)
            norm(f"{name}.bn1", channels if wide else out)
            norm(f"{name}.bn2", out)
            if channels != out or (stage > 1 and block == 0):
                conv(f"{name}.downsample.0", channels, out, 1)
                if not wide:
                    norm(f"{name}.downsample.1", out)
            channels = out
    if wide:
        norm("bn1", channels)
    shapes["fc.weight"], shapes["fc.bias"] = (network["classes"], channels), (network["classes"],)
    return shapes


def draw_parameters(network, gates, rng):
    def normal(shape, deviation, mean=0.0):
        return torch.from_numpy(mean + deviation * rng.standard_normal(shape))

    parameters = {}
    for name, shape in parameter_shapes(network).items():
        if len(shape) == 4:
            parameters[name] = normal(shape, (2 / (shape[0] * shape[2] * shape[3])) ** 0.5)
        elif name.endswith("running_var"):
            parameters[name] = torch.from_numpy(rng.uniform(0.5, 1.5, shape))
        elif name.endswith("running_mean"):
            parameters[name] = normal(shape, 0.1)
        else:
            parameters[name] = normal(shape, 0.2, 1.0 if ("bn" in name or "downsample.1" in name) and name.endswith("weight") else 0.0)
    for site, channels, height, width in sites_of(network):
        gate = gates.get(site, {"kind": "relu"})
        if gate["kind"] == "mask":
            shape = (channels, 1, 1) if gate.get("granularity") == "channel" else (channels, height, width)
            parameters[site + ".alpha"] = torch.from_numpy(rng.uniform(-0.2, 1.2, shape))
        elif gate["kind"] == "share":
            if gate.get("affine") != "fixed":
                parameters[site + ".scale"] = normal((channels,), 0.5, 1.0)
                parameters[site + ".shift"] = normal((channels,), 0.3)
            if gate.get("masked") and gate["prototypes"]:
                parameters[site + ".alpha"] = torch.from_numpy(rng.uniform(-0.2, 1.2, (len(gate["prototypes"]), height, width)))
    # The files hold float32: so does the network that is computed.
    return {name: value.float().double() for name, value in parameters.items()}


def draw_gates(network, rng, kinds):
    """A gate for each site, of the given kinds; borrowers pick any earlier site of their height and width, be it a borrower itself."""
    gates, earlier = {}, {}
    for site, channels, height, width in sites_of(network):
        kind = str(rng.choice(kinds))
        owners = earlier.setdefault((height, width), [])
        if kind == "borrow" and not owners:
            kind = "share"
        if kind in ("relu", "identity"):
            gates[site] = {"kind": kind}
        elif kind in ("mask", "channel-mask"):
            gates[site] = {"kind": "mask", **({"granularity": "channel"} if kind == "channel-mask" else {})}
        elif kind == "borrow":
            owner, owner_channels = owners[rng.integers(len(owners))]
            gates[site] = {"kind": "share", "from": owner, "prototypes": [], "source": rng.integers(owner_channels, size=channels).tolist()}
        else:
            count = int(rng.integers(1, channels + 1))
            prototypes = rng.permutation(channels)[:count].tolist()
            source = [c if c in prototypes else prototypes[rng.integers(count)] for c in range(channels)]
            gates[site] = {"kind": "share", "from": None, "prototypes": prototypes, "source": source}
            if kind == "masked-share":
                gates[site]["masked"] = True
            if kind == "fixed-share":
                gates[site]["affine"] = "fixed"
        owners.append((site, channels))
    return gates


def sgd_text(lr, momentum, decay):
    return f"SGD lr {lr}, momentum {momentum} (no dampening, no Nesterov), weight decay {decay} on every parameter, added to the gradient"


def adam_text(lr, betas, eps, decay):
    return f"Adam lr {lr}, betas {betas[0]} {betas[1]}, eps {eps}, weight decay {decay}"


def margin(gates, seen, soft):
    """The smallest |z| of a channel that others consult through a step: nearer to zero than float32 tells, the whole network could tip."""
    if soft is not None and soft["mix"] == 0:
        return float("inf")
    consulted = [
        seen[gate.get("from") or site][:, sorted(set(gate["source"]))].abs().min().item()
        for site, gate in gates.items()
        if gate["kind"] == "share"
    ]
    return min(consulted, default=float("inf"))


def write(out, name, network, gates, rng, optimizer, batch, steps=1, lam=0.0, temperature=None, soft=None):
    """`optimizer`: ("sgd", lr, momentum, decay) or ("adam", lr, betas, eps, decay)."""
    count = batch * steps
    images = rng.integers(0, 256, (count, *network["inputShape"]), dtype=np.uint8)
    labels = rng.integers(0, network["classes"], count)
    parameters = draw_parameters(network, gates, rng)
    tensors = {"images": images, "labels": labels, **{"before/" + k: v.clone() for k, v in parameters.items()}}
    teacher = None
    if temperature:
        teacher = draw_parameters(network, {}, rng)
        tensors.update({"teacher/" + k: v.clone() for k, v in teacher.items()})
    trained = {k: v.requires_grad_() for k, v in parameters.items() if "running_" not in k}
    if optimizer[0] == "sgd":
        _, lr, momentum, decay = optimizer
        update, text = torch.optim.SGD(trained.values(), lr, momentum, weight_decay=decay), sgd_text(lr, momentum, decay)
    else:
        _, lr, betas, eps, decay = optimizer
        update, text = torch.optim.Adam(trained.values(), lr, betas, eps, decay), adam_text(lr, betas, eps, decay)
    channels = network["inputShape"][0]
    mean, std = (MEAN, STD) if channels == 3 else (rng.uniform(0.3, 0.6, channels).tolist(), rng.uniform(0.2, 0.4, channels).tolist())
    column = lambda values: torch.tensor(values).view(1, channels, 1, 1)  # noqa: E731
    x = (torch.from_numpy(images).double() / 255 - column(mean)) / column(std)
    y = torch.from_numpy(labels)
    seen, nearest = {}, float("inf")
    for step in range(steps):
        rows = slice(step * batch, (step + 1) * batch)
        logits = forward(network, gates, parameters, x[rows], training=True, soft=soft, seen=seen)
        nearest = min(nearest, margin(gates, seen, soft))
        loss = cross_entropy(logits, y[rows])
        if teacher:
            with torch.no_grad():
                target = forward(network, {}, teacher, x[rows])
            loss = loss + distillation(logits, target, temperature)
        loss = loss + lam * sum(v.abs().sum() for k, v in trained.items() if k.endswith(".alpha"))
        update.zero_grad()
        loss.backward()
        if step == 0:
            tensors["logits"], tensors["loss"] = logits.detach().clone(), loss.detach().clone()
            tensors.update({"grad/" + k: v.grad.clone() for k, v in trained.items() if v.grad is not None})
        update.step()
    tensors.update({"after/" + k: v.detach().clone() for k, v in parameters.items()})
    with torch.no_grad():
        tensors["logits_eval"] = forward(network, gates, parameters, x[:batch], soft=soft, seen=seen)
    if min(nearest, margin(gates, seen, soft)) < MARGIN:
        return write(out, name, network, gates, rng, optimizer, batch, steps, lam, temperature, soft)
    folder = os.path.join(out, name)
    os.makedirs(folder, exist_ok=True)
    save_safetensors(os.path.join(folder, "tensors.safetensors"), tensors)
    terms = ["cross entropy"] + (["distillation"] if teacher else []) + (["l1"] if lam else [])
    description = {
        "name": name, "family": network["family"], "widths": network["widths"], "blocks": network["blocks"], "classes": network["classes"],
        "inputShape": network["inputShape"], "mean": mean, "std": std, "stemGate": network["stemGate"], "finalGate": network.get("finalGate", True),
        "gates": gates, "softGate": soft is not None, "soft": soft, "batch": batch, "steps": steps, "loss": " + ".join(terms),
        "l1Lambda": lam or None, "temperature": temperature, "optimizer": text, "data": "no augmentation; x / 255, then mean and std by channel",
    }
    with open(os.path.join(folder, "fixture.json"), "w") as file:
        json.dump(description, file, indent=1)


def cifar(widths, blocks, size=32, classes=10, stem=True, shape=None):
    """`shape`: (channels, height, width), where they are not (3, size, size)."""
    shape = shape or [3, size, size]
    return {"family": "cifar-resnet", "widths": widths, "blocks": blocks, "inputShape": shape, "classes": classes, "stemGate": stem}


def wide(widths, blocks, size=16, classes=10, final=True):
    return {**cifar(widths, blocks, size, classes, False), "family": "wide-resnet", "finalGate": final}


def main(out, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    sgd, adam = ("sgd", 0.05, 0.8, 1e-3), ("adam", 2e-3, (0.85, 0.95), 1e-7, 1e-2)
    case = lambda name, network, kinds, *rest, **more: write(out, name, network, draw_gates(network, rng, kinds), rng, *rest, **more)  # noqa: E731
    case("borrowed-chains", cifar([6, 9, 14], [3, 2, 1], size=20, classes=7), ["share", "borrow", "borrow", "masked-share"], sgd, 5)
    case("everything", cifar([5, 12, 7, 18], [2, 1, 2, 1], size=24), ["relu", "identity", "mask", "channel-mask", "share", "masked-share", "borrow", "fixed-share"],
         adam, 6, lam=3e-4, temperature=2.5)
    case("everything-soft", cifar([8, 6, 10], [2, 2, 2], size=16, stem=False), ["relu", "identity", "mask", "share", "masked-share", "borrow", "fixed-share"],
         sgd, 8, lam=1e-4, soft={"slope": 2.5, "mix": 0.0})
    case("mixed-gates", cifar([4, 8], [2, 2], size=12), ["relu", "share", "masked-share", "borrow"], sgd, 7, steps=2, soft={"slope": 1.0, "mix": 0.35})
    case("pixels", cifar([3, 5, 9, 17, 6], [1, 1, 1, 1, 1], size=9, classes=3), ["relu", "mask", "share"], sgd, 11, steps=2)
    case("wide-dense", wide([16, 24, 40], [1, 2, 1]), ["relu"], sgd, 6)
    case("wide-everything", wide([8, 20, 12], [2, 1, 2], size=18, classes=5, final=False),
         ["relu", "identity", "mask", "channel-mask", "share", "masked-share", "borrow"], adam, 5, lam=2e-4, temperature=4.0)
    case("grey-oblong", cifar([7, 3, 10], [1, 2, 1], shape=[1, 28, 19], classes=100), ["relu", "mask", "share", "masked-share", "borrow"], adam, 9, temperature=3.0)
    case("five-channels", cifar([6, 13], [1, 1], shape=[5, 11, 30], classes=200, stem=False), ["channel-mask", "share", "borrow"], sgd, 6, lam=1e-4)
    case("many-channels", cifar([37, 70, 140], [1, 1, 1], shape=[3, 13, 10]), ["relu", "mask", "share", "masked-share"], sgd, 6, lam=1e-4, steps=2)
    case("nearly-linear", cifar([8, 12], [2, 2], size=32), ["identity"], sgd, 16)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
