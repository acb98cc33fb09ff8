"""ReLU Studio's networks in PyTorch: load a run, count its DReLUs, finetune it, save it for the studio. Needs torch and numpy alone.

    import relu_studio
    model = relu_studio.load("runs/snl")        # a run's folder, its masks.json, or a .relu-studio.zip
    logits = model(relu_studio.normalise(model, pixels))    # pixels: uint8, N x C x H x W
    print(sum(gate["drelus"] for gate in relu_studio.gates(model)))
    relu_studio.save(model, "runs/finetuned")   # masks.json and model.safetensors, which the studio reads

A gate computes out = z * (scale * d + shift), where d = 1[z' > 0] is the DReLU of the neuron that it consults: its own, or that of
another channel at the same position. Gates are exact in training too: the step d passes no gradient, z, scale and shift do.
Parameters have torchvision's names (conv1, layer1.0.bn2, layer2.0.downsample.0, fc); gates are called by their sites
(layer1.0.gate1). Formats: docs of ReLU Studio, masks.json version 1.
"""
import base64
import datetime
import hashlib
import io
import json
import os
import struct
import zipfile

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

__all__ = ["load", "gates", "save", "normalise", "Network", "read_safetensors", "write_safetensors"]

WIDE_STEM = 16
KINDS = ("relu", "identity", "mask", "share")


# ---------------------------------------------------------------- safetensors
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1", "BOOL": "?"}


