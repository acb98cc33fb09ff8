/**
 * Stage widths: base channels m, blocks φ and multipliers α, β, γ, or the widths themselves, linked in both directions, with a
 * drawing of the stages and a check of the criticality order (DeepReShape, Jha & Reagen 2024).
 *
 * The experiment stores widths; multipliers are computed from them (design/multipliers.ts).
 */
import { ActionIcon, Button, Group, Menu, Stack, Text, VisuallyHidden } from '@mantine/core';
import { IconChevronDown, IconMinus, IconPlus } from '@tabler/icons-react';
import { memo, useMemo } from 'react';
import { multiplierNames } from '../../domain/hybrenet.ts';
import { shownMultipliers } from '../design/multipliers.ts';
import { NETWORK_PRESETS, presetOf } from '../design/networkPresets.ts';
import type { NetworkPreset } from '../design/networkPresets.ts';
import { OrderVerdict } from '../design/OrderVerdict.tsx';
import { setNetwork } from '../design/setNetwork.ts';
import { SliderNumber } from '../parts/SliderNumber.tsx';
import { StageDrawing } from '../design/StageDrawing.tsx';
import { stageTable } from '../design/stageRows.ts';
import { setBase, setMultiplier, setStages, setStageValue, useTyped } from '../design/widthActions.ts';
import { FieldBlock } from '../parts/fields.tsx';
import { Term } from '../parts/Term.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { StageDot } from '../parts/StageColours.tsx';
import { useExperiment } from '../stores/experiment.ts';

const STAGES = { min: 2, max: 5 };
const GROUPS = ['BaseCh', 'StageCh', 'HybReNet', 'Other networks'] as const;

