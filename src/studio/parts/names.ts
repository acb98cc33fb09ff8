/** Short names for axes and narrow columns; domain/describe.ts has the full names. */

/** "1.0·2" for layer1.0.gate2. */
export const shortSite = (id: string): string => id.replace(/^layer(\d+)\.(\d+)\.gate(\d)$/, '$1.$2·$3');

/** "S3"; 0 is the stem. */
export const shortStage = (stage: number): string => (stage === 0 ? 'Stem' : `S${stage}`);
