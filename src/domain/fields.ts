/** Number fields that several schemas use. The limits are far beyond use: a damaged file or address cannot stall the page. */
import { z } from 'zod';

export const atMost = (most: number) => z.int().min(1).max(most);
export const natural = atMost(1e9);
export const count = z.int().min(0).max(1e9);
export const seed = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
export const positive = z.number().positive();
/** More than 0, at most 1. */
export const share = z.number().gt(0).max(1);
