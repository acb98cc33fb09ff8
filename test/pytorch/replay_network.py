"""A network in training, in one precision: its steps, its evaluation, its tensors."""
import numpy as np
import torch

from gated_resnet import cross_entropy, distillation, forward

TERMS = ("loss", "crossEntropy", "distillation", "penalty")


def is_alpha(name):
    return name.endswith(".alpha")


class Replica:
    def __init__(self, network, gates, tensors, dtype):
        """`tensors`: every weight, statistic and gate parameter by name."""
        self.network, self.gates, self.dtype = network, gates, dtype
        self.parameters = {k: torch.from_numpy(np.array(v, np.float64)).to(dtype) for k, v in tensors.items()}
        self.optimizer = None

    def begin(self, phase):
        """Fresh moments. Frozen masks take no part."""
        trained = {k: v for k, v in self.parameters.items() if "running_" not in k and (phase["trains_masks"] or not is_alpha(k))}
        for value in trained.values():
            value.requires_grad_()
        self.alphas = [v for k, v in trained.items() if is_alpha(k)]
        groups = [{"params": [v for k, v in trained.items() if not is_alpha(k)]}, {"params": self.alphas}]
        settings = phase["optimizer"]
        if settings["kind"] == "sgd":
            self.optimizer = torch.optim.SGD(groups, lr=1, momentum=settings["momentum"], weight_decay=settings["weightDecay"])
        else:
            self.optimizer = torch.optim.Adam(groups, lr=1, weight_decay=settings["weightDecay"])

    def step(self, images, labels, micro, rate, mask_rate, lam, soft, teacher, settings):
        """One step; its loss and terms. Each micro batch is normalised by its own statistics; gradients are averaged."""
        self.optimizer.param_groups[0]["lr"], self.optimizer.param_groups[1]["lr"] = rate, mask_rate
        self.optimizer.zero_grad()
        parts = len(images) // micro
        told = dict.fromkeys(TERMS, 0.0)
        self.seen = []
        for part in range(parts):
            rows = slice(part * micro, (part + 1) * micro)
            seen = {}
            logits = forward(self.network, self.gates, self.parameters, images[rows], training=True, soft=soft, seen=seen)
            self.seen.append(seen)
            entropy = cross_entropy(logits, labels[rows]) / parts
            loss = entropy
            if teacher is not None:
                term = settings["weight"] * distillation(logits, teacher.logits(images[rows]), settings["temperature"]) / parts
                loss = loss + term
                told["distillation"] += term.item()
            loss.backward()
            told["crossEntropy"] += entropy.item()
        if lam:
            penalty = lam * sum(alpha.abs().sum() for alpha in self.alphas)
            penalty.backward()
            told["penalty"] = penalty.item()
        self.optimizer.step()
        told["loss"] = told["crossEntropy"] + told["distillation"] + told["penalty"]
        return told

    @torch.no_grad()
    def logits(self, images, soft=None):
        """In evaluation mode."""
        return forward(self.network, self.gates, self.parameters, images, soft=soft)

    @torch.no_grad()
    def evaluate(self, data, indices, soft):
        """(logits, labels) over these images."""
        logits = [self.logits(data.batch(part, None, self.dtype)[0], soft) for part in np.array_split(indices, -(-len(indices) // 256))]
        return torch.cat(logits).double(), torch.from_numpy(data.labels[indices])

    def tensors(self):
        return {k: v.detach().double().numpy().copy() for k, v in self.parameters.items()}


@torch.no_grad()
def undecided(double, single, soft):
    """The |z| that a step function decided on in the last step though rounding errors may put it on the other side of zero; or None.

    Errors are taken to be up to four times the difference between float32 and float64.
    """
    hard = soft is None or soft["mix"] > 0
    for exact, rough in zip(double.seen, single.seen):
        for site, z in exact.items():
            gate = double.gates.get(site, {"kind": "relu"})
            near = z.abs() < 2e-7 + 4 * (z - rough[site]).abs()
            if gate["kind"] == "mask":
                near &= double.parameters[site + ".alpha"] != 0
            elif gate["kind"] == "identity" or not hard:
                near &= False
            elif gate["kind"] == "share":
                owner = gate["from"] or site
                z = exact[owner][:, sorted(set(gate["source"]))]
                near = z.abs() < 2e-7 + 4 * (z - rough[owner][:, sorted(set(gate["source"]))]).abs()
            if near.any():
                return z[near].abs().min().item()
    return None


class Evaluation:
    """Accuracy and loss of a split, and how far float32 leaves them open."""

    def __init__(self, double, single):
        (logits, labels), (rough, _) = double, single
        self.images = len(labels)
        self.right = int((logits.argmax(1) == labels).sum())
        self.loss = cross_entropy(logits, labels).item()
        self.open_loss = abs(cross_entropy(rough, labels).item() - self.loss)
        top = logits.topk(2, 1).values
        self.open_images = int((top[:, 0] - top[:, 1] < 1e-3 + 20 * (logits - rough).abs().max()).sum())

    @property
    def accuracy(self):
        return self.right / self.images

    def beats(self, other):
        return other is None or self.right > other.right or (self.right == other.right and self.loss < other.loss)
