import { EmptyState } from '../parts/EmptyState.tsx';

export default function Pareto() {
  return <EmptyState title="Not here yet" />;
}
