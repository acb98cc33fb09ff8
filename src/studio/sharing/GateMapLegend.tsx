/** What the marks of a gate map mean. */
export const GateMapLegend = ({ borrowing }: { borrowing: boolean }) => (
  <figcaption className="gate-map-legend">
    <span>
      <i style={{ height: 13 }} aria-hidden /> prototype, computes its DReLU
    </span>
    <span>
      <i style={{ height: 7, opacity: 0.55 }} aria-hidden /> replicate, in its prototype’s colour
    </span>
    {borrowing && <span>→ borrows all its gates</span>}
  </figcaption>
);
