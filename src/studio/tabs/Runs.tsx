import { EmptyState } from '../parts/EmptyState.tsx';

export default function Runs() {
  return <EmptyState title="Not here yet" />;
}
