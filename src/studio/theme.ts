/**
 * The look: one accent, 13-14 px, hairlines, tabular figures, light and dark each designed. Text reaches AA contrast on its
 * ground in both (dimmed text included: Mantine's own grey does not on white).
 *
 * Colours that carry meaning are CSS variables, so that SVG, canvas and text agree: `--stage-0..6` (parts/StageColours) and
 * `--method-*` (parts/MethodMark), `--chart-grid`, `--chart-ink`.
 */
import { createTheme } from '@mantine/core';
import type { CSSVariablesResolver, MantineColorsTuple } from '@mantine/core';
import { methodColours } from './parts/MethodMark.tsx';

const accent: MantineColorsTuple = [
  '#eef1fd',
  '#dbe1f9',
  '#b6c2f2',
  '#8fa1eb',
  '#6f86e5',
  '#5a73e1',
  '#4560d0',
  '#374fb4',
  '#2e43a0',
  '#22358c',
];

/** Neutral with a little blue: text (0), hairlines (4), raised ground (6), ground (7), behind (8, 9). */
const dark: MantineColorsTuple = [
  '#d5d8df',
  '#b6bbc6',
  '#8f96a4',
  '#666d7c',
  '#383d49',
  '#2c313b',
  '#21252d',
  '#171a20',
  '#121419',
  '#0d0f13',
];

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 6 },
  colors: { accent, dark },
  autoContrast: true,
  fontFamily:
    'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.45', lg: '1.45', xl: '1.4' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  breakpoints: { xs: '37.5em', sm: '56.25em', md: '68em', lg: '80em', xl: '96em' },
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '16px' },
  defaultRadius: 'sm',
  respectReducedMotion: true,
  cursorType: 'pointer',
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '16px', lineHeight: '1.4' },
      h2: { fontSize: '14px', lineHeight: '1.4' },
      h3: { fontSize: '13px', lineHeight: '1.4' },
    },
  },
  components: {
    Accordion: { defaultProps: { transitionDuration: 120 } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Button: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    InputWrapper: {
      defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] },
      styles: {
        label: { fontSize: '12px' },
        description: { fontSize: '12px', marginTop: 3 },
        error: { fontSize: '12px', marginTop: 3 },
      },
    },
    NativeSelect: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Radio: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs', transitionDuration: 100 } },
    Select: { defaultProps: { size: 'xs', checkIconPosition: 'right' } },
    Switch: { defaultProps: { size: 'xs' } },
    Table: { defaultProps: { verticalSpacing: 4, horizontalSpacing: 8 } },
    TextInput: { defaultProps: { size: 'xs' } },
    Tooltip: {
      defaultProps: {
        openDelay: 300,
        withArrow: true,
        multiline: true,
        maw: 320,
        events: { hover: true, focus: true, touch: true },
      },
    },
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    '--mantine-font-size-xxs': '11px',
  },
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': '#1b1e25',
    '--mantine-color-dimmed': '#5b626e',
    '--mantine-color-placeholder': '#6b7280',
    '--mantine-color-error': '#b42318',
    '--mantine-color-anchor': '#374fb4',
    '--mantine-color-default-border': '#d7dbe3',
    '--ground-raised': '#f7f8fa',
    '--ground-hover': '#eff1f5',
    '--hairline': '#e3e6ec',
    '--accent-text': '#374fb4',
    '--good-text': '#1a6e42',
    '--warn-text': '#8a5300',
    '--chart-grid': '#e9ebf0',
    '--chart-ink': '#5b626e',
    '--chart-band': '#1b1e25',
    '--stage-0': '#7b818c',
    '--stage-1': '#259a86',
    '--stage-2': '#20799b',
    '--stage-3': '#3a569f',
    '--stage-4': '#4f2d7f',
    '--stage-5': '#451a55',
    '--stage-6': '#33102f',
    '--series-1': '#0068a3',
    '--series-2': '#c45500',
    '--series-3': '#00785a',
    '--method-dense': '#1b1e25',
    ...methodColours('light'),
    '--method-mixed': '#0072b2',
  },
  dark: {
    '--mantine-color-body': '#171a20',
    '--mantine-color-text': '#d5d8df',
    '--mantine-color-dimmed': '#9aa1ae',
    '--mantine-color-placeholder': '#8b929f',
    '--mantine-color-error': '#ff8a80',
    '--mantine-color-anchor': '#a3b4f4',
    '--mantine-color-default-border': '#383d49',
    '--ground-raised': '#1c2027',
    '--ground-hover': '#232831',
    '--hairline': '#2c313b',
    '--accent-text': '#a3b4f4',
    '--good-text': '#6fd3a0',
    '--warn-text': '#f0b95c',
    '--chart-grid': '#262b34',
    '--chart-ink': '#9aa1ae',
    '--chart-band': '#d5d8df',
    '--stage-0': '#9aa1ae',
    '--stage-1': '#74e0c2',
    '--stage-2': '#4ab5d6',
    '--stage-3': '#6a92e4',
    '--stage-4': '#9a7be0',
    '--stage-5': '#b56cc9',
    '--stage-6': '#bf5f9f',
    '--series-1': '#56b4e9',
    '--series-2': '#f0a03c',
    '--series-3': '#2cc295',
    '--method-dense': '#e6e8ec',
    ...methodColours('dark'),
    '--method-mixed': '#56b4e9',
  },
});
