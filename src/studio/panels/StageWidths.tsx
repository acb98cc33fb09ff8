/**
 * Stage widths: base channels m, blocks φ and multipliers α, β, γ, or the widths themselves, linked both ways, with a drawing of
 * the stages and whether their ReLUs stand in the order of criticality (DeepReShape, Jha & Reagen 2024).
 *
 * The widths in the experiment are the truth; multipliers are read off them (design/multipliers.ts).
 */
import { ActionIcon, Button, Group, Input, Menu, Stack, Text } from '@mantine/core';
import { IconChevronDown, IconMinus, IconPlus } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { multiplierNames } from '../../domain/hybrenet.ts';
import { shownMultipliers, widthsFrom, withStages } from '../design/multipliers.ts';
import { NETWORK_PRESETS, presetOf } from '../design/networkPresets.ts';
import { OrderVerdict } from '../design/OrderVerdict.tsx';
import { setNetwork } from '../design/setNetwork.ts';
import { SliderNumber } from '../design/SliderNumber.tsx';
import { StageDrawing } from '../design/StageDrawing.tsx';
import { stageTable } from '../design/stageRows.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { StageDot } from '../parts/StageColours.tsx';
import { useExperiment } from '../stores/experiment.ts';

const STAGES = { least: 2, most: 5 };
const GROUPS = ['BaseCh', 'StageCh', 'HybReNet', 'Other networks'] as const;

function PresetMenu() {
  const network = useExperiment((s) => s.experiment.network);
  const current = presetOf(network);
  return (
    <Menu position="bottom-start" width={240} shadow="md">
      <Menu.Target>
        <Button variant="default" size="xs" fullWidth justify="space-between" rightSection={<IconChevronDown size={14} />}>
          {current?.title ?? 'Own widths'}
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
                onClick={() => setNetwork({ family: preset.family, blocks: [...preset.blocks], widths: [...preset.widths] })}
              >
                {preset.title}
                <Text size="xs" c="dimmed" className="figures">
                  {preset.widths.join(' / ')}
                </Text>
              </Menu.Item>
            ))}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Blocks and channels, a column a stage. */
function StageGrid({ blocks, widths }: { blocks: number[]; widths: number[] }) {
  const row = (symbol: string, name: string, values: number[], onChange: (s: number, value: number) => void) => (
    <Group gap={6} wrap="nowrap" align="center">
      <Text size="sm" miw={18} ta="center" title={name} aria-hidden>
        {symbol}
      </Text>
      {values.map((value, s) => (
        <NumberField
          key={s}
          label={null}
          aria-label={`${name} of stage ${s + 1}`}
          value={value}
          min={1}
          whole
          onChange={(next) => onChange(s, next)}
          w="100%"
        />
      ))}
    </Group>
  );
  return (
    <Input.Wrapper label="Blocks φ and channels w" description="of each stage (ResNet-18: φ = 2, 2, 2, 2)" size="xs" labelElement="div">
      <Stack gap={4} mt={4}>
        <Group gap={6} wrap="nowrap" grow pl={24} preventGrowOverflow={false} aria-hidden>
          {blocks.map((_, s) => (
            <Group key={s} gap={4} wrap="nowrap">
              <StageDot stage={s + 1} size={8} />
              <Text size="xs">S{s + 1}</Text>
            </Group>
          ))}
        </Group>
        {row('φ', 'Blocks', blocks, (s, value) => setNetwork({ blocks: blocks.with(s, value) }, `blocks ${s}`))}
        {row('w', 'Channels', widths, (s, value) => setNetwork({ widths: widths.with(s, value) }, `widths ${s}`))}
      </Stack>
    </Input.Wrapper>
  );
}

export function StageWidths() {
  const network = useExperiment((s) => s.experiment.network);
  const [typed, setTyped] = useState<number[] | null>(null);
  const { blocks, widths } = network;
  const multipliers = shownMultipliers(widths, typed);
  const names = multiplierNames(multipliers.length);
  const table = useMemo(() => stageTable(network), [network]);

  const setMultiplier = (k: number, value: number) => {
    const next = multipliers.with(k, value);
    setTyped(next);
    setNetwork({ widths: widthsFrom(widths[0], next) }, `multiplier ${k}`);
  };
  const setBase = (base: number) => {
    setTyped(multipliers);
    setNetwork({ widths: widthsFrom(base, multipliers) }, 'base');
  };
  const setStages = (stages: number) => setNetwork(withStages(network, stages));

  return (
    <Stack gap="sm">
      <PresetMenu />
      <Group justify="space-between" wrap="nowrap">
        <Text size="xs" fw={500}>
          Stages
        </Text>
        <Group gap={6} wrap="nowrap">
          <ActionIcon variant="default" size="sm" aria-label="One stage fewer" disabled={blocks.length <= STAGES.least} onClick={() => setStages(blocks.length - 1)}>
            <IconMinus size={12} />
          </ActionIcon>
          <Text size="sm" w={14} ta="center" className="figures" aria-live="polite" aria-label={`${blocks.length} stages`}>
            {blocks.length}
          </Text>
          <ActionIcon variant="default" size="sm" aria-label="One stage more" disabled={blocks.length >= STAGES.most} onClick={() => setStages(blocks.length + 1)}>
            <IconPlus size={12} />
          </ActionIcon>
        </Group>
      </Group>
      <StageGrid blocks={blocks} widths={widths} />
      <Input.Wrapper label="Base channels and multipliers" description="m, and the factor from each stage to the next" size="xs" labelElement="div">
        <Stack gap={4} mt={4}>
          <SliderNumber symbol="m" name="Base channels" value={widths[0]} onChange={setBase} min={4} max={128} step={1} least={1} whole />
          {multipliers.map((value, k) => (
            <SliderNumber
              key={k}
              symbol={names[k]}
              name={`${names[k]}, channels of stage ${k + 2} over stage ${k + 1}`}
              value={value}
              onChange={(next) => setMultiplier(k, next)}
              min={1}
              max={10}
              step={0.5}
              least={0.05}
            />
          ))}
        </Stack>
      </Input.Wrapper>
      <StageDrawing table={table} />
      <OrderVerdict network={network} table={table} />
    </Stack>
  );
}
