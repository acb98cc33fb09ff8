import { EmptyState } from '../parts/EmptyState.tsx';

export default function Masks() {
  return <EmptyState title="Not here yet" />;
}
