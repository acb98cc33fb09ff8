"""What an experiment decides before a single image is seen: phases, rates, soft gates, gate maps, budgets, the growth of lambda.

Written from the documented meaning of the settings (src/domain/experiment.ts) and from the methods' descriptions, apart from the
trainer: replay.py holds the trainer's decisions against these.
"""
import math

from gated_resnet import sites_of

METHOD_ORDER = ["deepreduce", "reuse", "deepshare", "random", "snl"]


def plan(experiment, started_with_gates):
    """The phases of a run in order. Each is a dict:

    id, method       "dense" has method None
    epochs, batch, optimizer, schedule
    distillation     {"temperature", "weight"} or None: what the phase asks for; a teacher must be there too
    selects          the best epoch is kept; else the last state goes on
    trains_masks     alpha is trained; `settings` is then SNL's
    transition       of a soft phase, else None
    """
    phases = []

    def add(id, method, phase, distillation=None, **more):
        defaults = {"selects": True, "trains_masks": False, "transition": None, "settings": method}
        phases.append({"id": id, "method": method and method["name"], "distillation": distillation, **phase, **defaults, **more})

    if experiment["dense"]["epochs"] > 0:
        add("dense", None, experiment["dense"])
    for method in sorted(experiment["methods"], key=lambda m: METHOD_ORDER.index(m["name"])):
        name, distillation = method["name"], method.get("distillation")
        if name in ("deepreduce", "reuse"):
            add(name, method, method["train"], distillation)
        elif name == "random":
            add("random-finetune", method, method["finetune"], distillation)
        elif name == "deepshare":
            if method["soft"]["epochs"] > 0:
                add("deepshare-soft", method, method["soft"], distillation, selects=False, transition=method["transition"])
            add("deepshare-hard", method, method["hard"], distillation)
        elif name == "snl":
            stage = {
                "epochs": method["maxEpochs"],
                "batch": method["batch"],
                "optimizer": {"kind": "adam", "learningRate": method["learningRate"], "weightDecay": 0},
                "schedule": {"kind": "constant"},
            }
            add("snl-masks", method, stage, distillation, selects=False, trains_masks=True)
            for step in range(method.get("binariseEpochs", 0)):
                add(f"snl-binarize-{step + 1}", method, {**stage, "epochs": 1}, distillation, selects=False, step=step + 1)
            add("snl-finetune", method, method["finetune"], distillation)
    for phase in phases:
        goes_on = phase["id"] in ("deepshare-hard", "snl-finetune") or phase["id"].startswith("snl-binarize-")
        phase["begins_method"] = not goes_on or not any(
            other["method"] == phase["method"] and other is not phase for other in phases[: phases.index(phase)]
        )
    return phases


def pace_of(method, budget, above):
    """What the mask learning rate is multiplied by until the next count, where masks slow down near the budget: the largest power of
    two, 1/128 at least, with which 85% of the budget's masks stay out of reach of epsilon. above(threshold): DReLUs above it."""
    pace = 1.0
    reach = method["checkEverySteps"] * method["maskLearningRate"]
    while pace > 2**-7 and above(method["epsilon"] + reach * pace) < 0.85 * budget:
        pace /= 2
    return pace


def rate_at(phase, epoch):
    """Learning rate during an epoch (0-based), as PyTorch's MultiStepLR and CosineAnnealingLR."""
    rate, schedule = phase["optimizer"]["learningRate"], phase["schedule"]
    if schedule["kind"] == "step":
        return rate * schedule["factor"] ** sum(milestone <= epoch for milestone in schedule["milestones"])
    if schedule["kind"] == "cosine":
        floor = schedule["floor"] * rate
        return floor + (rate - floor) * (1 + math.cos(math.pi * epoch / phase["epochs"])) / 2
    return rate


def softness_at(transition, step, steps):
    """The soft gate at a step of `steps` (0-based), t from 0 at the first to 1 at the last."""
    if transition is None:
        return None
    t = min(1.0, step / max(1, steps - 1))
    if transition["kind"] == "gelu":
        return {"slope": transition["from"] * (transition["to"] / transition["from"]) ** t, "mix": 0}
    return {"slope": 1, "mix": t if transition["kind"] == "mix" else 0}


# ---------------------------------------------------------------- gates
def stage_of(site):
    return 0 if site == "stem" else int(site.split(".")[0][len("layer") :])


def staged_sites(network):
    """[(site, stage, (C, H, W))]; a final site belongs to the last stage."""
    last = len(network["blocks"])
    return [(site, last if site == "final" else stage_of(site), shape) for site, *shape in sites_of(network)]


def kind_of(gates, site):
    return gates.get(site, {"kind": "relu"})["kind"]


