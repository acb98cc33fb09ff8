/** Recognizes software adapters, which render on the CPU, by the names that browsers and drivers report. */

const NAMES = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/** The names in GPUAdapterInfo; `isFallbackAdapter` is not in every browser. */
export interface AdapterNames {
  vendor?: string;
  architecture?: string;
  device?: string;
  description?: string;
  isFallbackAdapter?: boolean;
}

export const isSoftwareAdapter = ({
  vendor = '',
  architecture = '',
  device = '',
  description = '',
  isFallbackAdapter = false,
}: AdapterNames): boolean => isFallbackAdapter || NAMES.test(`${vendor} ${architecture} ${device} ${description}`);
