/** Which preset a first visit opens with, and how long the trial preset takes on a software adapter. */
import { describe, expect, it } from 'vitest';
import { countsOf } from '../domain/counting.ts';
import { presetOf } from '../domain/presets.ts';
import type { DeviceInfo } from '../worker/protocol.ts';
import { needsTrial, TRIAL_PRESET } from './opening.ts';
import { expectedSeconds } from './readiness.ts';

const software: DeviceInfo = {
  available: true,
  vendor: 'google',
  architecture: 'swiftshader',
  description: '',
  software: true,
  features: [],
  limits: { maxBufferSize: 1e9, maxStorageBufferBindingSize: 1e9, maxComputeInvocationsPerWorkgroup: 256 },
};
const secondsOf = (id: string) => {
  const experiment = presetOf(id);
  return expectedSeconds(experiment, countsOf(experiment.network).total.macs, software, []);
};

describe('the opening preset', () => {
  const byDefault = presetOf('snl-quick');

  it('is the trial preset on a software adapter only', () => {
    expect(needsTrial(software, byDefault, byDefault)).toBe(true);
    expect(needsTrial({ ...software, software: false }, byDefault, byDefault)).toBe(false);
    expect(needsTrial({ ...software, available: false }, byDefault, byDefault)).toBe(false);
  });

  it('does not replace an experiment that was edited, opened or restored', () => {
    expect(needsTrial(software, presetOf('snl-quick'), byDefault)).toBe(false);
    expect(needsTrial(software, byDefault, null)).toBe(false);
  });

  it('is expected to end within two minutes on a software adapter, unlike the default', () => {
    expect(secondsOf(TRIAL_PRESET)).toBeLessThan(120);
    expect(secondsOf('snl-quick')).toBeGreaterThan(600);
  });
});
