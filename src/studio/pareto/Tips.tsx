/** What is told of a point under the pointer: exact numbers, and where they come from. */
import { datasetName, exactly, percent } from '../../domain/describe.ts';
import type { PublishedPoint } from '../../domain/published.ts';
import { METHOD_STYLES } from '../parts/MethodMark.tsx';
import type { OwnPoint, TrailPoint } from './points.ts';

export function OwnTip({ point }: { point: OwnPoint }) {
  return (
    <>
      <b>{point.name}</b>
      <div>
        {METHOD_STYLES[point.method].title}, {point.network}, {datasetName(point.dataset)}
      </div>
      <div className="figures">{exactly(point.drelus)} DReLUs</div>
      {point.multiplications !== null && (
        <div className="figures">{exactly(point.multiplications)} multiplications</div>
      )}
      <div className="figures">
        {percent(point.accuracy)} {point.split} accuracy
      </div>
    </>
  );
}

export function TrailTip({ point }: { point: TrailPoint }) {
  return (
    <>
      <b>Epoch {point.epoch + 1}</b>
      <div className="figures">{exactly(point.drelus)} DReLUs</div>
      <div className="figures">{percent(point.accuracy)} validation accuracy</div>
    </>
  );
}

export function PublishedTip({ point }: { point: PublishedPoint }) {
  return (
    <>
      <b>{point.method}</b>, published
      <div>
        {point.network}, {datasetName(point.dataset)}
      </div>
      <div className="figures">{exactly(point.drelus)} ReLUs</div>
      <div className="figures">{percent(point.accuracy)} test accuracy</div>
      <div className="pareto-source">
        {point.source} ({point.confidence}){point.note && `: ${point.note}`}
      </div>
    </>
  );
}
