// filter gradient tiled 64×32 k3s1
struct Dims { batch: u32, inH: u32, inW: u32, outH: u32, outW: u32, in4: u32, out4: u32, perSlice: u32, direct: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
struct Hyper { learningRate: f32, maskLearningRate: f32, momentum: f32, weightDecay: f32, lambda: f32, slope: f32, mix: f32, soft: u32, temperature: f32, distillWeight: f32, gradientScale: f32, accumulate: u32, at: u32, seed: u32, cropPadding: u32, flip: u32, adam: u32, beta1: f32, beta2: f32, fresh1: f32, fresh2: f32, epsilon: f32, correction1: f32, correction2: f32, trainMasks: u32, trainAffine: u32, row: u32, images: u32, threshold: f32 }
@group(0) @binding(1) var<uniform> hyper: Hyper;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> partial: array<vec4<f32>>;
var<workgroup> xs: array<vec4<f32>, 256>;
var<workgroup> ds: array<vec4<f32>, 128>;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>,
        @builtin(workgroup_id) wid: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>) {
  let t = lid.x;
  let rows = 9u * dims.in4;
  // The row vector (tap, ci) and the pixels that this thread loads.
  let rowVector = wid.x * 16u + t % 16u;
  let live = rowVector < rows;
  let tap = min(rowVector, rows - 1u) / dims.in4;
  let ci = min(rowVector, rows - 1u) % dims.in4;
  let shiftY = i32(tap / 3u) - 1;
  let shiftX = i32(tap % 3u) - 1;
  let xPixel = t / 16u;
  let firstGroup = wid.y * 8u;
  let group = firstGroup + t % 8u;
  let liveGroup = group < dims.out4;
  var start = wid.z * dims.perSlice;
  let last = min(start + dims.perSlice, dims.batch * dims.outH * dims.outW);
  var ox0 = (start + xPixel + 0u) % dims.outW;
  var oy0 = (start + xPixel + 0u) / dims.outW % dims.outH;
  var n0 = (start + xPixel + 0u) / dims.outW / dims.outH;
  var nx0 = vec4<f32>();
  var ox1 = (start + xPixel + 4u) % dims.outW;
  var oy1 = (start + xPixel + 4u) / dims.outW % dims.outH;
  var n1 = (start + xPixel + 4u) / dims.outW / dims.outH;
  var nx1 = vec4<f32>();
  var nd0 = vec4<f32>();
  // A stage's pixels as a step in (n, oy, ox).
  let stepX = 8u % dims.outW;
  let stepY = 8u / dims.outW % dims.outH;
  let stepN = 8u / dims.outW / dims.outH;
  let row = t / 8u;
  let column = t % 8u;
  var a0_0 = vec4<f32>(); var a1_0 = vec4<f32>(); var a2_0 = vec4<f32>(); var a3_0 = vec4<f32>(); var a4_0 = vec4<f32>(); var a5_0 = vec4<f32>(); var a6_0 = vec4<f32>(); var a7_0 = vec4<f32>();
  nx0 = vec4<f32>();
    { let iy = i32(oy0 * 1u) + shiftY; let ix = i32(ox0 * 1u) + shiftX;
    if (start + xPixel + 0u < last && live && iy >= 0 && iy < i32(dims.inH) && ix >= 0 && ix < i32(dims.inW)) {
      nx0 = x[((n0 * dims.inH + u32(iy)) * dims.inW + u32(ix)) * dims.in4 + ci];
    } }
    nx1 = vec4<f32>();
    { let iy = i32(oy1 * 1u) + shiftY; let ix = i32(ox1 * 1u) + shiftX;
    if (start + xPixel + 4u < last && live && iy >= 0 && iy < i32(dims.inH) && ix >= 0 && ix < i32(dims.inW)) {
      nx1 = x[((n1 * dims.inH + u32(iy)) * dims.inW + u32(ix)) * dims.in4 + ci];
    } }
    nd0 = vec4<f32>();
    { let pixel = start + (0u + t) / 8u; if (pixel < last && liveGroup) { nd0 = dy[pixel * dims.out4 + group]; } }
  // As in tiledConv.ts: the half of workgroup memory as a loop of two constant turns.
  while (start < last) {
  for (var side = 0u; side < 2u; side++) {
  if (start < last) {
    xs[side * 128u + 0u + t] = nx0; xs[side * 128u + 64u + t] = nx1;
    { ds[side * 64u + 0u + t] = nd0; }
    workgroupBarrier();
    start += 8u;
    if (start < last) {
    ox0 += stepX; oy0 += stepY; n0 += stepN;
    if (ox0 >= dims.outW) { ox0 -= dims.outW; oy0++; }
    if (oy0 >= dims.outH) { oy0 -= dims.outH; n0++; }
    ox1 += stepX; oy1 += stepY; n1 += stepN;
    if (ox1 >= dims.outW) { ox1 -= dims.outW; oy1++; }
    if (oy1 >= dims.outH) { oy1 -= dims.outH; n1++; }
    nx0 = vec4<f32>();
    { let iy = i32(oy0 * 1u) + shiftY; let ix = i32(ox0 * 1u) + shiftX;
    if (start + xPixel + 0u < last && live && iy >= 0 && iy < i32(dims.inH) && ix >= 0 && ix < i32(dims.inW)) {
      nx0 = x[((n0 * dims.inH + u32(iy)) * dims.inW + u32(ix)) * dims.in4 + ci];
    } }
    nx1 = vec4<f32>();
    { let iy = i32(oy1 * 1u) + shiftY; let ix = i32(ox1 * 1u) + shiftX;
    if (start + xPixel + 4u < last && live && iy >= 0 && iy < i32(dims.inH) && ix >= 0 && ix < i32(dims.inW)) {
      nx1 = x[((n1 * dims.inH + u32(iy)) * dims.inW + u32(ix)) * dims.in4 + ci];
    } }
    nd0 = vec4<f32>();
    { let pixel = start + (0u + t) / 8u; if (pixel < last && liveGroup) { nd0 = dy[pixel * dims.out4 + group]; } }
    }
    for (var p = 0u; p < 8u; p++) {
      let u0 = xs[side * 128u + p * 16u + 0u + row];
let u1 = xs[side * 128u + p * 16u + 8u + row];
      let v0 = ds[side * 64u + p * 8u + 0u + column];
      a0_0 = fma(vec4<f32>(u0[0]), v0, a0_0);
      a1_0 = fma(vec4<f32>(u0[1]), v0, a1_0);
      a2_0 = fma(vec4<f32>(u0[2]), v0, a2_0);
      a3_0 = fma(vec4<f32>(u0[3]), v0, a3_0);
      a4_0 = fma(vec4<f32>(u1[0]), v0, a4_0);
      a5_0 = fma(vec4<f32>(u1[1]), v0, a5_0);
      a6_0 = fma(vec4<f32>(u1[2]), v0, a6_0);
      a7_0 = fma(vec4<f32>(u1[3]), v0, a7_0);
    }
  } } }
  let add = dims.direct != 0u && hyper.accumulate != 0u;
  let base = wid.z * 4u * rows * dims.out4;
  { let vector = wid.x * 16u + row + 0u; if (vector < rows) {
    if (firstGroup + column + 0u < dims.out4) { var v = a0_0; if (add) { v += partial[base + (4u * vector + 0u) * dims.out4 + firstGroup + column + 0u]; } partial[base + (4u * vector + 0u) * dims.out4 + firstGroup + column + 0u] = v; }
    if (firstGroup + column + 0u < dims.out4) { var v = a1_0; if (add) { v += partial[base + (4u * vector + 1u) * dims.out4 + firstGroup + column + 0u]; } partial[base + (4u * vector + 1u) * dims.out4 + firstGroup + column + 0u] = v; }
    if (firstGroup + column + 0u < dims.out4) { var v = a2_0; if (add) { v += partial[base + (4u * vector + 2u) * dims.out4 + firstGroup + column + 0u]; } partial[base + (4u * vector + 2u) * dims.out4 + firstGroup + column + 0u] = v; }
    if (firstGroup + column + 0u < dims.out4) { var v = a3_0; if (add) { v += partial[base + (4u * vector + 3u) * dims.out4 + firstGroup + column + 0u]; } partial[base + (4u * vector + 3u) * dims.out4 + firstGroup + column + 0u] = v; } } }
  { let vector = wid.x * 16u + row + 8u; if (vector < rows) {
    if (firstGroup + column + 0u < dims.out4) { var v = a4_0; if (add) { v += partial[base + (4u * vector + 0u) * dims.out4 + firstGroup + column + 0u]; } partial[base + (4u * vector + 0u) * dims.out4 + firstGroup + column + 0u] = v; }
    if (firstGroup + column + 0u < dims.out4) { var v = a5_0; if (add) { v += partial[base + (4u * vector + 1u) * dims.out4 + firstGroup + column + 0u]; } partial[base + (4u * vector + 1u) * dims.out4 + firstGroup + column + 0u] = v; }
    if (firstGroup + column + 0u < dims.out4) { var v = a6_0; if (add) { v += partial[base + (4u * vector + 2u) * dims.out4 + firstGroup + column + 0u]; } partial[base + (4u * vector + 2u) * dims.out4 + firstGroup + column + 0u] = v; }
    if (firstGroup + column + 0u < dims.out4) { var v = a7_0; if (add) { v += partial[base + (4u * vector + 3u) * dims.out4 + firstGroup + column + 0u]; } partial[base + (4u * vector + 3u) * dims.out4 + firstGroup + column + 0u] = v; } } }
}
