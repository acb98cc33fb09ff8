/**
 * The pickled half of a PyTorch checkpoint: which tensors there are, and where in which storage their numbers lie.
 *
 * Known are tensors, parameters and plain containers (torch.save of a state dict, or of a dict that holds one beside numbers,
 * texts and an optimizer's state). Every other class is refused by its name; nothing is ever evaluated. Numpy's scalars and
 * arrays, devices and element types are read past: no weight is stored in them. Names as in torch/_utils.py and
 * torch/serialization.py.
 */
import { printable } from '../domain/printable.ts';
import type { PickleCalls, PickleDialect } from './pickle.ts';
import type { PickleCursor } from './pickleCursor.ts';
import { Callable, PickleDict, PickleObject, PickleTuple, textOf } from './pickleValues.ts';
import type { PickleValue } from './pickleValues.ts';

/** How a storage's elements are encoded. */
export type TorchType =
  'float32' | 'float64' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'int16' | 'int8' | 'uint8' | 'bool';

export const TORCH_TYPE_BYTES: Record<TorchType, number> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

const STORAGES: Record<string, TorchType> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
};

/** A run of numbers outside the pickle, named by its key. */
export class TorchStorage extends PickleObject {
  readonly pythonClass = 'torch.storage';
  constructor(
    readonly type: TorchType,
    readonly key: string,
    /** Numbers in it. */
    readonly elements: number,
  ) {
    super();
  }
}

/** A tensor as a view of its storage; offset and strides count elements. */
export class TorchTensor extends PickleObject {
  readonly pythonClass = 'torch.Tensor';
  constructor(
    readonly storage: TorchStorage,
    readonly offset: number,
    readonly shape: number[],
    readonly strides: number[],
  ) {
    super();
  }
}

/** What is read past. */
class Unused extends PickleObject {
  readonly pythonClass = 'unused';
}

const CALLABLES = new Map<string, string>([
  ['torch._utils._rebuild_tensor', 'tensor'],
  ['torch._utils._rebuild_tensor_v2', 'tensor'],
  ['torch._utils._rebuild_parameter', 'parameter'],
  ['collections.OrderedDict', 'dict'],
  ['collections.defaultdict', 'defaultdict'],
  ['collections.Counter', 'dict'],
  ['builtins.dict', 'dict'],
  ['__builtin__.dict', 'dict'],
  ['torch.Size', 'size'],
  ['torch.device', 'unused'],
  ['numpy.dtype', 'unused'],
  ['numpy.ndarray', 'unused'],
  ['_codecs.encode', 'unused'],
]);
for (const core of ['core', '_core'])
  for (const name of ['multiarray.scalar', 'multiarray._reconstruct', 'numeric._frombuffer'])
    CALLABLES.set(`numpy.${core}.${name}`, 'unused');

const TORCH_TYPES = /^torch\.(float|double|half|bfloat|int|uint|long|short|bool|qu?int|complex)\w*$/;

