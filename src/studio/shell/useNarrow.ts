/** Below 900 px the left column is a drawer, and what has no room in the line on top moves into it. */
import { useMediaQuery } from '@mantine/hooks';

export const useNarrow = (): boolean => useMediaQuery('(max-width: 899px)', false, { getInitialValueInEffect: false });
