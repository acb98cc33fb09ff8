/** DeepShare's choice of prototypes on recorded gates: how many images it looks at. */
import { describe, expect, it } from 'vitest';
import { sitesOf } from '../../domain/network.ts';
import { network } from '../../domain/presets.ts';
import { patternImages } from './deepshare.ts';

describe('images on which gates are recorded', () => {
  it('give every site of ResNet-18 m=64 at least 8 samples per channel', () => {
    const spec = network(64);
    const images = patternImages(
      spec,
      sitesOf(spec).map(({ id }) => id),
    );
    for (const { id, shape } of sitesOf(spec)) {
      const [channels, height, width] = shape;
      expect((images.get(id)! * height * width) / channels).toBeGreaterThanOrEqual(8);
    }
    // 512 channels of 4×4: 8 · 512 / 16.
    expect(images.get('layer4.1.gate2')).toBe(256);
    expect(images.get('layer1.0.gate1')).toBe(32);
  });

  it('are the same for all sites of one size, which may borrow from each other, and leave out sites that are not asked for', () => {
    const wide = network(16, { family: 'wide-resnet', blocks: [1, 1], widths: [16, 512], inputShape: [3, 8, 8] });
    const images = patternImages(wide, ['layer2.0.gate1', 'layer2.0.gate2', 'final']);
    expect([...images.keys()]).toEqual(['layer2.0.gate1', 'layer2.0.gate2', 'final']);
    // layer2.0.gate1 is 8×8 with 16 channels; the others are 4×4 with 512.
    expect([...images.values()]).toEqual([32, 256, 256]);
  });
});
