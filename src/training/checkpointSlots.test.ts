/** Two checkpoints: a damaged, truncated or half-written one never loses the other. */
import { describe, expect, it } from 'vitest';
import { encodeCheckpoint } from './checkpoint.ts';
import { CheckpointSlots, type SlotFiles } from './checkpointSlots.ts';
import { freshState, freshTensors } from './state.ts';
import { tinyExperiment } from './testing.ts';

const experiment = tinyExperiment([]);
const at = (step: number) =>
  encodeCheckpoint({ state: { ...freshState(experiment, null), step }, tensors: freshTensors(experiment, null) });

/** Files in memory; `crashIn` throws at the given write instead of carrying it out. */
function memory() {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const control = { crashIn: Infinity };
  const access: SlotFiles = {
    read: (name) => Promise.resolve(files.get(name) ?? null),
    write: (name, content) => {
      if (--control.crashIn < 0) return Promise.reject(new Error('crashed'));
      files.set(name, typeof content === 'string' ? new TextEncoder().encode(content) : content);
      return Promise.resolve();
    },
    remove: (name) => Promise.resolve(void files.delete(name)),
  };
  return { files, control, slots: new CheckpointSlots(access) };
}

async function written(...steps: number[]) {
  const made = memory();
  for (const step of steps) await made.slots.write(at(step), { step });
  return made;
}

const stepOf = async (slots: CheckpointSlots) => (await slots.read())?.checkpoint.state.step;

describe('two checkpoints', () => {
  it('give the latest, after any number of writes', async () => {
    for (let last = 1; last <= 5; last++) {
      const { slots, files } = await written(...Array.from({ length: last }, (_, i) => 10 * (i + 1)));
      expect(await stepOf(slots)).toBe(10 * last);
      expect((await slots.read())!.note).toBeNull();
      expect(files.size).toBe(last === 1 ? 2 : 3);
    }
  });

  it('are none before the first write and after they were removed', async () => {
    const { slots } = memory();
    expect(await slots.read()).toBeNull();
    await slots.write(at(1), { step: 1 });
    await slots.remove();
    expect(await slots.read()).toBeNull();
  });

  it.each<[string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>]>([
    ['truncated', (bytes) => bytes.slice(0, bytes.length - 5)],
    ['empty', () => new Uint8Array()],
    ['damaged in one bit of a weight', (bytes) => bytes.map((byte, i) => (i === bytes.length - 2 ? byte ^ 1 : byte))],
  ])('fall back to the one before where the latest is %s', async (_, damage) => {
    for (const steps of [
      [10, 20],
      [10, 20, 30],
    ]) {
      const { slots, files } = await written(...steps);
      const file = steps.length === 2 ? 'checkpoint-1.safetensors' : 'checkpoint-0.safetensors';
      files.set(file, damage(files.get(file)!));
      const found = await slots.read();
      expect(found!.checkpoint.state.step).toBe(steps.at(-2));
      expect(found!.note).toContain(`${file}: its hash is not the recorded one`);
      expect(found!.note).toContain(`continues from the one before, at step ${steps.at(-2)}`);
    }
  });

  it('fall back where the latest file is gone', async () => {
    const { slots, files } = await written(10, 20);
    files.delete('checkpoint-1.safetensors');
    expect(await stepOf(slots)).toBe(10);
  });

  it('are found without a pointer', async () => {
    const { slots, files } = await written(10, 20);
    files.set('checkpoint.json', new TextEncoder().encode('{"format":'));
    expect(await stepOf(slots)).toBe(20);
    files.delete('checkpoint.json');
    expect(await stepOf(slots)).toBe(20);
  });

  it('leave a usable one wherever a write is interrupted', async () => {
    for (const crashIn of [0, 1]) {
      const { slots, control } = await written(10, 20);
      control.crashIn = crashIn;
      await expect(slots.write(at(30), { step: 30 })).rejects.toThrow('crashed');
      // The pointer has not moved; the slot that it does not point to may be new.
      expect(await stepOf(slots)).toBe(20);
      control.crashIn = Infinity;
      await slots.write(at(40), { step: 40 });
      expect(await stepOf(slots)).toBe(40);
    }
  });

  it('read the single file of older versions, and replace it', async () => {
    const { slots, files } = memory();
    files.set('checkpoint.safetensors', at(7));
    expect(await stepOf(slots)).toBe(7);
    await slots.write(at(8), { step: 8 });
    expect(files.has('checkpoint.safetensors')).toBe(false);
    expect(await stepOf(slots)).toBe(8);
  });

  it('say what is wrong with each where none can be used', async () => {
    const { slots, files } = await written(10, 20);
    files.set('checkpoint-0.safetensors', Uint8Array.of(1, 2, 3));
    files.set('checkpoint-1.safetensors', Uint8Array.of(1, 2, 3));
    await expect(slots.read()).rejects.toThrow(
      'No checkpoint of this run can be used (checkpoint-1.safetensors: its hash is not the recorded one; checkpoint-0.safetensors: its hash is not the recorded one).',
    );
  });
});