const PresetMenu = memo(function PresetMenu({ current }: { current: NetworkPreset | undefined }) {
  return (
    <Menu position="bottom-start" width={240} shadow="md">
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          fullWidth
          justify="space-between"
          rightSection={<IconChevronDown size={14} />}
        >
          {current?.title ?? 'Custom'}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
        {GROUPS.map((group) => (
          <div key={group} role="none">
            <Menu.Label>{group}</Menu.Label>
            {NETWORK_PRESETS.filter((preset) => preset.group === group).map((preset) => (
              <Menu.Item
                key={preset.id}
                fw={preset === current ? 600 : undefined}
                onClick={() =>
                  setNetwork({ family: preset.family, blocks: [...preset.blocks], widths: [...preset.widths] })
                }
              >
                {preset.title}
                <Text size="xs" c="dimmed">
                  {preset.widths.join(' / ')}
                </Text>
              </Menu.Item>
            ))}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
});

/** One field of the grid, memoized: while a slider is dragged, most fields do not change. */
const StageField = memo(function StageField({
  what,
  stage,
  value,
}: {
  what: 'blocks' | 'widths';
  stage: number;
  value: number;
}) {
  return (
    <NumberField
      label={null}
      aria-label={`${what === 'blocks' ? 'Blocks' : 'Channels'} of stage ${stage + 1}`}
      value={value}
      min={1}
      whole
      onChange={(next) => setStageValue(what, stage, next)}
      w="100%"
    />
  );
});

const StageRow = memo(function StageRow({ what, values }: { what: 'blocks' | 'widths'; values: number[] }) {
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <Text size="sm" miw={18} ta="center" lh="30px" title={what === 'blocks' ? 'Blocks' : 'Channels'} aria-hidden>
        {what === 'blocks' ? 'φ' : 'w'}
      </Text>
      {values.map((value, s) => (
        <StageField key={s} what={what} stage={s} value={value} />
      ))}
    </Group>
  );
});

/** Blocks and channels, one column per stage. */
function StageGrid() {
  const blocks = useExperiment((s) => s.experiment.network.blocks);
  const widths = useExperiment((s) => s.experiment.network.widths);
  return (
    <FieldBlock label="Blocks φ and channels w" hint="Per stage (ResNet-18: φ = 2, 2, 2, 2)">
      <Stack gap={4} mt={4}>
        <StageHeads stages={blocks.length} />
        <StageRow what="blocks" values={blocks} />
        <StageRow what="widths" values={widths} />
      </Stack>
    </FieldBlock>
  );
}

const StageHeads = memo(function StageHeads({ stages }: { stages: number }) {
  return (
    <Group gap={6} wrap="nowrap" grow pl={24} preventGrowOverflow={false} aria-hidden>
      {Array.from({ length: stages }, (_, s) => (
        <Group key={s} gap={4} wrap="nowrap">
          <StageDot stage={s + 1} size={8} />
          <Text size="xs">S{s + 1}</Text>
        </Group>
      ))}
    </Group>
  );
});

const StageCount = memo(function StageCount({ stages }: { stages: number }) {
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="xs" fw={500}>
        Stages
      </Text>
      <Group gap={6} wrap="nowrap">
        <ActionIcon
          variant="default"
          size="sm"
          aria-label="Remove a stage"
          disabled={stages <= STAGES.min}
          onClick={() => setStages(stages - 1)}
        >
          <IconMinus size={12} />
        </ActionIcon>
        <Text size="sm" w={14} ta="center" aria-live="polite">
          {stages}
          <VisuallyHidden> stages</VisuallyHidden>
        </Text>
        <ActionIcon
          variant="default"
          size="sm"
          aria-label="Add a stage"
          disabled={stages >= STAGES.max}
          onClick={() => setStages(stages + 1)}
        >
          <IconPlus size={12} />
        </ActionIcon>
      </Group>
    </Group>
  );
});

/** The symbol of a number, left of its slider. */
const Symbol = ({ children }: { children: string }) => (
  <Text size="sm" miw={18} ta="center" aria-hidden>
    {children}
  </Text>
);

/** One multiplier: α, β or γ. */
const Multiplier = memo(function Multiplier({ k, symbol, value }: { k: number; symbol: string; value: number }) {
  return (
    <SliderNumber
      lead={<Symbol>{symbol}</Symbol>}
      name={`${symbol}, channels of stage ${k + 2} over stage ${k + 1}`}
      value={value}
      onChange={(next) => setMultiplier(k, next)}
      min={1}
      max={10}
      step={0.5}
      limits={{ min: 0.05 }}
      w={72}
    />
  );
});

const Base = memo(function Base({ value }: { value: number }) {
  return (
    <SliderNumber
      lead={<Symbol>m</Symbol>}
      name="Base channels"
      value={value}
      onChange={setBase}
      min={4}
      max={128}
      step={1}
      limits={{ min: 1, whole: true }}
      w={72}
    />
  );
});

function Multipliers() {
  const widths = useExperiment((s) => s.experiment.network.widths);
  const multipliers = shownMultipliers(widths, useTyped());
  const names = multiplierNames(multipliers.length);
  return (
    <FieldBlock
      label={<Term of="multipliers">Base channels and multipliers</Term>}
      hint="m, and the factor from each stage to the next"
    >
      <Stack gap={4} mt={4}>
        <Base value={widths[0]} />
        {multipliers.map((value, k) => (
          <Multiplier key={k} k={k} symbol={names[k]} value={value} />
        ))}
      </Stack>
    </FieldBlock>
  );
}

function Drawing() {
  const network = useExperiment((s) => s.experiment.network);
  const table = useMemo(() => stageTable(network), [network]);
  return (
    <>
      <StageDrawing table={table} />
      <OrderVerdict network={network} table={table} />
    </>
  );
}

export const StageWidths = memo(function StageWidths() {
  const preset = useExperiment((s) => presetOf(s.experiment.network));
  const stages = useExperiment((s) => s.experiment.network.blocks.length);
  return (
    <Stack gap="sm">
      <PresetMenu current={preset} />
      <StageCount stages={stages} />
      <StageGrid />
      <Multipliers />
      <Drawing />
    </Stack>
  );
});
