/** Prototype channels per stage: one ratio for all stages or one each, as a share of the channels or as a count. */
import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { stageName } from '../../domain/describe.ts';
import type { DeepShareMethod } from '../../domain/methods/deepshare.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import { FieldBlock } from '../parts/fields.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';
import { Term } from '../parts/Term.tsx';
import { StageDot } from '../parts/StageColours.tsx';
import { editMethod } from '../stores/experiment.ts';
import { gatedStages, prototypesOf, widthOf } from './settings.ts';

const COMMON = [1, 2, 4, 8, 16, 32];
/** The slider covers ratios from 1/64 to 1 in steps of half an octave. */
const MIN_EXPONENT = -6;
const OCTAVES = { toPosition: Math.log2, fromPosition: (exponent: number) => Math.min(1, 2 ** exponent) };
const PERCENT = { toField: (ratio: number) => ratio * 100, fromField: (percent: number) => percent / 100 };

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
  /** Channels of the stage, for counts; null where all stages are set together. */
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
  const counts = {
    toField: (value: number) => prototypesOf(value, channels ?? 1),
    fromField: (count: number) => count / (channels ?? 1),
  };
  return (
    <SliderNumber
      lead={lead}
      name={`Prototypes, ${name}${byCount ? '' : ', percent of the channels'}`}
      value={ratio}
      onChange={(next) => setRatio(stage, next)}
      min={MIN_EXPONENT}
      max={0}
      step={0.5}
      scale={OCTAVES}
      field={byCount ? counts : PERCENT}
      limits={byCount ? { min: 1, max: channels, whole: true } : { min: 0, above: true, max: 100 }}
      unit={byCount ? `of ${channels}` : '%'}
      w={104}
    />
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
      label={<Term of="prototype">Prototype channels</Term>}
      hint="P/C, share of the channels that compute their own DReLU; the others share one of them"
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
              aria-label="Common ratios"
              value={COMMON.includes(inverse) && ratios[0] === 1 / inverse ? String(inverse) : ''}
              onChange={(value) => setRatio('all', 1 / Number(value))}
              data={COMMON.map((n) => ({ value: String(n), label: n === 1 ? 'all' : `1/${n}` }))}
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
