"""Replays a traced run in PyTorch and compares: every decision exactly, every loss within what float32 allows.

    python3 replay.py RUN (--images FILE | --train SHARD... --test SHARD...) [--from RUN] [--write FILE]

    RUN        folder of a finished `relu-studio train --trace`
    --images   safetensors: train.images (N, C, H, W), train.labels, test.images, test.labels
    --train    CIFAR binary shards of the training part, in the order of their names; --test of the test part
    --from     the run folder that the run was started from
    --write    writes PyTorch's decisions and losses as JSON, to be compared where there is no PyTorch

Only four things are taken from the trace as they are: the initial weights, the order of the images, crops, and choices drawn at
random or on gate patterns (random masks, farthest prototypes: their number is checked). All else follows from the experiment by the
methods' description (replay_plan.py) and is held against the trace: the phases, rates, lambda after each count, soft gates, when
a phase distils and from whom, when the mask stage ends, the binary masks, the selected epochs, the files of the finished run.

Each phase starts from the traced weights once these agree with the replay's own. Two replays run side by side, in float64 and in
float32; losses must agree to 1e-4 in the first 20 steps of a phase, later to 1e-4 plus 20 times the largest difference between the two
so far, since rounding errors grow from step to step. Where a step function had to decide on a z that float32 may see on the other side
of zero, losses of the phase's later steps must agree to 1e-2 only; the notes say where. Masks must agree except within
1e-4 of the threshold or of the cut.

Prints one JSON object; exit 1 and a list of disagreements where there are any.
"""
import argparse
import json
import os
import sys

import numpy as np
import torch

import replay_plan as plans
from gated_resnet import load_safetensors
from replay_data import Data
from replay_masks import gates_and_parameters
from replay_network import TERMS, Evaluation, Replica, is_alpha, undecided

CLOSE, FIRST_STEPS, GROWTH, NEAR = 1e-4, 20, 20, 1e-4
# What one DReLU decided the other way may change in a loss.
TIPPED = 1e-2
MOST_PROBLEMS = 30


class Refused(Exception):
    """Enough disagreements to stop at."""


def read_lines(path):
    with open(path) as file:
        return [json.loads(line) for line in file if line.strip()]


def same_number(a, b):
    if a is None or b is None:
        return a is b
    return abs(a - b) <= 1e-12 * max(abs(a), abs(b))


def same_soft(a, b):
    return a is b if a is None or b is None else all(same_number(a[k], b[k]) for k in ("slope", "mix"))


def distance(a, b):
    """Relative, over all tensors together, each weighted by its own norm."""
    errors = [np.linalg.norm(a[k] - b[k]) / (np.linalg.norm(b[k]) + 1e-3 * np.sqrt(b[k].size)) for k in b]
    return float(np.sqrt(np.mean(np.square(errors))))


def weights_only(tensors):
    return {k: v for k, v in tensors.items() if not is_alpha(k)}