const whole = (value: PickleValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** As many as the pickle machine itself lets a file make; a ResNet-152 with its optimizer has under 2,000. */
const MOST_DICTS = 10_000;

class TorchCalls implements PickleCalls {
  /** Dicts made so far. */
  private dicts = 0;

  constructor(
    private readonly cursor: PickleCursor,
    private readonly storages: Map<string, TorchStorage>,
  ) {}

  find(module: string, name: string): PickleValue {
    const full = `${module}.${name}`;
    const known = CALLABLES.get(full);
    if (known !== undefined) return new Callable(known);
    if (module === 'torch' && Object.hasOwn(STORAGES, name)) return new Callable(name);
    if (TORCH_TYPES.test(full)) return new Unused();
    throw this.cursor.refused(`asks for the class ${printable(full)}`);
  }

  call(callable: PickleValue, args: PickleValue): PickleValue {
    if (!(callable instanceof Callable) || !(args instanceof PickleTuple))
      throw this.cursor.damaged('a call of something that is no function');
    const [first, offset, size, strides] = args.items;
    switch (callable.name) {
      case 'tensor':
        return this.tensor(first, offset, size, strides);
      case 'parameter':
        if (!(first instanceof TorchTensor)) throw this.cursor.damaged('a parameter that is no tensor');
        return first;
      case 'dict':
        return this.dict(first);
      case 'defaultdict':
        return this.dict(undefined);
      case 'size':
        return first instanceof PickleTuple ? first : new PickleTuple([]);
      case 'unused':
        return new Unused();
      default:
        throw this.cursor.damaged(`a call of ${callable.name}`);
    }
  }

  /** BUILD: the state of an OrderedDict (its _metadata) or of an object that is ignored. */
  build(target: PickleValue, _state: PickleValue): void {
    if (!(target instanceof PickleDict || target instanceof Unused || target instanceof TorchTensor))
      throw this.cursor.damaged('a state that fits no object');
  }

  /** ('storage', class, key, device, elements), in the old format with a sixth entry for views of storages. */
  persistent(id: PickleValue): PickleValue {
    const [kind, storageClass, key, , elements, view] = id instanceof PickleTuple ? id.items : [];
    const name = textOf(key);
    const type = storageClass instanceof Callable ? STORAGES[storageClass.name] : undefined;
    if (textOf(kind) !== 'storage' || type === undefined || name === null || !whole(elements))
      throw this.cursor.damaged('a storage without type, key or size');
    if (view !== undefined && view !== null)
      throw this.cursor.foreign('holds a view of a storage (PyTorch before 0.4 wrote those)');
    const known = this.storages.get(name);
    if (known && (known.type !== type || known.elements !== elements))
      throw this.cursor.damaged(`the storage ${printable(name)} with two types or sizes`);
    const storage = known ?? new TorchStorage(type, name, elements);
    this.storages.set(name, storage);
    return storage;
  }

  /** From nothing, or from a list of pairs as Python 2 wrote it. */
  private dict(pairs: PickleValue | undefined): PickleDict {
    if (++this.dicts > MOST_DICTS)
      throw this.cursor.foreign(`holds more than ${MOST_DICTS.toLocaleString('en')} dicts`);
    const dict = new PickleDict();
    if (!Array.isArray(pairs)) return dict;
    for (const pair of pairs) {
      const [key, value] = pair instanceof PickleTuple ? pair.items : Array.isArray(pair) ? pair : [];
      const name = textOf(key);
      if (name !== null && value !== undefined) dict.entries.set(name, value);
    }
    return dict;
  }

  private tensor(
    storage: PickleValue | undefined,
    offset: PickleValue | undefined,
    size: PickleValue | undefined,
    strides: PickleValue | undefined,
  ): TorchTensor {
    const shape = size instanceof PickleTuple ? size.items : [];
    const steps = strides instanceof PickleTuple ? strides.items : [];
    if (
      !(storage instanceof TorchStorage) ||
      !whole(offset) ||
      !(size instanceof PickleTuple && strides instanceof PickleTuple) ||
      shape.length !== steps.length ||
      !shape.every(whole) ||
      !steps.every(whole)
    )
      throw this.cursor.damaged('a tensor without storage, shape or strides');
    // The last element must lie in the storage; a tensor without elements touches nothing.
    const last = shape.includes(0) ? -1 : shape.reduce((at, n, axis) => at + (n - 1) * steps[axis], offset);
    if (last >= storage.elements)
      throw this.cursor.damaged(
        `a tensor of shape ${shape.join(' × ') || 'of one number'} that ends past its storage of ${storage.elements} numbers`,
      );
    return new TorchTensor(storage, offset, shape, steps);
  }
}

/**
 * PyTorch's checkpoints, zip and old format alike.
 * @param storages gets every storage that the pickle names, an optimizer's too, by key
 */
export const torchPickle = (storages: Map<string, TorchStorage>): PickleDialect => ({
  words: {
    unneeded: 'no state dict needs',
    advice: 'Save the weights alone: torch.save(model.state_dict(), "weights.pt"), or as safetensors.',
  },
  otherKeys: 'drop',
  calls: (cursor) => new TorchCalls(cursor, storages),
});
