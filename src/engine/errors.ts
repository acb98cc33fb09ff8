/** The GPU is missing, or something on it went wrong; the message says what and what to do. Apart from device.ts, which loads tfjs. */
export class GpuError extends Error {
  override name = 'GpuError';
}
