/** The engine's errors. Apart from device.ts, which loads tfjs. */

/** The GPU is missing, or something on it went wrong; the message says what and what to do. */
export class GpuError extends Error {
  override name = 'GpuError';
}

/** Images, labels or indices that do not go with the network or the data set. */
export class ImagesError extends RangeError {
  override name = 'ImagesError';
}
