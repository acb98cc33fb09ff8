/**
 * The batch: picks images by index from the data set on the GPU, crops, flips and normalises them.
 *
 * Images lie as bytes in CIFAR's order (N, channels, H, W), four to a word, in up to four buffers (a data set may be larger than one
 * binding). A thread owns one pixel. The draw is augment.ts's, bit for bit.
 */
import { PCG_WGSL } from '../augment.ts';
import { defineKernel, unroll, type Kernel } from '../gpu/kernel.ts';

export const MAX_DATA_CHUNKS = 4;

/** Dims: batch; size of the images; c4: channel groups of the output; perChunk: images per chunk; mean and deviation as float bits. */
export function gatherKernel(chunks: number, channels: number): Kernel {
  const norm = Array.from({ length: channels }, (_, c) => [`mean${c}`, `deviation${c}`]).flat();
  const groups = Math.ceil(channels / 4);
  return defineKernel({
    key: `gather ${chunks} chunks ${channels} channels`,
    dims: ['batch', 'height', 'width', 'perChunk', 'total', ...norm],
    hyper: true,
    buffers: [
      ['order', 'read', 'u32'],
      ...Array.from({ length: chunks }, (_, i) => [`data${i}`, 'read', 'u32'] as const),
      ['answers', 'read', 'u32'],
      ['images', 'write', 'vec4f'],
      ['labels', 'write', 'u32'],
    ],
    workgroup: [64],
    globals: `${PCG_WGSL}
fn byteAt(chunk: u32, index: u32) -> f32 {
  var word = 0u;
  switch (chunk) {
    ${unroll(chunks, (i) => `${i === chunks - 1 ? 'default' : `case ${i}u`}: { word = data${i}[index / 4u]; }`)}
  }
  return f32((word >> (8u * (index % 4u))) & 255u);
}`,
    body: `
  let pixels = dims.height * dims.width;
  let i = gid.x + gid.y * wgs.x * 64u;
  if (i >= dims.batch * pixels) { return; }
  let n = i / pixels;
  let position = hyper.at + n;
  let image = min(order[position], dims.total - 1u);
  let y = (i / dims.width) % dims.height;
  var x = i % dims.width;
  var dy = 0;
  var dx = 0;
  if (hyper.cropPadding != 0u || hyper.flip != 0u) {
    let span = 2u * hyper.cropPadding + 1u;
    let a = pcg(pcg(hyper.seed) ^ position);
    let b = pcg(a);
    dy = i32(a % span) - i32(hyper.cropPadding);
    dx = i32(b % span) - i32(hyper.cropPadding);
    if (hyper.flip != 0u && (pcg(b) & 1u) == 1u) { x = dims.width - 1u - x; }
  }
  let sy = i32(y) + dy;
  let sx = i32(x) + dx;
  let inside = sy >= 0 && sy < i32(dims.height) && sx >= 0 && sx < i32(dims.width);
  let chunk = image / dims.perChunk;
  let start = (image % dims.perChunk) * ${channels}u * pixels + u32(max(sy, 0)) * dims.width + u32(max(sx, 0));
  ${unroll(groups, (g) => {
    const lanes = Array.from({ length: 4 }, (_, l) => 4 * g + l);
    return `{
    var v = vec4<f32>();
    ${lanes
      .filter((c) => c < channels)
      .map(
        (c) =>
          `{ var raw = 0.0; if (inside) { raw = byteAt(chunk, start + ${c}u * pixels); } v[${c % 4}] = (raw / 255.0 - bitcast<f32>(dims.mean${c})) / bitcast<f32>(dims.deviation${c}); }`,
      )
      .join('\n    ')}
    images[i * ${groups}u + ${g}u] = v;
  }`;
  })}
  if (i % pixels == 0u) { labels[n] = answers[image]; }`,
  });
}
