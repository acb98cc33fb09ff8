/** The experiment as four steps; closed steps still say what they hold. */
import { Accordion } from '@mantine/core';
import { STEPS, useView } from '../stores/view.ts';

export function ExperimentColumn() {
  const { open, setOpen } = useView();
  return (
    <Accordion multiple value={open} onChange={(value) => setOpen(STEPS.filter((step) => value.includes(step)))}>
      {STEPS.map((step) => (
        <Accordion.Item key={step} value={step}>
          <Accordion.Control>{step}</Accordion.Control>
          <Accordion.Panel />
        </Accordion.Item>
      ))}
    </Accordion>
  );
}
