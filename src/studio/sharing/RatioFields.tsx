/** Prototypes a stage: one ratio for all or one each, as a share of the channels or as a count. */
import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { stageName } from '../../domain/describe.ts';
import type { DeepShareMethod } from '../../domain/methods/deepshare.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import { FieldBlock } from '../parts/fields.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { SliderRow } from '../parts/SliderRow.tsx';
import { StageDot } from '../parts/StageColours.tsx';
import { editMethod } from '../stores/experiment.ts';
import { gatedStages, prototypesOf, ratioText, widthOf } from './settings.ts';

const USUAL = [1, 2, 4, 8, 16, 32];
/** The slider runs over ratios 1/64 … 1 in half octaves. */
const FINEST = -6;

const setRatio = (stage: number | 'all', ratio: number) =>
  editMethod(
    'deepshare',
    (draft) => {
      draft.ratios = draft.ratios.map((old, s) => (stage === 'all' || s === stage ? ratio : old));
    },
    `ratio.${stage}`,
  );

interface RowProps {
  stage: number | 'all';
  ratio: number;
  /** Channels, for counts; null where all stages are set together. */
  channels: number | null;
  as: 'ratio' | 'count';
}

function RatioRow({ stage, ratio, channels, as }: RowProps) {
  const name = stage === 'all' ? 'All stages' : stageName(stage);
  const byCount = as === 'count' && channels !== null;
  const lead = stage !== 'all' && (
    <Group gap={6} wrap="nowrap" w={64}>
      <StageDot stage={stage} />
      <Text size="xs">{name}</Text>
    </Group>
  );
  return (
    <SliderRow
      lead={lead}
      label={`Prototypes, ${name}: ${ratioText(ratio)} of the channels`}
      min={FINEST}
      max={0}
      step={0.5}
      value={Math.log2(ratio)}
      onChange={(exponent) => setRatio(stage, Math.min(1, 2 ** exponent))}
    >
      {byCount ? (
        <NumberField
          label={null}
          aria-label={`Prototypes, ${name}`}
          value={prototypesOf(ratio, channels)}
          unit={`of ${channels}`}
          min={1}
          max={channels}
          whole
          onChange={(count) => setRatio(stage, count / channels)}
          w={104}
        />
      ) : (
        <NumberField
          label={null}
          aria-label={`Prototypes, ${name}, percent of the channels`}
          value={Number((ratio * 100).toPrecision(6))}
          unit="%"
          min={0}
          above
          max={100}
          onChange={(percent) => setRatio(stage, percent / 100)}
          w={104}
        />
      )}
    </SliderRow>
  );
}

export function RatioFields({ method, network }: { method: DeepShareMethod; network: NetworkSpec }) {
  const stages = gatedStages(network);
  const ratios = stages.map((stage) => method.ratios[stage]);
  const equal = ratios.every((ratio) => ratio === ratios[0]);
  const [linked, setLinked] = useState(equal);
  const [as, setAs] = useState<'ratio' | 'count'>('ratio');
  const together = linked && equal;
  const inverse = Math.round(1 / ratios[0]);
  return (
    <FieldBlock
      label="Prototypes"
      hint="P/C, channels of a site that compute their own DReLU; the others consult one of them"
    >
      <Stack gap={8} mt={6}>
        <Group gap="xs" grow>
          <SegmentedControl
            aria-label="One ratio for all stages, or one each"
            value={together ? 'linked' : 'separate'}
            onChange={(value) => {
              setLinked(value === 'linked');
              if (value === 'linked') setRatio('all', ratios[0]);
            }}
            data={[
              { value: 'linked', label: 'Linked' },
              { value: 'separate', label: 'By stage' },
            ]}
          />
          {!together && (
            <SegmentedControl
              aria-label="As a ratio or a count"
              value={as}
              onChange={setAs}
              data={[
                { value: 'ratio', label: 'Ratio' },
                { value: 'count', label: 'Count' },
              ]}
            />
          )}
        </Group>
        {together ? (
          <>
            <SegmentedControl
              fullWidth
              aria-label="Usual ratios"
              value={USUAL.includes(inverse) && ratios[0] === 1 / inverse ? String(inverse) : ''}
              onChange={(value) => setRatio('all', 1 / Number(value))}
              data={USUAL.map((n) => ({ value: String(n), label: n === 1 ? 'all' : `1/${n}` }))}
            />
            <RatioRow stage="all" ratio={ratios[0]} channels={null} as="ratio" />
          </>
        ) : (
          stages.map((stage) => (
            <RatioRow
              key={stage}
              stage={stage}
              ratio={method.ratios[stage]}
              channels={widthOf(network, stage)}
              as={as}
            />
          ))
        )}
      </Stack>
    </FieldBlock>
  );
}