def gates_after(network, gates, method, traced):
    """The gate map once a method has begun. `traced`: the trace's gates, asked only for prototypes chosen on gate patterns."""
    result = dict(gates)
    name = method["name"]
    if name == "deepreduce":
        place = {}
        for site, stage, _ in staged_sites(network):
            at = place[stage] = place.get(stage, -1) + 1
            thinned = stage in method["thin"] and (at % 2 == 0) != (method["thinKeeps"] == "first")
            if stage in method["cull"] or thinned:
                result[site] = {"kind": "identity"}
    elif name == "reuse":
        for site, _, (channels, *_) in staged_sites(network):
            if kind_of(gates, site) != "identity":
                own = -(-channels // method["groups"])
                result[site] = share(None, list(range(own)), [c % own for c in range(channels)], False)
    elif name == "deepshare":
        result.update(shared_gates(network, gates, method, traced))
    else:
        for site, *_ in sites_of(network):
            gate = gates.get(site, {"kind": "relu"})
            if gate["kind"] == "relu":
                result[site] = {"kind": "mask", "granularity": method.get("granularity", "pixel")}
            elif gate["kind"] == "share" and gate["prototypes"]:
                result[site] = {**gate, "masked": True}
    return result


def share(owner, prototypes, source, trained):
    affine = "trained" if trained else "fixed"
    return {"kind": "share", "from": owner, "prototypes": prototypes, "source": source, "masked": False, "affine": affine}


def shared_gates(network, gates, method, traced):
    sites = [entry for entry in staged_sites(network) if kind_of(gates, entry[0]) != "identity"]
    result, owners = {}, {}
    for site, stage, (channels, *size) in sites:
        owner = None
        if method["crossLayer"] == "custom":
            owner = method["borrow"].get(site)
        elif method["crossLayer"] != "off":
            near = lambda other: method["crossLayer"] == "stage" or other.rsplit(".", 1)[0] == site.rsplit(".", 1)[0]  # noqa: E731
            earlier = sites[: [s for s, *_ in sites].index(site)]
            owner = next((s for s, k, (_, *z) in earlier if k == stage and z == size and s not in owners and near(s)), None)
        if owner is not None:
            owners[site] = owner
            lent = result[owner]["prototypes"]
            result[site] = share(owner, [], [lent[c % len(lent)] for c in range(channels)], method["affine"])
            continue
        count = method["overrides"].get(site) or max(1, math.floor(method["ratios"][stage] * channels + 0.5))
        prototypes = list(range(count))
        if method["choice"] == "farthest":
            prototypes = traced[site]["prototypes"]
            if len(set(prototypes)) != count:
                raise ValueError(f"{site} has {len(set(prototypes))} prototypes where {count} are due")
        result[site] = share(None, prototypes, [prototypes[c % count] for c in range(channels)], method["affine"])
    if method["choice"] == "farthest":
        for site, gate in result.items():
            allowed = gate["prototypes"] or result[gate["from"]]["prototypes"]
            source = traced[site]["source"]
            if not set(source) <= set(allowed) or any(source[c] != c for c in gate["prototypes"]):
                raise ValueError(f"{site} consults channels that are no prototypes")
            gate["source"] = source
    return result


# ---------------------------------------------------------------- masks
def mask_entries(network, gates):
    """[(site, DReLUs that one alpha stands for)] in forward order."""
    entries = []
    for site, _, (_, height, width) in staged_sites(network):
        gate = gates.get(site, {"kind": "relu"})
        if gate["kind"] == "mask":
            entries.append((site, height * width if gate.get("granularity") == "channel" else 1))
        elif gate["kind"] == "share" and gate.get("masked"):
            entries.append((site, 1))
    return entries


def drelus(network, gates, kept=None):
    """Distinct DReLUs that are consulted. `kept`: {site: bits}; None: all masks are kept. Every scale is taken to be not 0."""
    import numpy as np

    computed = {site: np.zeros(shape, bool) for site, _, shape in staged_sites(network)}

    def bits(site, shape):
        gate = gates[site]
        if kept is None:
            return np.ones(shape, bool)
        return np.broadcast_to(np.asarray(kept[site]).astype(bool).reshape(-1, 1, 1) if gate.get("granularity") == "channel" else np.asarray(kept[site]).astype(bool).reshape(shape), shape)

    for site, marks in computed.items():
        gate = gates.get(site, {"kind": "relu"})
        if gate["kind"] == "relu":
            marks[:] = True
        elif gate["kind"] == "mask":
            marks |= bits(site, marks.shape)
        elif gate["kind"] == "share":
            owner = gate["from"] or site
            seen = np.ones(computed[owner].shape, bool)
            if gates[owner].get("masked"):
                rows = bits(owner, (len(gates[owner]["prototypes"]), *seen.shape[1:]))
                seen[gates[owner]["prototypes"]] = rows
            for source in gate["source"]:
                computed[owner][source] |= seen[source]
    return sum(int(marks.sum()) for marks in computed.values())


def budget_of(network, gates_before, method):
    """In DReLUs; a share is of what the gates before the masks consult, rounded down."""
    budget = method["budget"]
    return budget["drelus"] if budget["kind"] == "count" else math.floor(budget["share"] * drelus(network, gates_before))


def grown(lam, lowest, count, epoch, method):
    """(lambda, lowest count) after a count: not below the lowest so far, and the hold is over: lambda grows by kappa."""
    if count < lowest:
        return lam, count
    return (lam * method["kappa"] if epoch >= method["lambdaHold"] else lam), lowest
