import { EmptyState } from '../parts/EmptyState.tsx';

export default function Gates() {
  return <EmptyState title="Not here yet" />;
}
