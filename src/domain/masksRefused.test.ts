/** What a reader of masks.json refuses, and with which sentence; and what it lets pass. */
import { describe, expect, it } from 'vitest';
import { countsOf } from './counting.ts';
import type { GateMap } from './gateMap.ts';
import { decodeMasks, encodeMasks, MasksFileError, parseMasks } from './masksFile.ts';
import type { MasksFile } from './masksFile.ts';
import type { NetworkSpec } from './network.ts';
import { about, accuracy } from './testing.ts';

describe('a masks file from outside', () => {
  const base = (): MasksFile => {
    const network: NetworkSpec = {
      family: 'cifar-resnet',
      blocks: [1, 1],
      widths: [3, 2],
      stemGate: true,
      inputShape: [3, 3, 3],
      classes: 2,
    };
    const gates: GateMap = {
      stem: { kind: 'mask', granularity: 'pixel' },
      'layer1.0.gate1': {
        kind: 'share',
        from: null,
        prototypes: [0, 2],
        source: [0, 2, 2],
        masked: true,
        affine: 'trained',
      },
      'layer1.0.gate2': {
        kind: 'share',
        from: 'layer1.0.gate1',
        prototypes: [],
        source: [0, 1, 2],
        masked: false,
        affine: 'trained',
      },
    };
    const affine = { scale: Float32Array.of(1, 0.5, 1), shift: Float32Array.of(0, 0.5, 0) };
    const trained = {
      stem: { kept: new Uint8Array(27).fill(1, 3, 9) },
      'layer1.0.gate1': affine,
      'layer1.0.gate2': affine,
    };
    return encodeMasks({ about, accuracy, network, gates, trained });
  };
  type Loose = Record<string, unknown>;
  const site = (file: MasksFile, i: number) => file.sites[i] as unknown as Loose;

  it('reads its own file', () => {
    expect(countsOf(base().network).total.drelus).toBeGreaterThan(base().metrics.drelus);
    expect(() => decodeMasks(structuredClone(base()))).not.toThrow();
  });

  it('reads what other writers may do: no time zone, a null budget, capitals in the sum, MACs counted otherwise, further fields', () => {
    const file = structuredClone(base());
    file.createdAt = '2026-11-21T08:00:00.123456';
    (file.method as Loose).budget = null;
    file.weights.sha256 = 'AB'.repeat(32);
    file.metrics.macs++;
    (file as Loose).note = 'by hand';
    const { gates, trained } = decodeMasks(structuredClone(base()));
    expect(parseMasks(`\ufeff${JSON.stringify(file)}`)).toMatchObject({ gates, trained });
  });

  it.each<[string, (file: MasksFile) => void, RegExp, string | null]>([
    [
      'an unknown kind',
      (f) => (site(f, 3).kind = 'polynomial'),
      /^layer2.0.gate1: kind "polynomial" is not known/,
      'layer2.0.gate1',
    ],
    [
      'a short mask',
      (f) => (site(f, 0).mask = { encoding: 'base64-packbits', data: 'AAA=' }),
      /^stem: .* 2 bytes, but 27 neurons need 4/,
      'stem',
    ],
    [
      'no base64',
      (f) => (site(f, 0).mask = { encoding: 'base64-packbits', data: '????' }),
      /^stem: its mask is not base64/,
      'stem',
    ],
    [
      'another encoding',
      (f) => (site(f, 0).mask = { encoding: 'hex', data: '00' }),
      /^stem: mask.encoding must be "base64-packbits"/,
      'stem',
    ],
    ['a wrong kept', (f) => (site(f, 0).kept = 7), /^stem: kept says 7, but 6 of/, 'stem'],
    ['a missing site', (f) => void f.sites.splice(1, 1), /^layer1.0.gate1: it is missing/, 'layer1.0.gate1'],
    [
      'an unknown site',
      (f) => (site(f, 1).id = 'layer7.0.gate1'),
      /^layer7.0.gate1: this network has no such/,
      'layer7.0.gate1',
    ],
    ['a site twice', (f) => void f.sites.push(f.sites[0]), /^stem: it stands in the file twice/, 'stem'],
    ['another order', (f) => void f.sites.reverse(), /^stem: sites must stand in forward order/, 'stem'],
    [
      'another shape',
      (f) => (site(f, 3).shape = [2, 3, 3]),
      /^layer2.0.gate1: its shape is 2×3×3, but .* 2×2×2/,
      'layer2.0.gate1',
    ],
    [
      'an owner that comes later',
      (f) => (site(f, 2).from = 'layer2.0.gate1'),
      /^layer1.0.gate2: .*does not come before/,
      'layer1.0.gate2',
    ],
    [
      'itself as owner',
      (f) => (site(f, 2).from = 'layer1.0.gate2'),
      /^layer1.0.gate2: .*does not come before/,
      'layer1.0.gate2',
    ],
    [
      'an unknown owner',
      (f) => (site(f, 2).from = 'x'),
      /^layer1.0.gate2: it borrows from "x", which is no gate site/,
      'layer1.0.gate2',
    ],
    [
      'an owner of another size',
      (f) =>
        (f.sites[3] = {
          ...f.sites[2],
          id: 'layer2.0.gate1',
          shape: [2, 2, 2],
          source: [0, 0],
          scale: [1, 1],
          shift: [0, 0],
        } as MasksFile['sites'][0]),
      /^layer2.0.gate1: it is 2×2 and cannot borrow from layer1.0.gate1, which is 3×3/,
      'layer2.0.gate1',
    ],
    ['a short source', (f) => (site(f, 1).source = [0, 2]), /^layer1.0.gate1: source has 2 entries/, 'layer1.0.gate1'],
    ['a short scale', (f) => (site(f, 1).scale = [1]), /^layer1.0.gate1: scale has 1 entries/, 'layer1.0.gate1'],
    [
      'a source past the owner',
      (f) => (site(f, 2).source = [0, 1, 3]),
      /^layer1.0.gate2: channel 2 uses the DReLU of channel 3 of layer1.0.gate1/,
      'layer1.0.gate2',
    ],
    [
      'a source that is no prototype',
      (f) => (site(f, 1).source = [0, 1, 2]),
      /^layer1.0.gate1: channel 1 uses the DReLU of channel 1, which/,
      'layer1.0.gate1',
    ],
    [
      'a prototype with a scale',
      (f) => (site(f, 1).scale = [2, 0.5, 1]),
      /^layer1.0.gate1: prototype 0 must/,
      'layer1.0.gate1',
    ],
    [
      'a prototype twice',
      (f) => (site(f, 1).prototypes = [0, 0]),
      /^layer1.0.gate1: a prototype is listed twice/,
      'layer1.0.gate1',
    ],
    [
      'a prototype too far',
      (f) => (site(f, 1).prototypes = [0, 3]),
      /^layer1.0.gate1: prototype 3 is past/,
      'layer1.0.gate1',
    ],
    [
      'a borrower with prototypes',
      (f) => (site(f, 2).prototypes = [0]),
      /^layer1.0.gate2: it borrows/,
      'layer1.0.gate2',
    ],
    [
      'a foreign field',
      (f) => (site(f, 3).power = 2),
      /^layer2.0.gate1: its entry has a field that is not known: power/,
      'layer2.0.gate1',
    ],
    [
      'a total that does not add up',
      (f) => f.metrics.drelus--,
      /^metrics.drelus says \d+, but the sites add up to \d+/,
      null,
    ],
    [
      'multiplications that do not add up',
      (f) => f.metrics.multiplications++,
      /^metrics.multiplications says \d+, but the sites add up to \d+/,
      null,
    ],
    [
      'a scale past float32',
      (f) => (site(f, 1).scale = [1, 1e300, 1]),
      /^layer1.0.gate1: scale\[1\] is 1e\+300/,
      'layer1.0.gate1',
    ],
    ['a mean of too few channels', (f) => (f.dataset.mean = [0.5]), /^dataset.mean has 1 entries.* 3 channels/, null],
    ['no version', (f) => delete (f as unknown as Loose).version, /^version is missing/, null],
    ['a newer version', (f) => ((f as unknown as Loose).version = 2), /Version 2 .* reads version 1/, null],
    ['another format', (f) => ((f as unknown as Loose).format = 'x'), /no masks file/, null],
    ['no network', (f) => delete (f as unknown as Loose).network, /^network is missing/, null],
    ['a network that is none', (f) => (f.network.widths = [1]), /^network: .*2 stages/, null],
    ['a bad hash', (f) => (f.weights.sha256 = 'abc'), /^weights.sha256 must be 64/, null],
  ])('refuses %s', (_, spoil, message, siteId) => {
    const file = structuredClone(base());
    spoil(file);
    let error: unknown;
    try {
      decodeMasks(file);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(MasksFileError);
    expect((error as MasksFileError).message).toMatch(message);
    expect((error as MasksFileError).site).toBe(siteId);
  });

  it('refuses what is no JSON object with a sentence', () => {
    for (const text of ['', '{', '[]', 'null', '3']) expect(() => parseMasks(text)).toThrow(MasksFileError);
    expect(() => parseMasks(' ')).toThrow('This is not JSON (the file is empty): choose the masks.json');
    expect(() => parseMasks('{\n"a": NaN\n}')).toThrow(/^This is not JSON \([^\n]{5,130}\): choose/);
  });
});
