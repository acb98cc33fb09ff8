/**
 * A drawing of the stages: a block whose width shows the channels and whose height shows the resolution, and two bars with the
 * stage's shares of ReLUs and multiply-accumulates. It is redrawn at every move of a slider, so it consists of plain elements
 * without measurements or animations.
 */
import { memo } from 'react';
import { shortStage } from '../parts/names.ts';
import { stageColour } from '../parts/StageColours.tsx';
import { compact, exactly, percent } from '../../domain/describe.ts';
import classes from './StageDrawing.module.css';
import type { StageRow, StageTable } from './stageRows.ts';

/** Pixels of the widest and the highest block. */
const BLOCK_WIDTH = 92;
const BLOCK_HEIGHT = 36;

function Bar({
  what,
  value,
  share,
  scale,
  color,
  soft,
}: {
  what: string;
  value: number;
  share: number;
  scale: number;
  color: string;
  soft?: boolean;
}) {
  return (
    <div className={classes.bar} title={`${exactly(value)} ${what}, ${percent(share, 1)} of the network`}>
      <span className={classes.what}>{what}</span>
      <span className={classes.track}>
        <span
          className={classes.fill}
          data-soft={soft || undefined}
          style={{ width: `${scale > 0 ? (100 * share) / scale : 0}%`, ['--stage' as string]: color }}
        />
      </span>
      <span className={classes.value}>{compact(value)}</span>
      <span className={classes.share}>{percent(share, 1)}</span>
    </div>
  );
}

const Row = memo(function Row({
  row,
  widest,
  highest,
  scale,
  color,
}: {
  row: StageRow;
  widest: number;
  highest: number;
  scale: number;
  color: string;
}) {
  return (
    <div className={classes.row} data-stage={row.stage}>
      <div className={classes.block} aria-hidden>
        <span
          style={{
            width: Math.max(2, (BLOCK_WIDTH * row.channels) / widest),
            height: Math.max(2, (BLOCK_HEIGHT * row.height) / highest),
            background: color,
          }}
        />
      </div>
      <div className={classes.figures}>
        <div className={classes.name}>
          <b>{shortStage(row.stage)}</b>
          <span>
            {row.channels} × {row.height} × {row.width}
            {row.stage > 0
              ? `, ${row.blocks} ${row.blocks === 1 ? 'block' : 'blocks'}`
              : row.relus === 0 && ', no ReLU'}
          </span>
        </div>
        {row.relus > 0 && <Bar what="ReLUs" value={row.relus} share={row.reluShare} scale={scale} color={color} />}
        <Bar what="MACs" value={row.macs} share={row.macShare} scale={scale} color={color} soft />
      </div>
    </div>
  );
});

export const StageDrawing = memo(function StageDrawing({ table }: { table: StageTable }) {
  const widest = Math.max(...table.rows.map((row) => row.channels));
  const highest = Math.max(...table.rows.map((row) => row.height));
  // One scale for both kinds of bar, so that the shares can be compared.
  const scale = Math.max(...table.rows.flatMap((row) => [row.reluShare, row.macShare]));
  return (
    <div
      className={classes.drawing}
      role="group"
      aria-label="Stages: channels × height × width, ReLUs and MACs with their shares"
    >
      {table.rows.map((row) => (
        <Row key={row.stage} row={row} widest={widest} highest={highest} scale={scale} color={stageColour(row.stage)} />
      ))}
    </div>
  );
});
