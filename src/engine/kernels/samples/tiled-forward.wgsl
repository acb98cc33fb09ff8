// conv tiled 64×32 k3s1
struct Dims { batch: u32, inH: u32, inW: u32, outH: u32, outW: u32, in4: u32, out4: u32, accumulate: u32, perSplit: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;
var<workgroup> xs: array<vec4<f32>, 256>;
var<workgroup> ws: array<vec4<f32>, 128>;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>,
        @builtin(workgroup_id) wid: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>) {
  let t = lid.x;
  let firstGroup = wid.y * 8u;
  let taps = 9u;
  let gridH = dims.outH;
  let gridW = dims.outW;
  let total = dims.batch * gridH * gridW;
  // The pixels whose vectors this thread loads: index of the first tap's vector, and a bit for each tap that lies inside the image.
  var base0 = 0;
  var mask0 = 0u;
  { let pixel = wid.x * 64u + t + 0u;
  if (pixel < total) {
  let gx = pixel % gridW;
  let gy = (pixel / gridW) % gridH;
  let n = pixel / gridW / gridH;
  let y0 = i32(gy * 1u) - 1;
  let x0 = i32(gx * 1u) - 1;
  base0 = ((i32(n * dims.inH) + y0) * i32(dims.inW) + x0) * i32(dims.in4);
  if (y0 + 0 >= 0 && y0 + 0 < i32(dims.inH) && x0 + 0 >= 0 && x0 + 0 < i32(dims.inW)) { mask0 |= 1u; }
  if (y0 + 0 >= 0 && y0 + 0 < i32(dims.inH) && x0 + 1 >= 0 && x0 + 1 < i32(dims.inW)) { mask0 |= 2u; }
  if (y0 + 0 >= 0 && y0 + 0 < i32(dims.inH) && x0 + 2 >= 0 && x0 + 2 < i32(dims.inW)) { mask0 |= 4u; }
  if (y0 + 1 >= 0 && y0 + 1 < i32(dims.inH) && x0 + 0 >= 0 && x0 + 0 < i32(dims.inW)) { mask0 |= 8u; }
  if (y0 + 1 >= 0 && y0 + 1 < i32(dims.inH) && x0 + 1 >= 0 && x0 + 1 < i32(dims.inW)) { mask0 |= 16u; }
  if (y0 + 1 >= 0 && y0 + 1 < i32(dims.inH) && x0 + 2 >= 0 && x0 + 2 < i32(dims.inW)) { mask0 |= 32u; }
  if (y0 + 2 >= 0 && y0 + 2 < i32(dims.inH) && x0 + 0 >= 0 && x0 + 0 < i32(dims.inW)) { mask0 |= 64u; }
  if (y0 + 2 >= 0 && y0 + 2 < i32(dims.inH) && x0 + 1 >= 0 && x0 + 1 < i32(dims.inW)) { mask0 |= 128u; }
  if (y0 + 2 >= 0 && y0 + 2 < i32(dims.inH) && x0 + 2 >= 0 && x0 + 2 < i32(dims.inW)) { mask0 |= 256u; }
  } }
  let wBase0 = (0u + t) / 8u * dims.out4 + firstGroup + (0u + t) % 8u;
  let row = t / 8u;
  let column = t % 8u;
  var a0_0 = vec4<f32>(); var a1_0 = vec4<f32>(); var a2_0 = vec4<f32>(); var a3_0 = vec4<f32>(); var a4_0 = vec4<f32>(); var a5_0 = vec4<f32>(); var a6_0 = vec4<f32>(); var a7_0 = vec4<f32>();
  let vectors = taps * dims.in4;
  var kv = 0u;
  let last = vectors;
  var tap0 = (kv + 0u) / dims.in4; var ci0 = (kv + 0u) % dims.in4; var offset0 = 0;
var tap1 = (kv + 1u) / dims.in4; var ci1 = (kv + 1u) % dims.in4; var offset1 = 0;
  var nx0 = vec4<f32>(); var nx1 = vec4<f32>();
  var nw0 = vec4<f32>();
  if (kv < last) {
    offset0 = (i32(tap0 / 3u * dims.inW + tap0 % 3u)) * i32(dims.in4) + i32(ci0);
    offset1 = (i32(tap1 / 3u * dims.inW + tap1 % 3u)) * i32(dims.in4) + i32(ci1);
    nx0 = vec4<f32>();
    if (((mask0 >> tap0) & 1u) != 0u) { nx0 = x[u32(base0 + offset0)]; }
    nx1 = vec4<f32>();
    if (((mask0 >> tap1) & 1u) != 0u) { nx1 = x[u32(base0 + offset1)]; }
    nw0 = w[wBase0 + kv * 4u * dims.out4];
  }
  // side: the half of workgroup memory. A loop of two constant turns lets compilers bound every index into it and drop their clamps.
  while (kv < last) {
  for (var side = 0u; side < 2u; side++) {
  if (kv < last) {
    xs[side * 128u + 0u + t] = nx0;
    xs[side * 128u + 64u + t] = nx1;
    { ws[side * 64u + 0u + t] = nw0; }
    workgroupBarrier();
    kv += 2u;
    if (kv < last) {
    ci0 += 2u;
    if (ci0 >= dims.in4) { ci0 -= dims.in4; tap0++; } if (ci0 >= dims.in4) { ci0 -= dims.in4; tap0++; }
    ci1 += 2u;
    if (ci1 >= dims.in4) { ci1 -= dims.in4; tap1++; } if (ci1 >= dims.in4) { ci1 -= dims.in4; tap1++; }
    offset0 = (i32(tap0 / 3u * dims.inW + tap0 % 3u)) * i32(dims.in4) + i32(ci0);
    offset1 = (i32(tap1 / 3u * dims.inW + tap1 % 3u)) * i32(dims.in4) + i32(ci1);
    nx0 = vec4<f32>();
    if (((mask0 >> tap0) & 1u) != 0u) { nx0 = x[u32(base0 + offset0)]; }
    nx1 = vec4<f32>();
    if (((mask0 >> tap1) & 1u) != 0u) { nx1 = x[u32(base0 + offset1)]; }
    nw0 = w[wBase0 + kv * 4u * dims.out4];
    }
    for (var h = 0u; h < 2u; h++) {
      let p0 = xs[side * 128u + h * 64u + 0u + row]; let p1 = xs[side * 128u + h * 64u + 8u + row]; let p2 = xs[side * 128u + h * 64u + 16u + row]; let p3 = xs[side * 128u + h * 64u + 24u + row]; let p4 = xs[side * 128u + h * 64u + 32u + row]; let p5 = xs[side * 128u + h * 64u + 40u + row]; let p6 = xs[side * 128u + h * 64u + 48u + row]; let p7 = xs[side * 128u + h * 64u + 56u + row];
      { let v0 = ws[side * 64u + h * 32u + 0u + column]; let v1 = ws[side * 64u + h * 32u + 8u + column]; let v2 = ws[side * 64u + h * 32u + 16u + column]; let v3 = ws[side * 64u + h * 32u + 24u + column];
      a0_0 = fma(vec4<f32>(p0.w), v3, fma(vec4<f32>(p0.z), v2, fma(vec4<f32>(p0.y), v1, fma(vec4<f32>(p0.x), v0, a0_0)))); a1_0 = fma(vec4<f32>(p1.w), v3, fma(vec4<f32>(p1.z), v2, fma(vec4<f32>(p1.y), v1, fma(vec4<f32>(p1.x), v0, a1_0)))); a2_0 = fma(vec4<f32>(p2.w), v3, fma(vec4<f32>(p2.z), v2, fma(vec4<f32>(p2.y), v1, fma(vec4<f32>(p2.x), v0, a2_0)))); a3_0 = fma(vec4<f32>(p3.w), v3, fma(vec4<f32>(p3.z), v2, fma(vec4<f32>(p3.y), v1, fma(vec4<f32>(p3.x), v0, a3_0)))); a4_0 = fma(vec4<f32>(p4.w), v3, fma(vec4<f32>(p4.z), v2, fma(vec4<f32>(p4.y), v1, fma(vec4<f32>(p4.x), v0, a4_0)))); a5_0 = fma(vec4<f32>(p5.w), v3, fma(vec4<f32>(p5.z), v2, fma(vec4<f32>(p5.y), v1, fma(vec4<f32>(p5.x), v0, a5_0)))); a6_0 = fma(vec4<f32>(p6.w), v3, fma(vec4<f32>(p6.z), v2, fma(vec4<f32>(p6.y), v1, fma(vec4<f32>(p6.x), v0, a6_0)))); a7_0 = fma(vec4<f32>(p7.w), v3, fma(vec4<f32>(p7.z), v2, fma(vec4<f32>(p7.y), v1, fma(vec4<f32>(p7.x), v0, a7_0)))); }
    }
  } } }
  workgroupBarrier();
  { let pixel = wid.x * 64u + 0u + row; if (pixel < total) {
    let gx = pixel % gridW; let gy = (pixel / gridW) % gridH; let n = pixel / gridW / gridH;
    let to = (pixel) * dims.out4;
    if (firstGroup + column + 0u < dims.out4) { var v = a0_0; if (dims.accumulate != 0u) { v += y[to + firstGroup + column + 0u]; } y[to + firstGroup + column + 0u] = v; } } }
  { let pixel = wid.x * 64u + 8u + row; if (pixel < total) {
    let gx = pixel % gridW; let gy = (pixel / gridW) % gridH; let n = pixel / gridW / gridH;
    let to = (pixel) * dims.out4;
    if (firstGroup + column + 0u < dims.out4) { var v = a1_0; if (dims.accumulate != 0u) { v += y[to + firstGroup + column + 0u]; } y[to + firstGroup + column + 0u] = v; } } }
  { let pixel = wid.x * 64u + 16u + row; if (pixel < total) {
    let gx = pixel % gridW; let gy = (pixel / gridW) % gridH; let n = pixel / gridW / gridH;
    let to = (pixel) * dims.out4;
    if (firstGroup + column + 0u < dims.out4) { var v = a2_0; if (dims.accumulate != 0u) { v += y[to + firstGroup + column + 0u]; } y[to + firstGroup + column + 0u] = v; } } }
  { let pixel = wid.x * 64u + 24u + row; if (pixel < total) {
    let gx = pixel % gridW; let gy = (pixel / gridW) % gridH; let n = pixel / gridW / gridH;
    let to = (pixel) * dims.out4;
    if (firstGroup + column + 0u < dims.out4) { var v = a3_0; if (dims.accumulate != 0u) { v += y[to + firstGroup + column + 0u]; } y[to + firstGroup + column + 0u] = v; } } }
  { let pixel = wid.x * 64u + 32u + row; if (pixel < total) {
    let gx = pixel % gridW; let gy = (pixel / gridW) % gridH; let n = pixel / gridW / gridH;
    let to = (pixel) * dims.out4;
    if (firstGroup + column + 0u < dims.out4) { var v = a4_0; if (dims.accumulate != 0u) { v += y[to + firstGroup + column + 0u]; } y[to + firstGroup + column + 0u] = v; } } }
  { let pixel = wid.x * 64u + 40u + row; if (pixel < total) {
    let gx = pixel % gridW; let gy = (pixel / gridW) % gridH; let n = pixel / gridW / gridH;
    let to = (pixel) * dims.out4;
    if (firstGroup + column + 0u < dims.out4) { var v = a5_0; if (dims.accumulate != 0u) { v += y[to + firstGroup + column + 0u]; } y[to + firstGroup + column + 0u] = v; } } }
  { let pixel = wid.x * 64u + 48u + row; if (pixel < total) {
    let gx = pixel % gridW; let gy = (pixel / gridW) % gridH; let n = pixel / gridW / gridH;
    let to = (pixel) * dims.out4;
    if (firstGroup + column + 0u < dims.out4) { var v = a6_0; if (dims.accumulate != 0u) { v += y[to + firstGroup + column + 0u]; } y[to + firstGroup + column + 0u] = v; } } }
  { let pixel = wid.x * 64u + 56u + row; if (pixel < total) {
    let gx = pixel % gridW; let gy = (pixel / gridW) % gridH; let n = pixel / gridW / gridH;
    let to = (pixel) * dims.out4;
    if (firstGroup + column + 0u < dims.out4) { var v = a7_0; if (dims.accumulate != 0u) { v += y[to + firstGroup + column + 0u]; } y[to + firstGroup + column + 0u] = v; } } }
}
