/**
 * PyTorch checkpoints (.pt, .pth, .pth.tar): the state dict of a file that torch.save wrote, as float32 tensors.
 *
 *   zip       ARCHIVE/data.pkl, ARCHIVE/byteorder ("little" or "big"; absent: little), ARCHIVE/data/KEY a storage each
 *   old       five pickles (magic number, protocol, system, value, storage keys), then per key an int64 count and the numbers,
 *             always little-endian
 *
 * The value is a state dict, or a dict that holds one under `state_dict`, `net`, `model` or the like; optimizer state and other
 * tensors beside it are not read. Formats: torch/serialization.py.
 */
import { printable } from '../domain/printable.ts';
import { readPickle } from './pickle.ts';
import { PickleDict, textOf } from './pickleValues.ts';
import type { PickleValue } from './pickleValues.ts';
import { TORCH_TYPE_BYTES, torchPickle, TorchTensor } from './torchPickle.ts';
import { elementsOf, readTensor } from './torchTensor.ts';
import type { TorchStorage } from './torchPickle.ts';
import type { ForeignTensor } from './torchTensor.ts';
import { DataError } from './types.ts';
import { isZip, ZipArchive } from './zip.ts';

export interface TorchCheckpoint {
  /** By their names in the state dict, in its order. */
  tensors: Map<string, ForeignTensor>;
  /** Key under which the state dict lies; null: the file is the state dict. */
  container: string | null;
}

/** Where state dicts are kept by the common training scripts, in the order in which they are looked for. */
const CONTAINERS = ['state_dict', 'net', 'model', 'model_state_dict', 'network', 'model_state', 'weights'];
/** A container may hold a container ({'model': {'state_dict': …}}). */
const DEPTH = 3;

const MAGIC = Number(0x1950a86a20f9469cfc6cn);

const MOST_PICKLE_BYTES = 1 << 26;
const MOST_STORAGE_BYTES = 1 << 30;
/** Numbers in all tensors together: ten times a ResNet-18, and far less than memory. */
const MOST_ELEMENTS = 1 << 27;

/** How the magic number of the old format is pickled: LONG1, ten bytes, little-endian. */
const PICKLED_MAGIC = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20];

/** Whether a file may be a checkpoint, by its first bytes: a zip archive, or the magic number of the old format. */
export function isTorchCheckpoint(head: Uint8Array): boolean {
  if (isZip(head)) return true;
  // After the protocol, and from protocol 4 on a frame.
  return [2, 11].some((from) => head[0] === 0x80 && PICKLED_MAGIC.every((byte, i) => head[from + i] === byte));
}

/** Finds the state dict. @throws DataError listing the keys where there is none. */
function stateDictOf(value: PickleValue, file: string): { dict: PickleDict; container: string | null } {
  const holdsTensors = (dict: PickleDict) => [...dict.entries.values()].some((entry) => entry instanceof TorchTensor);
  const search = (dict: PickleDict, container: string | null, depth: number): ReturnType<typeof stateDictOf> | null => {
    if (depth < DEPTH)
      for (const key of CONTAINERS) {
        const inner = dict.entries.get(key);
        const found =
          inner instanceof PickleDict && search(inner, container === null ? key : `${container}.${key}`, depth + 1);
        if (found) return found;
      }
    return holdsTensors(dict) ? { dict, container } : null;
  };
  const found = value instanceof PickleDict ? search(value, null, 0) : null;
  if (found) return found;
  if (value instanceof TorchTensor)
    throw new DataError(file, 'it holds a single tensor, not a state dict: save model.state_dict().');
  const keys =
    value instanceof PickleDict
      ? [...value.entries.keys()]
          .slice(0, 8)
          .map((key) => printable(key, 40))
          .join(', ')
      : 'it is no dict';
  throw new DataError(
    file,
    `it holds no state dict (${keys === '' ? 'it is empty' : `its keys: ${keys}`}): save model.state_dict(), or a dict with it under "state_dict".`,
  );
}

/** Gives the bytes of a storage. */
type StorageReader = (storage: TorchStorage) => Promise<Uint8Array> | Uint8Array;

async function tensorsOf(
  value: PickleValue,
  file: string,
  little: boolean,
  bytesOf: StorageReader,
): Promise<TorchCheckpoint> {
  const { dict, container } = stateDictOf(value, file);
  const tensors = new Map<string, ForeignTensor>();
  const read = new Map<string, Promise<Uint8Array>>();
  let elements = 0;
  let stored = 0;
  for (const [name, tensor] of dict.entries) {
    if (!(tensor instanceof TorchTensor)) continue;
    const { storage } = tensor;
    const shown = printable(name);
    elements += elementsOf(tensor.shape);
    if (elements > MOST_ELEMENTS)
      throw new DataError(
        file,
        `its tensors have more than ${MOST_ELEMENTS.toLocaleString('en')} numbers (at ${shown}).`,
      );
    if (!read.has(storage.key)) {
      stored += storage.elements * TORCH_TYPE_BYTES[storage.type];
      if (stored > MOST_STORAGE_BYTES)
        throw new DataError(
          file,
          `its storages take more than ${MOST_STORAGE_BYTES.toLocaleString('en')} bytes (at ${shown}).`,
        );
      read.set(storage.key, Promise.resolve(bytesOf(storage)));
    }
    tensors.set(name, readTensor(tensor, await read.get(storage.key)!, little));
  }
  return { tensors, container };
}

