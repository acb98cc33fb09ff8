/** How many DReLUs a method keeps: a number, or a share of those that the gates had before it. */
import { z } from 'zod';
import { compact, percentOf } from './describe.ts';
import { count, share } from './fields.ts';

export const budgetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('count'), drelus: count }),
  z.strictObject({ kind: z.literal('share'), share }),
]);

export type Budget = z.infer<typeof budgetSchema>;

/** The budget in DReLUs, where the gates had `before`. A share is rounded down. */
export const budgetCount = (budget: Budget, before: number): number =>
  budget.kind === 'count' ? budget.drelus : Math.floor(budget.share * before);

/** "budget 50K", "budget 25% of the DReLUs". */
export const describeBudget = (budget: Budget): string =>
  `budget ${budget.kind === 'count' ? compact(budget.drelus) : `${percentOf(budget.share)} of the DReLUs`}`;
