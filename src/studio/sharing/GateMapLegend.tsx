/** The legend of a gate map. */
import classes from './GateMap.module.css';

export const GateMapLegend = ({ borrowing }: { borrowing: boolean }) => (
  <figcaption className={classes.legend}>
    <span>
      <i style={{ height: 13 }} aria-hidden /> prototype channel, computes its DReLU
    </span>
    <span>
      <i style={{ height: 7, opacity: 0.55 }} aria-hidden /> replicate channel, in the colour of its prototype
    </span>
    {borrowing && <span>→ shares all gates of another layer</span>}
  </figcaption>
);