async function readZipped(bytes: Uint8Array, file: string): Promise<TorchCheckpoint> {
  const archive = await ZipArchive.open(bytes, file);
  const pickles = archive.names.filter((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickles.length !== 1)
    throw new DataError(
      file,
      pickles.length === 0
        ? 'this zip archive is no PyTorch checkpoint: it has no data.pkl.'
        : `this zip archive has ${pickles.length} members called data.pkl, where a checkpoint has one.`,
    );
  const root = pickles[0].slice(0, -'data.pkl'.length);
  if (archive.has(`${root}constants.pkl`))
    throw new DataError(
      file,
      'this is a TorchScript program, of which nothing is run. Save model.state_dict() instead.',
    );
  let order = 'little';
  if (archive.has(`${root}byteorder`))
    order = new TextDecoder('latin1').decode(await archive.read(`${root}byteorder`, 16)).trim();
  if (order !== 'little' && order !== 'big')
    throw new DataError(file, `its byte order is "${printable(order)}", neither little nor big.`);
  const { value } = readPickle(await archive.read(pickles[0], MOST_PICKLE_BYTES), file, torchPickle(new Map()));
  return tensorsOf(value, file, order === 'little', async ({ key, type, elements }) => {
    const name = `${root}data/${key}`;
    const expected = elements * TORCH_TYPE_BYTES[type];
    if (archive.has(name) && archive.sizeOf(name) !== expected)
      throw new DataError(
        file,
        `${printable(name)} has ${archive.sizeOf(name).toLocaleString('en')} bytes, its tensor needs ${expected.toLocaleString('en')}: damaged or cut short.`,
      );
    return archive.read(name, MOST_STORAGE_BYTES);
  });
}

function readOld(bytes: Uint8Array, file: string): Promise<TorchCheckpoint> {
  const storages = new Map<string, TorchStorage>();
  const dialect = torchPickle(storages);
  const magic = readPickle(bytes, file, dialect);
  if (magic.value !== MAGIC)
    throw new DataError(
      file,
      'this is a Python pickle, but not one that torch.save wrote: save with torch.save(model.state_dict(), …).',
    );
  const protocol = readPickle(bytes, file, dialect, magic.end);
  if (protocol.value !== 1001)
    throw new DataError(file, 'its format has another version than PyTorch has ever written (1001): damaged.');
  const system = readPickle(bytes, file, dialect, protocol.end);
  const main = readPickle(bytes, file, dialect, system.end);
  const keys = readPickle(bytes, file, dialect, main.end);
  const names = Array.isArray(keys.value) ? keys.value.map(textOf) : [null];
  if (names.includes(null)) throw new DataError(file, 'its list of storages is damaged.');

  const places = new Map<string, number>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = keys.end;
  for (const name of names as string[]) {
    const storage = storages.get(name);
    const shown = printable(name);
    if (places.has(name)) throw new DataError(file, `the storage ${shown} is listed twice.`);
    if (at + 8 > bytes.length) throw new DataError(file, `it ends before the storage ${shown}: cut short.`, at);
    const elements = Number(view.getBigInt64(at, true));
    if (!storage || storage.elements !== elements)
      throw new DataError(file, `the storage ${shown} has another size than its tensors say: damaged.`, at);
    places.set(name, at + 8);
    at += 8 + elements * TORCH_TYPE_BYTES[storage.type];
    if (at > bytes.length) throw new DataError(file, `it ends inside the storage ${shown}: cut short.`, bytes.length);
  }
  return tensorsOf(main.value, file, true, ({ key, type, elements }) => {
    const from = places.get(key);
    if (from === undefined) throw new DataError(file, `the storage ${printable(key)} is missing: damaged.`);
    return bytes.subarray(from, from + elements * TORCH_TYPE_BYTES[type]);
  });
}

/**
 * The tensors of a checkpoint's state dict, as float32.
 * @throws DataError with one sentence that names the file, and the class that was refused where it was one
 */
export async function readTorchCheckpoint(bytes: Uint8Array, file: string): Promise<TorchCheckpoint> {
  if (bytes.length === 0) throw new DataError(file, 'the file is empty (0 bytes).');
  if (isZip(bytes)) return readZipped(bytes, file);
  if (bytes[0] === 0x80) return readOld(bytes, file);
  throw new DataError(
    file,
    'this is neither a zip archive nor a pickle, so that torch.save has not written it. Save with torch.save(model.state_dict(), …) or as safetensors.',
  );
}
