/** Short names of GPUs, from what browsers report about them. */
import { describe, expect, it } from 'vitest';
import type { DeviceInfo } from '../../worker/protocol.ts';
import { deviceName } from './DeviceChip.tsx';

const device = (known: Partial<DeviceInfo>): DeviceInfo => ({
  available: true,
  vendor: '',
  architecture: '',
  description: '',
  software: false,
  features: [],
  limits: { maxBufferSize: 1, maxStorageBufferBindingSize: 1, maxComputeInvocationsPerWorkgroup: 1 },
  ...known,
});

describe('deviceName', () => {
  it.each([
    [{ vendor: 'nvidia', architecture: 'ampere' }, 'NVIDIA Ampere'],
    [{ vendor: 'google', architecture: 'swiftshader', description: 'google swiftshader' }, 'SwiftShader'],
    [{ description: 'NVIDIA GeForce RTX 4090 (Direct3D 12)' }, 'NVIDIA GeForce RTX 4090'],
    [{ vendor: 'apple', architecture: 'metal-3' }, 'Apple Metal-3'],
    [{ description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }, 'llvmpipe'],
    [{}, 'GPU'],
    [{ available: false }, 'No GPU'],
  ])('names %o', (known, name) => expect(deviceName(device(known))).toBe(name));
});
