import { EmptyState } from '../parts/EmptyState.tsx';

export default function OneGate() {
  return <EmptyState title="Not here yet" />;
}
