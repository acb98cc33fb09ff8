/** Below 900 px the left column is a drawer, and what has no room in the line on top moves into it. */
import { useMediaQuery } from '@mantine/hooks';

const NARROW = '(max-width: 899px)';

export const useNarrow = (): boolean => useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
export const isNarrow = (): boolean => window.matchMedia(NARROW).matches;
