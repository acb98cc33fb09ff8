/** The tooltip of a point: exact numbers and their source. */
import { datasetName, exactly, percent } from '../../domain/describe.ts';
import type { PublishedPoint } from '../../domain/published.ts';
import { METHOD_STYLES } from '../parts/MethodMark.tsx';
import type { OwnPoint, TrailPoint } from './points.ts';
import classes from './ParetoPlot.module.css';

export type Hovered =
  | { kind: 'own'; point: OwnPoint }
  | { kind: 'published'; point: PublishedPoint }
  | { kind: 'trail'; point: TrailPoint };

function OwnTip({ point }: { point: OwnPoint }) {
  return (
    <>
      <b>{point.name}</b>
      <div>
        {METHOD_STYLES[point.method].title}, {point.network}, {datasetName(point.dataset)}
      </div>
      <div>{exactly(point.drelus)} DReLUs</div>
      {point.multiplications !== null && <div>{exactly(point.multiplications)} multiplications</div>}
      <div>
        {percent(point.accuracy)} {point.split} accuracy
      </div>
    </>
  );
}

function TrailTip({ point }: { point: TrailPoint }) {
  return (
    <>
      <b>Epoch {point.epoch + 1}</b>
      <div>{exactly(point.drelus)} DReLUs</div>
      <div>{percent(point.accuracy)} validation accuracy</div>
    </>
  );
}

function PublishedTip({ point }: { point: PublishedPoint }) {
  return (
    <>
      <b>{point.method}</b>, published
      <div>
        {point.network}, {datasetName(point.dataset)}
      </div>
      <div>{exactly(point.drelus)} ReLUs</div>
      <div>{percent(point.accuracy)} test accuracy</div>
      <div className={classes.source}>
        {point.source} ({point.confidence}){point.note && `: ${point.note}`}
      </div>
    </>
  );
}

export function Tip({
  hovered,
  place: [px, py],
  width,
}: {
  hovered: Hovered;
  place: readonly [number, number];
  width: number;
}) {
  const left = px > width / 2;
  return (
    <div
      className={classes.tip}
      role="status"
      style={{ top: py + 12, ...(left ? { right: width - px + 12 } : { left: px + 12 }) }}
    >
      {hovered.kind === 'own' && <OwnTip point={hovered.point} />}
      {hovered.kind === 'published' && <PublishedTip point={hovered.point} />}
      {hovered.kind === 'trail' && <TrailTip point={hovered.point} />}
    </div>
  );
}