class Replay:
    def __init__(self, options):
        self.folder, self.trace = options.run, os.path.join(options.run, "trace")
        with open(os.path.join(options.run, "run.json")) as file:
            self.record = json.load(file)
        self.experiment = self.record["experiment"]
        self.network = self.experiment["network"]
        self.data = Data(self.experiment, options.images, options.train, options.test)
        self.start = options.start
        self.problems, self.notes, self.written = [], [], []
        self.traced_phases = read_lines(os.path.join(self.trace, "phases.jsonl"))
        self.traced_steps = read_lines(os.path.join(self.trace, "steps.jsonl"))
        checks = os.path.join(self.trace, "checks.jsonl")
        self.traced_checks = read_lines(checks) if os.path.exists(checks) else []
        self.epochs = read_lines(os.path.join(self.folder, "metrics.jsonl"))
        self.step = 0
        self.gates, self.trained, self.teacher = {}, False, None
        # What the phase before left: float64 tensors, and how far the float32 replay ended from them.
        self.tensors, self.open = None, 0.0
        self.other_epochs = []

    def problem(self, where, text):
        self.problems.append(f"{where}: {text}")
        if len(self.problems) >= MOST_PROBLEMS:
            raise Refused

    def expect(self, where, what, traced, due, same=None):
        if not (same(traced, due) if same else traced == due):
            self.problem(where, f"{what} is {traced} where {due} is due")

    def stored(self, name):
        return {k: v.astype(np.float64) for k, v in load_safetensors(os.path.join(self.trace, name)).items()}

    # ------------------------------------------------------------ the run
    def run(self):
        started = False
        if self.start:
            started = self.take_start()
        phases = plans.plan(self.experiment, started)
        self.expect("run", "the list of phases", [p["id"] for p in self.traced_phases], [p["id"] for p in phases])
        for number, phase in enumerate(phases):
            self.phase(number, phase, self.traced_phases[number])
        self.expect("run", "the number of steps", len(self.traced_steps), self.step)
        self.finished(phases[-1])

    def take_start(self):
        with open(os.path.join(self.start, "masks.json")) as file:
            masks = json.load(file)
        gates, parameters = gates_and_parameters(masks)
        weights = load_safetensors(os.path.join(self.start, masks["weights"]["file"]))
        self.gates, self.trained = gates, True
        known = {k: v for k, v in weights.items() if not k.endswith((".scale", ".shift"))}
        self.tensors = {k: np.array(v, np.float64) for k, v in {**known, **parameters}.items()}
        return any(gate["kind"] != "relu" for gate in gates.values())

    def phase(self, number, phase, traced):
        name = phase["id"]
        steps = len(self.data.train) // phase["batch"]
        self.expect(name, "epochs", traced["epochs"], phase["epochs"])
        if phase["epochs"] > 0:
            self.expect(name, "steps per epoch", traced["stepsPerEpoch"], steps)
        self.choose_teacher(number, phase, traced)
        before = self.begin_gates(phase, traced)
        due = self.begin_tensors(phase, before)
        begun = self.stored(f"phase-{number}.safetensors")
        self.told = {"id": name, "steps": [], "checks": [], "epochs": [], "openMasks": 0}
        self.written.append(self.told)
        self.compare_begun(name, phase, begun, due)
        self.train(number, phase, traced, begun, steps)

    def choose_teacher(self, number, phase, traced):
        """The dense network; where none was trained, the network as the method found it."""
        if phase["distillation"] and self.teacher is None and self.trained and phase["begins_method"]:
            self.teacher = (self.tensors, self.gates, self.other_epochs)
        self.distils = phase["distillation"] is not None and self.teacher is not None
        where = phase["id"]
        path = os.path.join(self.trace, f"phase-{number}.teacher.safetensors")
        self.expect(where, "a traced teacher", os.path.exists(path), self.distils)
        self.teachers = None
        if not self.distils:
            return
        due, gates, others = self.teacher
        theirs = self.stored(os.path.basename(path)) if os.path.exists(path) else due
        self.compare_gates(where + ", teacher", traced["teacherGates"] or {}, gates)
        self.compare_weights(where + ", teacher", theirs, due, others)
        self.teachers = [Replica(self.network, gates, theirs, dtype) for dtype in (torch.float64, torch.float32)]

    def begin_gates(self, phase, traced):
        """Applies the method's gates where the phase is its first; returns the gates before."""
        before = self.gates
        if phase["settings"] is not None and phase["begins_method"]:
            try:
                self.gates = plans.gates_after(self.network, before, phase["settings"], traced["gates"])
            except ValueError as error:
                self.problem(phase["id"], str(error))
            self.gates_before_masks = before
        self.compare_gates(phase["id"], traced["gates"], self.gates)
        return before

    def compare_gates(self, where, traced, due):
        for site, *_ in plans.sites_of(self.network):
            theirs, ours = traced.get(site, {"kind": "relu"}), due.get(site, {"kind": "relu"})
            self.expect(where, f"the gate of {site}", theirs["kind"], ours["kind"])
            if ours["kind"] == "share" and theirs["kind"] == "share":
                for key in ("from", "prototypes", "source"):
                    self.expect(where, f"{key} of {site}", theirs[key], ours[key])
                self.expect(where, f"masks over {site}", bool(theirs.get("masked")), bool(ours.get("masked")))

    def begin_tensors(self, phase, before):
        """The tensors that the phase is due to begin with; None in the first phase of a run from a random draw."""
        if self.tensors is None:
            return None
        due = dict(self.tensors)
        for site, _, (channels, height, width) in plans.staged_sites(self.network):
            gate = self.gates.get(site, {"kind": "relu"})
            if gate["kind"] == "share" and gate["affine"] == "trained" and site + ".scale" not in due:
                due[site + ".scale"], due[site + ".shift"] = np.ones(channels), np.zeros(channels)
        for site, each in plans.mask_entries(self.network, self.gates):
            if site + ".alpha" not in due:
                gate = self.gates[site]
                shape = next(shape for s, _, shape in plans.staged_sites(self.network) if s == site)
                rows = len(gate["prototypes"]) if gate["kind"] == "share" else shape[0]
                due[site + ".alpha"] = np.ones((rows, 1, 1) if gate.get("granularity") == "channel" else (rows, *shape[1:]))
        return due

    # ------------------------------------------------------------ what a phase begins with
    def compare_begun(self, name, phase, begun, due):
        if due is None:
            self.check_fresh(name, begun)
            return
        self.expect(name, "the names of its tensors", sorted(begun), sorted(due))
        self.compare_weights(name, weights_only(begun), weights_only(due), self.other_epochs)
        if name == "snl-finetune":
            self.compare_binary(name, phase["settings"], begun, due)
        elif name.startswith("snl-binarize-"):
            # An equal part of the way that is left: step k of n epochs and the finetuning after them.
            share = 1 / (phase["settings"]["binariseEpochs"] + 2 - phase["step"])
            self.compare_binary(name, phase["settings"], begun, due, share)
        elif name == "random-finetune":
            self.compare_drawn(name, phase["settings"], begun)
        else:
            for key in due:
                if is_alpha(key) and not np.array_equal(begun[key], due[key]):
                    self.problem(name, f"{key} does not begin as the phase before left it")

    def check_fresh(self, name, begun):
        """A random draw: batch norm neutral, every convolution within PyTorch's bound."""
        for key, value in begun.items():
            bound = None
            if key.endswith(("running_var", ".scale", ".alpha")) or ("bn" in key and key.endswith("weight")) or key.endswith("downsample.1.weight"):
                good = np.all(value == 1)
            elif key.endswith(("running_mean", ".shift")) or (key.endswith("bias") and key != "fc.bias"):
                good = np.all(value == 0)
            else:
                inputs = begun["fc.weight"].shape[1] if key == "fc.bias" else value[0].size
                bound = 1 / np.sqrt(inputs)
                good = np.abs(value).max() <= bound and (value.size < 20 or np.abs(value).max() > 0.7 * bound)
            if not good:
                self.problem(name, f"{key} does not look like a fresh draw")

    def compare_weights(self, where, theirs, due, others):
        """Equal as far as float32 tells, and nearer to the due epoch than to any other."""
        missing = sorted(set(due) ^ set(theirs))
        if missing:
            self.problem(where, f"{missing[0]} is on one side only")
            return
        error = distance(theirs, due)
        if error > max(1e-3, GROWTH * self.open):
            nearest = min(others, key=lambda other: distance(theirs, weights_only(other[1])), default=None) if others else None
            hint = ""
            if nearest is not None and distance(theirs, weights_only(nearest[1])) < 0.1 * error:
                hint = f"; they are those of epoch {nearest[0]}"
            self.problem(where, f"the weights are {error:.1e} away from those that the replay kept{hint}")

    def compare_binary(self, name, method, begun, due, share=1.0):
        """Masks that went a share of the way from the replay's own alpha to 0 or 1, by threshold or the largest within the budget."""
        entries = plans.mask_entries(self.network, self.gates)
        budget = plans.budget_of(self.network, self.gates_before_masks, method)
        alphas = [due[site + ".alpha"] for site, _ in entries]
        kept = {site: alpha > method["epsilon"] for (site, _), alpha in zip(entries, alphas)}
        exact = method["binarise"] == "exact" or plans.drelus(self.network, self.gates, kept) > budget
        cut = method["epsilon"]
        if exact:
            none = {site: np.zeros_like(alpha) for (site, _), alpha in zip(entries, alphas)}
            left = max(0, budget - plans.drelus(self.network, self.gates, none))
            values = np.concatenate([alpha.ravel() for alpha in alphas])
            each = np.concatenate([np.full(alpha.size, each) for (_, each), alpha in zip(entries, alphas)])
            bits = np.zeros(len(values), bool)
            for at in np.argsort(-values, kind="stable"):
                if each[at] <= left:
                    bits[at], left = True, left - each[at]
            if bits.any() and not bits.all():
                cut = (values[bits].min() + values[~bits].max()) / 2
            parts = np.split(bits, np.cumsum([alpha.size for alpha in alphas])[:-1])
            kept = {site: part.reshape(alpha.shape) for (site, _), alpha, part in zip(entries, alphas, parts)}
        open_masks = wrong = 0
        for (site, _), alpha in zip(entries, alphas):
            theirs = (begun[site + ".alpha"] - (1 - share) * alpha) / share
            if np.minimum(np.abs(theirs), np.abs(theirs - 1)).max() > (0 if share == 1 else max(NEAR, GROWTH * self.open_alpha) / share):
                self.problem(name, f"the masks of {site} are not binary")
            near = np.abs(alpha - cut) <= max(NEAR, GROWTH * self.open_alpha)
            different = (theirs > 0.5) != kept[site]
            wrong += int((different & ~near).sum())
            open_masks += int(near.sum())
        if wrong:
            self.problem(name, f"{wrong} masks differ that are further than {NEAR} from the cut at {cut:.4f}")
        self.told["openMasks"] = open_masks
        if open_masks:
            self.notes.append(f"{name}: {open_masks} masks lie within {NEAR} of the cut")

    def compare_drawn(self, name, method, begun):
        """Masks drawn at random: binary, and exactly the budget."""
        bits = {site: begun[site + ".alpha"] for site, _ in plans.mask_entries(self.network, self.gates)}
        if not all(np.isin(value, (0, 1)).all() for value in bits.values()):
            self.problem(name, "the masks are not binary")
        whole = plans.drelus(self.network, self.gates_before_masks)
        due = min(whole, plans.budget_of(self.network, self.gates_before_masks, method))
        self.expect(name, "the number of DReLUs", plans.drelus(self.network, self.gates, bits), due)

    # ------------------------------------------------------------ training
    def train(self, number, phase, traced, begun, steps):
        replicas = [Replica(self.network, self.gates, begun, dtype) for dtype in (torch.float64, torch.float32)]
        for replica in replicas:
            replica.begin(phase)
        self.lam = self.lowest = None
        self.pace = 1.0
        finished = False
        if phase["trains_masks"]:
            method = phase["settings"]
            self.budget = plans.budget_of(self.network, self.gates_before_masks, method)
            self.lam, self.lowest = method["lambda"], plans.drelus(self.network, self.gates)
            finished = self.lowest <= self.budget
        self.worst_first = self.worst = self.opened = 0.0
        self.tipped = False
        best, snapshots, epoch = None, [], 0
        while epoch < phase["epochs"] and not finished:
            finished = self.epoch(number, phase, epoch, steps, replicas)
            last_step = self.step_in_phase - 1
            soft = plans.softness_at(phase["transition"], last_step, phase["epochs"] * steps)
            evaluated = self.evaluate(phase, epoch, replicas, soft, finished or epoch + 1 == phase["epochs"])
            snapshots.append((epoch, replicas[0].tensors(), distance(weights_only(replicas[1].tensors()), weights_only(replicas[0].tensors())), evaluated))
            if evaluated is not None and evaluated.beats(best and best[3]):
                best = snapshots[-1]
            epoch += 1
        self.expect(phase["id"], "the step at its end", traced["endedAtStep"], self.step)
        kept = self.select(phase, traced, snapshots, best)
        pair = [replica.tensors() for replica in replicas]
        self.open_alpha = max([float(np.abs(pair[0][k] - pair[1][k]).max()) for k in pair[0] if is_alpha(k)], default=0.0)
        if kept is None:
            self.tensors, self.open, self.other_epochs = {k: v for k, v in begun.items()}, 0.0, []
        else:
            _, self.tensors, self.open, _ = kept
            self.other_epochs = [(e, t) for e, t, *_ in snapshots if e != kept[0]]
            self.trained = True
        self.evaluated = kept and kept[3]
        self.told["selectedEpoch"] = None if self.selection(phase) == "last" else kept and kept[0]
        if phase["method"] is None:
            self.teacher = (self.tensors, self.gates, self.other_epochs)
        self.told.update(worstFirst=self.worst_first, worst=self.worst, openLoss=self.opened)

    def epoch(self, number, phase, epoch, steps, replicas):
        """Replays one epoch; True where a count ended the phase."""
        name, seen = phase["id"], set()
        method = phase["settings"] if phase["trains_masks"] else None
        micro = self.experiment["engine"]["microBatch"] or phase["batch"]
        finished = False
        for at in range(steps):
            if finished:
                break
            self.step_in_phase = epoch * steps + at + 1
            if self.step >= len(self.traced_steps):
                self.problem(name, f"the trace ends after {self.step} steps, in epoch {epoch}")
                raise Refused
            line = self.traced_steps[self.step]
            self.step += 1
            where = f"{name}, step {self.step}"
            self.expect(where, "phase and epoch", [line["phase"], line["epoch"], line["step"]], [number, epoch, self.step])
            self.check_images(where, line, phase, seen)
            rate, soft = plans.rate_at(phase, epoch), plans.softness_at(phase["transition"], self.step_in_phase - 1, phase["epochs"] * steps)
            lam, mask_rate = (self.lam, method["maskLearningRate"] * self.pace) if method else (0, None)
            self.expect(where, "the learning rate", line["learningRate"], rate, same_number)
            self.expect(where, "the mask learning rate", line["maskLearningRate"], mask_rate, same_number)
            self.expect(where, "lambda", line["lambda"], lam, same_number)
            self.expect(where, "the soft gate", line["soft"], soft, same_soft)
            self.expect(where, "distillation", line["distils"], self.distils)
            losses = []
            for replica, teacher in zip(replicas, self.teachers or (None, None)):
                images, labels = self.data.batch(line["images"], line["crops"], replica.dtype)
                losses.append(replica.step(images, labels, min(micro, phase["batch"]), rate, mask_rate or 0, lam, soft, teacher, phase["distillation"]))
            self.compare_losses(where, line, *losses)
            nearest = None if self.tipped else undecided(*replicas, soft)
            if nearest is not None:
                self.tipped = True
                self.notes.append(f"{where}: a DReLU is decided on |z| = {nearest:.0e}; later losses may differ")
            if method and method["checkEverySteps"] and self.step_in_phase % method["checkEverySteps"] == 0:
                finished = self.check_masks(number, name, method, epoch, replicas[0])
        if method and not method["checkEverySteps"]:
            finished = self.check_masks(number, name, method, epoch, replicas[0])
        return finished

    def check_images(self, where, line, phase, seen):
        """A whole batch of training images, none of them a second time in the epoch; crops as the experiment allows them."""
        images = line["images"]
        if len(images) != phase["batch"] or not set(images) <= set(self.data.train.tolist()):
            self.problem(where, "the batch does not consist of training images that are not held out")
            raise Refused
        if seen & set(images) or len(set(images)) != len(images):
            self.problem(where, "an image comes a second time in one epoch")
        seen |= set(images)
        augment = self.experiment["augment"]
        pads, flips = augment["cropPadding"], augment["flip"]
        if line["crops"] is None:
            self.expect(where, "augmentation", False, pads > 0 or flips)
        elif any(max(abs(dy), abs(dx)) > pads or (flipped and not flips) for dy, dx, flipped in line["crops"]):
            self.problem(where, "a crop goes beyond what the experiment allows")

    def compare_losses(self, where, line, double, single):
        number = len(self.told["steps"])
        self.opened = max(self.opened, *(abs(double[k] - single[k]) for k in TERMS))
        allowed = CLOSE if number < FIRST_STEPS else CLOSE + GROWTH * self.opened
        if self.tipped:
            allowed = max(allowed, TIPPED)
        errors = {k: abs(line[k] - double[k]) / max(1.0, abs(double[k])) for k in TERMS}
        for key, error in errors.items():
            if not error <= allowed:
                self.problem(where, f"{key} is {line[key]:.6f} where PyTorch has {double[key]:.6f}")
        self.worst = max(self.worst, *errors.values())
        if number < FIRST_STEPS:
            self.worst_first = max(self.worst_first, *errors.values())
        kept = {k: line[k] for k in ("learningRate", "maskLearningRate", "lambda", "soft", "distils")}
        self.told["steps"].append({**kept, **{k: double[k] for k in TERMS}, "allowed": allowed})

    def record_of(self, told):
        """A phase as it is written: steps by column, losses to eight digits."""
        rounded = lambda key, value: value if value is None or key not in (*TERMS, "allowed") else float(f"{value:.8g}")  # noqa: E731
        columns = {key: [rounded(key, step[key]) for step in told["steps"]] for key in (told["steps"] or [{}])[0]}
        return {**{k: told[k] for k in ("id", "selectedEpoch", "openMasks", "checks", "epochs")}, "steps": columns}

    def check_masks(self, number, name, method, epoch, replica):
        """A count of masks; True where it ends the stage."""
        entries = plans.mask_entries(self.network, self.gates)
        alphas = {site: replica.parameters[site + ".alpha"].detach().numpy() for site, _ in entries}
        count = plans.drelus(self.network, self.gates, {site: alpha > method["epsilon"] for site, alpha in alphas.items()})
        uncertain = sum(each * int((np.abs(alphas[site] - method["epsilon"]) <= NEAR).sum()) for site, each in entries)
        where = f"{name}, count after step {self.step}"
        at = len(self.told["checks"])
        lines = [line for line in self.traced_checks if line["phase"] == number]
        if at >= len(lines):
            self.problem(where, "the trace has no count here")
            raise Refused
        line = lines[at]
        self.expect(where, "epoch and step", [line["epoch"], line["step"]], [epoch, self.step])
        if abs(line["count"] - count) > uncertain:
            self.problem(where, f"{line['count']} DReLUs where PyTorch counts {count}")
        elif line["count"] != count:
            self.notes.append(f"{where}: {line['count']} DReLUs, PyTorch {count}; {uncertain} masks lie within {NEAR} of the threshold")
            count = line["count"]
        before = self.lam
        self.lam, self.lowest = plans.grown(self.lam, self.lowest, count, epoch, method)
        finished = count <= self.budget
        if method.get("slowNearBudget") and not finished:
            above = lambda threshold: plans.drelus(self.network, self.gates, {site: alpha > threshold for site, alpha in alphas.items()})  # noqa: E731
            self.pace = plans.pace_of(method, self.budget, above)
            if self.pace < 1:
                self.lam = before
        self.expect(where, "lambda after it", line["lambdaAfter"], self.lam, same_number)
        self.expect(where, "the end of the stage", line["finished"], finished)
        self.told["checks"].append({k: line[k] for k in ("epoch", "step", "lambdaAfter", "finished")} | {"count": count, "uncertain": uncertain})
        return finished

    # ------------------------------------------------------------ evaluation and selection
    def evaluate(self, phase, epoch, replicas, soft, last):
        """Compares the epoch's record; returns what the phase selects by, None where it does not select."""
        name = phase["id"]
        lines = [line for line in self.epochs if line["phase"] == name and line["epoch"] == epoch]
        if len(lines) != 1:
            self.problem(name, f"metrics.jsonl has {len(lines)} lines of epoch {epoch}")
            raise Refused
        by = self.selection(phase)
        told = {"epoch": epoch}
        result = None
        for part, indices in (("validation", self.data.validation), ("test", self.data.test)):
            wanted = part == "validation" or self.experiment["selection"] == "paper"
            if not wanted or len(indices) == 0:
                continue
            found = Evaluation(*(replica.evaluate(self.data, indices, soft) for replica in replicas))
            if part == "validation" or not last:
                self.compare_evaluation(f"{name}, epoch {epoch}, {part}", lines[0][part], found)
            told[part] = {"accuracy": found.accuracy, "loss": found.loss, "openImages": found.open_images, "openLoss": found.open_loss}
            if (by, part) in (("validation", "validation"), ("paper", "test")):
                result = found
        self.told["epochs"].append(told)
        return result

    def compare_evaluation(self, where, line, found):
        if line is None:
            self.problem(where, "there is no record of it")
            return
        self.expect(where, "the number of images", line["images"], found.images)
        if abs(round(line["accuracy"] * found.images) - found.right) > found.open_images:
            self.problem(where, f"the accuracy is {line['accuracy']:.4f} where PyTorch has {found.accuracy:.4f}")
        if abs(line["loss"] - found.loss) > 1e-3 * max(1, found.loss) + GROWTH * found.open_loss:
            self.problem(where, f"the loss is {line['loss']:.5f} where PyTorch has {found.loss:.5f}")

    def selection(self, phase):
        by = self.experiment["selection"]
        if not phase["selects"] or (by == "validation" and len(self.data.validation) == 0) or (by == "paper" and len(self.data.test) == 0):
            return "last"
        return by

    def select(self, phase, traced, snapshots, best):
        """The snapshot that the phase keeps; None where it had no epochs."""
        by = self.selection(phase)
        if not snapshots:
            return None
        if by == "last":
            self.expect(phase["id"], "the selected epoch", traced["selectedEpoch"], None)
            return snapshots[-1]
        theirs = traced["selectedEpoch"]
        if theirs == best[0]:
            return best
        chosen = next((s for s in snapshots if s[0] == theirs), None)
        a, b = best[3], chosen and chosen[3]
        if b is None or a.right - b.right > a.open_images + b.open_images or (
            a.right == b.right and b.loss - a.loss > 1e-4 + GROWTH * (a.open_loss + b.open_loss)
        ):
            self.problem(phase["id"], f"epoch {theirs} is kept where epoch {best[0]} is the best by {by}")
            return best
        self.notes.append(f"{phase['id']}: epochs {theirs} and {best[0]} are equally good as far as float32 tells")
        return chosen

    def finished(self, phase):
        """masks.json and model.safetensors are the last phase's selected weights with its gates."""
        with open(os.path.join(self.folder, "masks.json")) as file:
            masks = json.load(file)
        gates, parameters = gates_and_parameters(masks)
        for site, gate in gates.items():
            ours = self.gates.get(site, {"kind": "relu"})
            self.expect("masks.json", f"the gate of {site}", gate["kind"], ours["kind"])
            due = self.tensors.get(site + ".alpha")
            if due is not None and site + ".alpha" in parameters:
                bits = np.broadcast_to(due, parameters[site + ".alpha"].shape) > 0.5
                if not np.array_equal(bits, parameters[site + ".alpha"].astype(bool)):
                    self.problem("masks.json", f"the masks of {site} are not those of the run")
        weights = {k: v.astype(np.float64) for k, v in load_safetensors(os.path.join(self.folder, masks["weights"]["file"])).items()}
        ours = {k: v for k, v in weights_only(self.tensors).items() if not k.endswith((".scale", ".shift"))}
        self.compare_weights("model.safetensors", {k: weights[k] for k in ours if k in weights}, ours, self.other_epochs)
        kept = {k[: -len(".alpha")]: v > 0.5 for k, v in self.tensors.items() if is_alpha(k)}
        self.expect("masks.json", "DReLUs", masks["metrics"]["drelus"], plans.drelus(self.network, self.gates, kept))
        self.masks = {}
        for site, _, shape in plans.staged_sites(self.network):
            if site in kept:
                whole = np.broadcast_to(kept[site], (len(kept[site]), *shape[1:]))
                self.masks[site] = "".join(str(int(bit)) for bit in whole.ravel())
        replica = Replica(self.network, self.gates, self.tensors, torch.float64)
        rough = Replica(self.network, self.gates, self.tensors, torch.float32)
        if len(self.data.test):
            found = Evaluation(*(r.evaluate(self.data, self.data.test, None) for r in (replica, rough)))
            theirs = masks["metrics"]["testAccuracy"]
            if abs(round(theirs * found.images) - found.right) > found.open_images:
                self.problem("masks.json", f"the test accuracy is {theirs:.4f} where PyTorch has {found.accuracy:.4f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("--images")
    parser.add_argument("--train", nargs="*", default=[])
    parser.add_argument("--test", nargs="*", default=[])
    parser.add_argument("--from", dest="start")
    parser.add_argument("--write")
    options = parser.parse_args()
    if not options.images and not options.train:
        parser.error("--images or --train is needed")
    torch.set_num_threads(1)
    replay = Replay(options)
    try:
        replay.run()
    except Refused:
        pass
    if options.write and not replay.problems:
        with open(options.write, "w") as file:
            record = {"experiment": replay.experiment, "phases": [replay.record_of(told) for told in replay.written], "masks": replay.masks}
            json.dump(record, file, separators=(",", ":"))
            file.write("\n")
    phases = [{"id": told["id"], "steps": len(told["steps"]), **{k: told.get(k) for k in ("worstFirst", "worst", "openLoss")}} for told in replay.written]
    print(json.dumps({"agrees": not replay.problems, "problems": replay.problems, "notes": replay.notes, "phases": phases}, indent=1))
    return 1 if replay.problems else 0


if __name__ == "__main__":
    sys.exit(main())