def read_safetensors(data):
    """bytes -> {name: numpy array}."""
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            first, last = (8 + size + offset for offset in entry["data_offsets"])
            tensors[name] = np.frombuffer(data[first:last], _DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def write_safetensors(tensors):
    """{name: array or tensor} -> bytes, all as float32."""
    header, blobs, offset = {"__metadata__": {"format": "pt", "generator": "relu_studio.py"}}, [], 0
    for name, value in tensors.items():
        array = np.asarray(value.detach().cpu().numpy() if torch.is_tensor(value) else value, "<f4")
        blob = np.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(blobs)


# ---------------------------------------------------------------- gates
def _unpack(mask, shape):
    """base64-packbits -> bool tensor."""
    bits = np.unpackbits(np.frombuffer(base64.b64decode(mask["data"]), np.uint8))[: int(np.prod(shape))]
    return torch.from_numpy(bits.astype(bool).reshape(shape))


def _pack(bits):
    return {"encoding": "base64-packbits", "data": base64.b64encode(np.packbits(bits.cpu().numpy().reshape(-1))).decode()}


class Gate(nn.Module):
    """One gate site. `forward` takes z (N, C, H, W) and `seen`, the bits of earlier sites that others consult."""

    def __init__(self, entry):
        super().__init__()
        self.site, self.kind, self.shape = entry["id"], entry["kind"], tuple(entry["shape"])
        if self.kind not in KINDS:
            raise ValueError(f'{self.site}: gates of kind "{self.kind}" are not known here, only {", ".join(KINDS)}')
        if "else" in entry:
            raise ValueError(f'{self.site}: masks with an "else" are not known here')
        channels, height, width = self.shape
        self.consulted = False  # some share gate uses this site's bits; set by the network
        if self.kind == "mask":
            self.register_buffer("kept", _unpack(entry["mask"], self.shape), persistent=False)
        if self.kind == "share":
            self.owner, self.prototypes = entry["from"] or self.site, list(entry["prototypes"])
            self.register_buffer("source", torch.tensor(entry["source"]), persistent=False)
            own = torch.zeros(channels, dtype=torch.bool)
            own[self.prototypes] = True
            self.register_buffer("own", own, persistent=False)
            scale, shift = (torch.tensor(entry[key], dtype=torch.float32) for key in ("scale", "shift"))
            self.trained = bool((scale != 1).any() or (shift != 0).any())
            if self.trained:
                self.scale, self.shift = nn.Parameter(scale), nn.Parameter(shift)
            if "mask" in entry:
                self.register_buffer("kept", _unpack(entry["mask"], (len(self.prototypes), height, width)), persistent=False)

    def bits(self, z):
        """The DReLUs as others see them: 1 where a prototype's mask has removed its DReLU."""
        bits = z > 0
        if self.kind == "share" and hasattr(self, "kept"):
            removed = torch.zeros(self.shape, dtype=torch.bool, device=z.device)
            removed[self.prototypes] = ~self.kept
            bits = bits | removed
        return bits

    def affine(self):
        """scale and shift per channel as they act: (1, 0) at prototypes."""
        if not self.trained:
            return torch.ones(len(self.own), device=self.own.device), torch.zeros(len(self.own), device=self.own.device)
        return torch.where(self.own, torch.ones_like(self.scale), self.scale), torch.where(self.own, torch.zeros_like(self.shift), self.shift)

    def forward(self, z, seen):
        if self.consulted:
            seen[self.site] = self.bits(z)
        if self.kind == "identity":
            return z
        if self.kind == "relu":
            return F.relu(z)
        if self.kind == "mask":
            return torch.where(self.kept, F.relu(z), z)
        bits = seen[self.owner][:, self.source].to(z.dtype)
        scale, shift = (value.to(z.dtype).view(-1, 1, 1) for value in self.affine())
        return z * (scale * bits + shift)

    def entry(self):
        """This site as masks.json has it."""
        entry = {"id": self.site, "shape": list(self.shape), "kind": self.kind}
        if self.kind == "mask":
            return {**entry, "kept": int(self.kept.sum()), "mask": _pack(self.kept)}
        if self.kind == "share":
            scale, shift = (value.detach().float().cpu().tolist() for value in self.affine())
            owner = None if self.owner == self.site else self.owner
            entry.update({"from": owner, "prototypes": self.prototypes, "source": self.source.tolist(), "scale": scale, "shift": shift})
            if hasattr(self, "kept"):
                entry["mask"] = _pack(self.kept)
        return entry


# ---------------------------------------------------------------- networks
def _conv(inputs, outputs, kernel, stride=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)


class BasicBlock(nn.Module):
    """conv, norm, gate1, conv, norm, plus shortcut, gate2 (He et al. 2016)."""

    def __init__(self, inputs, outputs, stride, gate, name):
        super().__init__()
        self.conv1, self.bn1, self.gate1 = _conv(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs), gate(f"{name}.gate1")
        self.conv2, self.bn2, self.gate2 = _conv(outputs, outputs, 3), nn.BatchNorm2d(outputs), gate(f"{name}.gate2")
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(_conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x, seen):
        z = self.gate1(self.bn1(self.conv1(x)), seen)
        return self.gate2(self.bn2(self.conv2(z)) + (x if self.downsample is None else self.downsample(x)), seen)


class PreActivationBlock(nn.Module):
    """norm, gate1, conv, norm, gate2, conv, plus shortcut (Zagoruyko & Komodakis 2016)."""

    def __init__(self, inputs, outputs, stride, gate, name):
        super().__init__()
        self.bn1, self.gate1, self.conv1 = nn.BatchNorm2d(inputs), gate(f"{name}.gate1"), _conv(inputs, outputs, 3, stride)
        self.bn2, self.gate2, self.conv2 = nn.BatchNorm2d(outputs), gate(f"{name}.gate2"), _conv(outputs, outputs, 3)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(_conv(inputs, outputs, 1, stride))

    def forward(self, x, seen):
        active = self.gate1(self.bn1(x), seen)
        shortcut = x if self.downsample is None else self.downsample(active)
        return self.conv2(self.gate2(self.bn2(self.conv1(active)), seen)) + shortcut


class Network(nn.Module):
    """The network of a masks.json, with its gates. `masks` keeps the file's other fields."""

    def __init__(self, masks):
        super().__init__()
        network = masks["network"]
        if network.get("task", "classification") != "classification":
            raise ValueError(f'networks for {network["task"]} are not known here')
        self.masks = {key: value for key, value in masks.items() if key != "sites"}
        entries = {entry["id"]: entry for entry in masks["sites"]}
        placed = []

        def gate(site):
            placed.append(Gate(entries[site]))
            return placed[-1]

        wide = network["family"] == "wide-resnet"
        block = PreActivationBlock if wide else BasicBlock
        channels = WIDE_STEM if wide else network["widths"][0]
        self.conv1 = _conv(network["inputShape"][0], channels, 3)
        self.bn1 = None if wide else nn.BatchNorm2d(channels)
        self.stem = gate("stem") if not wide and network["stemGate"] else None
        self.stages = len(network["blocks"])
        for stage, (count, width) in enumerate(zip(network["blocks"], network["widths"]), 1):
            layer = nn.ModuleList()
            for index in range(count):
                layer.append(block(channels, width, 2 if stage > 1 and index == 0 else 1, gate, f"layer{stage}.{index}"))
                channels = width
            setattr(self, f"layer{stage}", layer)
        if wide:
            self.bn1 = nn.BatchNorm2d(channels)
        self.final = gate("final") if wide and network.get("finalGate", True) else None
        self.fc = nn.Linear(channels, network["classes"])
        if [found.site for found in placed] != list(entries) or len(entries) != len(masks["sites"]):
            raise ValueError("the sites of masks.json are not the network's, each once and in forward order")
        self.sites = [found.site for found in placed]
        for found in placed:
            if found.kind == "share":
                next(other for other in placed if other.site == found.owner).consulted = True
        self.wide = wide

    def forward(self, x):
        """Logits (N, classes) of normalised images (N, C, H, W)."""
        seen = {}
        x = self.conv1(x)
        if not self.wide:
            x = self.bn1(x)
            x = x if self.stem is None else self.stem(x, seen)
        for stage in range(1, self.stages + 1):
            for block in getattr(self, f"layer{stage}"):
                x = block(x, seen)
        if self.wide:
            x = self.bn1(x)
            x = x if self.final is None else self.final(x, seen)
        return self.fc(x.mean((2, 3)))


# ---------------------------------------------------------------- in and out
def _files(path):
    """-> (masks.json as bytes, a function that reads a file beside it)."""
    if os.path.isfile(path) and zipfile.is_zipfile(path):
        archive = zipfile.ZipFile(path)
        return archive.read("masks.json"), archive.read
    masks = os.path.join(path, "masks.json") if os.path.isdir(path) else path

    def read(name):
        with open(os.path.join(os.path.dirname(masks), name), "rb") as file:
            return file.read()

    return read(os.path.basename(masks)), read


def load(path, check=True):
    """The network of a run's folder, masks.json or .relu-studio.zip, in evaluation mode.

    check: the weights must be the very file that masks.json names (SHA-256), and each mask must have the bits that it counts.
    """
    text, read = _files(path)
    masks = json.loads(text)
    if masks.get("format") != "relu-studio/masks" or masks.get("version") != 1:
        raise ValueError(f"{path} is no masks.json of version 1")
    data = read(os.path.basename(masks["weights"]["file"]))
    if check and hashlib.sha256(data).hexdigest() != masks["weights"]["sha256"].lower():
        raise ValueError(f'{masks["weights"]["file"]} is not the file that masks.json names: its SHA-256 differs')
    model = Network(masks)
    for gate, entry in zip(_gates(model), masks["sites"]):
        if check and "kept" in entry and int(gate.kept.sum()) != entry["kept"]:
            raise ValueError(f'{gate.site}: kept says {entry["kept"]}, its mask has {int(gate.kept.sum())} bits')
    tensors = {name: torch.from_numpy(value.astype(np.float32)) for name, value in read_safetensors(data).items()}
    wanted = model.state_dict()
    missing = [name for name in wanted if name not in tensors and not name.endswith((".num_batches_tracked", ".scale", ".shift"))]
    if missing:
        raise ValueError(f'{masks["weights"]["file"]} lacks {missing[0]}')
    model.load_state_dict({name: tensors[name] for name in wanted if name in tensors and ".gate" not in name and not name.startswith(("stem.", "final."))}, strict=False)
    return model.eval()


def _gates(model):
    return [model.get_submodule(site) for site in model.sites]


def normalise(model, pixels):
    """uint8 images (N, C, H, W), array or tensor -> what the network takes."""
    dataset, parameter = model.masks["dataset"], next(model.parameters())
    pixels = torch.as_tensor(np.asarray(pixels) if not torch.is_tensor(pixels) else pixels).to(parameter)
    mean, std = (torch.tensor(dataset[key]).to(parameter).view(1, -1, 1, 1) for key in ("mean", "std"))
    return (pixels / 255 - mean) / std


def gates(model):
    """Per site, in forward order: {"site", "kind", "shape", "neurons", "drelus", "multiplications"}.

    drelus: distinct DReLUs computed there, which some neuron consults with a scale that is not 0.
    multiplications: neurons whose gate depends on the input.
    """
    placed = {gate.site: gate for gate in _gates(model)}
    computed = {site: torch.zeros(gate.shape, dtype=torch.bool) for site, gate in placed.items()}
    multiplied = {}
    for site, gate in placed.items():
        if gate.kind == "share":
            owner = placed[gate.owner]
            real = torch.ones(owner.shape, dtype=torch.bool)
            if owner.kind == "share" and hasattr(owner, "kept"):
                real[owner.prototypes] = owner.kept.cpu()
            scale = gate.affine()[0].detach().cpu()
            multiplied[site] = 0
            for source, factor in zip(gate.source.tolist(), scale.tolist()):
                if factor != 0:
                    computed[gate.owner][source] |= real[source]
                    multiplied[site] += int(real[source].sum())
        else:
            open_ = {"identity": torch.zeros, "relu": torch.ones}.get(gate.kind)
            bits = gate.kept.cpu() if open_ is None else open_(gate.shape, dtype=torch.bool)
            computed[site] |= bits
            multiplied[site] = int(bits.sum())
    return [
        {
            "site": site,
            "kind": gate.kind,
            "shape": gate.shape,
            "neurons": int(np.prod(gate.shape)),
            "drelus": int(computed[site].sum()),
            "multiplications": multiplied[site],
        }
        for site, gate in placed.items()
    ]


def save(model, path, test_accuracy=None, validation_accuracy=None):
    """Writes masks.json and model.safetensors into the folder `path`. Accuracies (0 to 1) are recorded as given: the weights may have
    been trained, so that those of the file that was loaded are not kept."""
    os.makedirs(path, exist_ok=True)
    buffers = (".num_batches_tracked",)
    tensors = {name: value for name, value in model.state_dict().items() if not name.endswith(buffers)}
    for gate in _gates(model):
        if gate.kind == "share" and gate.trained:
            tensors[f"{gate.site}.scale"], tensors[f"{gate.site}.shift"] = gate.affine()
    data = write_safetensors(tensors)
    counts = gates(model)
    masks = {
        **model.masks,
        "generator": {"name": "relu_studio.py", "version": "1"},
        "createdAt": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "metrics": {
            **model.masks["metrics"],
            "drelus": sum(count["drelus"] for count in counts),
            "multiplications": sum(count["multiplications"] for count in counts),
            "testAccuracy": test_accuracy,
            "validationAccuracy": validation_accuracy,
        },
        "weights": {"file": "model.safetensors", "sha256": hashlib.sha256(data).hexdigest()},
        "sites": [gate.entry() for gate in _gates(model)],
    }
    with open(os.path.join(path, "model.safetensors"), "wb") as file:
        file.write(data)
    with io.open(os.path.join(path, "masks.json"), "w", encoding="utf-8") as file:
        json.dump(masks, file, indent=1)
