/**
 * What a method is to the rest of the program. Everything that names, draws, counts, checks or exports methods reads this
 * descriptor; nothing else knows a method by name.
 *
 * To add a method: its descriptor in this folder and a line in registry.ts; its phases in training/methods/ and a line in that
 * registry; its form in studio/panels/ and a line in methodForms.ts.
 */
import type { z } from 'zod';
import type { GateMap, SiteIdMap } from '../gateMap.ts';
import type { NetworkSpec } from '../network.ts';
import type { Distillation } from '../phase.ts';
import type { Assignment } from '../sharing.ts';

/**
 * What methods decide, in the order in which they apply. Two methods with the same role exclude each other, methods with
 * different roles compose.
 */
export const ROLES = {
  prune: 'which layers keep their ReLUs',
  share: 'whose DReLU a channel uses',
  mask: 'which DReLUs are kept',
} as const;
export type Role = keyof typeof ROLES;

export type MarkerShape = 'circle' | 'square' | 'diamond' | 'triangle' | 'triangle-down' | 'cross' | 'plus' | 'star';

/** Settings of any method. */
export interface MethodSettings {
  name: string;
  distillation: Distillation | null;
}

/** A setting that contradicts the network or the other methods: its path within the method, and one sentence. */
export interface SettingIssue {
  path: (string | number)[];
  message: string;
}

/** The rest of the experiment, as far as a method's own checks may see it. */
export interface CheckContext {
  network: NetworkSpec;
  /** Roles of the experiment's methods, this one included. */
  roles: ReadonlySet<Role>;
}

/** Length of a phase for estimates of time and memory. */
export interface ExpectedPhase {
  /** Expected, where the phase may end early. */
  epochs: number;
  batch: number;
}

/** Schemas of settings: strict objects with a literal name. */
export type MethodSchema = z.ZodObject<{ name: z.ZodLiteral<string> }> & z.ZodType<MethodSettings>;

export interface MethodDescriptor<M extends MethodSettings> {
  /** As files and addresses write it. */
  name: M['name'];
  /** As people read it: "SNL". */
  title: string;
  /** One line for the list of methods. */
  summary: string;
  role: Role;
  /** On the page's light and dark ground; from Okabe and Ito's palette, adjusted to a contrast of 3:1. */
  colour: { light: string; dark: string };
  marker: MarkerShape;
  /** Settings when the method is switched on: for quick runs on the built-in data, or as its paper has them. */
  defaults(context: { quick: boolean; network: NetworkSpec }): M;
  /** The settings that matter most, in short: ["budget 50K", "pixel"]. */
  describe(method: M): string[];
  /**
   * The gate map with this method applied to `base`. `chosen`: prototypes selected on recorded gates, for methods that select any.
   * @throws GateMapError or RangeError with one sentence where the settings do not fit the network
   */
  gates(network: NetworkSpec, base: GateMap, method: M, chosen: SiteIdMap<Assignment>): GateMap;
  /** DReLUs that remain at most, where the gates had `drelus` before; absent: what the gate map says. */
  budget?(method: M, drelus: number): number;
  phases(method: M): ExpectedPhase[];
  check?(method: M, context: CheckContext): SettingIssue[];
  /** Changes settings in place so that they fit a network whose stages or widths have changed. */
  fit?(method: M, network: NetworkSpec): void;
}

/** Types a descriptor by its schema. */
export const defineMethod = <S extends MethodSchema>(
  descriptor: { schema: S } & MethodDescriptor<z.infer<S>>,
): { schema: S } & MethodDescriptor<z.infer<S>> => descriptor;
