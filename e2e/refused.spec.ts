/** Every kind of bad file through the page's file button: one sentence each, and nothing loaded is lost. */
import { cifar10, cifar100, gzip, joinBytes, PickleWriter, tar } from '../src/data/testing.ts';
import { expect, json, test } from './studio.ts';

const good = cifar10(40);
const whole = await gzip(tar([{ name: 'c/data_batch_1.bin', data: cifar10(40, 3) }]));

const REFUSED: [what: string, name: string, bytes: Uint8Array, sentence: RegExp][] = [
  [
    'a shard that is cut off',
    'data_batch_3.bin',
    cifar10(10, 4).subarray(0, -1),
    /30,729 bytes is not a whole number of CIFAR-10 records \(3,073 bytes each; 3,072 left over\)/,
  ],
  ['a label out of range', 'labels.bin', cifar10(10, 5).fill(77, 3073, 3074), /label 77 in record 1/],
  ['a truncated gzip', 'short.tar.gz', whole.subarray(0, 9000), /gzip archive ends too early/],
  [
    'a truncated tar',
    'short.tar',
    tar([{ name: 'x', data: cifar10(9) }]).subarray(0, 9000),
    /tar archive ends too early/,
  ],
  ['a zip', 'cifar.zip', joinBytes('PK\x03\x04', new Uint8Array(40)), /zip archive is cut off or damaged/],
  ['a picture', 'cat.png', joinBytes([0x89], 'PNG\r\n\x1a\n', [0, 0, 0, 13]), /PNG picture, not a data set/],
  ['an empty file', 'nothing.bin', new Uint8Array(0), /empty \(0 bytes\)/],
  ['CIFAR-100 among CIFAR-10', 'test.bin', cifar100(6), /this is CIFAR-100, but .* CIFAR-10/],
  ['the same shard twice', 'train_again.bin', good, /same 40 images as train\.bin/],
  [
    'a pickle with a foreign class',
    'batch',
    new PickleWriter().global('posix', 'system').str('true').raw(0x85, 0x52).end(),
    /asks for the class posix\.system/,
  ],
];

test('each bad file is refused with its sentence, and loaded data are kept', async ({ studio }) => {
  await studio.chooseData([{ name: 'train.bin', bytes: good }]);
  await expect(studio.reports).toHaveText([/train\.bin: 40 images/]);
  for (const [what, name, bytes, sentence] of REFUSED) {
    // CIFAR-100 and CIFAR-10 files are refused only where they are chosen together.
    const beside = what.startsWith('CIFAR-100') ? [{ name: 'train_2.bin', bytes: cifar10(5, 9) }] : [];
    await studio.chooseData([...beside, { name, bytes }]);
    await expect(studio.reports.filter({ hasText: name }).filter({ hasText: sentence }), what).toHaveCount(1);
  }
  await expect(studio.page.getByRole('radio', { name: /CIFAR-10$/ })).toBeVisible();
  await expect(studio.page.getByText(/45 training, 0 test/)).toBeVisible();
  await studio.reload();
  await studio.step('Data');
  await expect(studio.page.getByText(/45 training, 0 test/), 'after a reload').toBeVisible();
  expect(studio.errors).toEqual([]);
});

test('files that are neither an experiment nor masks are refused, and the experiment is kept', async ({ studio }) => {
  const name = studio.page.getByLabel('Name of the experiment');
  const before = await name.inputValue();
  const alerts = studio.page.getByRole('alert');
  for (const [file, sentence] of [
    [json('wrong.json', { format: 'something/else' }), /wrong\.json is neither an experiment nor masks/],
    [{ name: 'broken.json', bytes: joinBytes('{"format": ') }, /broken\.json is not JSON/],
    [json('bad.json', { format: 'relu-studio/experiment', version: 1, name: 'x' }), /bad\.json/],
    [json('masks.json', { format: 'relu-studio/masks', version: 9 }), /version|9/],
  ] as const) {
    await studio.openFiles([file]);
    await expect(alerts.filter({ hasText: sentence }), file.name).toHaveCount(1);
  }
  await expect(name).toHaveValue(before);
  await expect(studio.train).toBeEnabled();
});
