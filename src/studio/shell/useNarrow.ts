/** Below 900 px the experiment column is a drawer, which also contains what has no room in the top bar. */
import { useMediaQuery } from '@mantine/hooks';

const NARROW = '(max-width: 899px)';

export const useNarrow = (): boolean => useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
export const isNarrow = (): boolean => window.matchMedia(NARROW).matches;
