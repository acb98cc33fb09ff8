import { EmptyState } from '../parts/EmptyState.tsx';

export default function Design() {
  return <EmptyState title="Not here yet" />;
}
