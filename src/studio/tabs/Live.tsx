import { EmptyState } from '../parts/EmptyState.tsx';

export default function Live() {
  return <EmptyState title="Not here yet" />;
}
