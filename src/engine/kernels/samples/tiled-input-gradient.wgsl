// conv tiled 64×32 k3s1 transposed
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
  let wOwn = min(t / 32u, 1u);
  let wBase0 = (4u * firstGroup + 4u * ((0u + t) % 8u) + ((0u + t) % 32u) / 8u) * dims.in4;
  let row = t / 8u;
  let column = t % 8u;
  var a0_0 = vec4<f32>(); var a1_0 = vec4<f32>(); var a2_0 = vec4<f32>(); var a3_0 = vec4<f32>(); var a4_0 = vec4<f32>(); var a5_0 = vec4<f32>(); var a6_0 = vec4<f32>(); var a7_0 = vec4<f32>();
  let vectors = taps * dims.in4;
  var kv = 0u;
  let last = vectors;
  var tap0 = (kv + 0u) / dims.in4; var ci0 = (kv + 0u) % dims.in4; var offset0 = 0; var wStart0 = 0u;
var tap1 = (kv + 1u) / dims.in4; var ci1 = (kv + 1u) % dims.in4; var offset1 = 0; var wStart1 = 0u;
  var nx0 = vec4<f32>(); var nx1 = vec4<f32>();
  var nw0 = vec4<f32>();
  if (kv < last) {
    offset0 = (i32(tap0 / 3u * dims.inW + tap0 % 3u)) * i32(dims.in4) + i32(ci0);
    wStart0 = (8u - min(tap0, 8u)) * 4u * dims.out4 * dims.in4 + ci0;
    offset1 = (i32(tap1 / 3u * dims.inW + tap1 % 3u)) * i32(dims.in4) + i32(ci1);
    wStart1 = (8u - min(tap1, 8u)) * 4u * dims.out4 * dims.in4 + ci1;
    nx0 = vec4<f32>();
    if (((mask0 >> tap0) & 1u) != 0u) { nx0 = x[u32(base0 + offset0)]; }
    nx1 = vec4<f32>();
    if (((mask0 >> tap1) & 1u) != 0u) { nx1 = x[u32(base0 + offset1)]; }
    nw0 = w[wBase0 + select(wStart0, wStart1, wOwn == 1u)];
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
    wStart0 = (8u - min(tap0, 8u)) * 4u * dims.out4 * dims.in4 + ci0;
    offset1 = (i32(tap1 / 3u * dims.inW + tap1 % 3u)) * i32(dims.in4) + i32(ci1);
    wStart1 = (8u - min(tap1, 8u)) * 4u * dims.out4 * dims.in4 + ci1;
    nx0 = vec4<f32>();
    if (((mask0 >> tap0) & 1u) != 0u) { nx0 = x[u32(base0 + offset0)]; }
    nx1 = vec4<f32>();
    if (((mask0 >> tap1) & 1u) != 0u) { nx1 = x[u32(base0 + offset1)]; }
    nw0 = w[wBase0 + select(wStart0, wStart1, wOwn == 1u)];
    }
    for (var h = 0u; h < 2u; h++) {
      let p0 = xs[side * 128u + h * 64u + 0u + row]; let p1 = xs[side * 128u + h * 64u + 8u + row]; let p2 = xs[side * 128u + h * 64u + 16u + row]; let p3 = xs[side * 128u + h * 64u + 24u + row]; let p4 = xs[side * 128u + h * 64u + 32u + row]; let p5 = xs[side * 128u + h * 64u + 40u + row]; let p6 = xs[side * 128u + h * 64u + 48u + row]; let p7 = xs[side * 128u + h * 64u + 56u + row];
      { let v = ws[side * 64u + h * 32u + 0u + column]; a0_0[0] = fma(p0.w, v.w, fma(p0.z, v.z, fma(p0.y, v.y, fma(p0.x, v.x, a0_0[0])))); a1_0[0] = fma(p1.w, v.w, fma(p1.z, v.z, fma(p1.y, v.y, fma(p1.x, v.x, a1_0[0])))); a2_0[0] = fma(p2.w, v.w, fma(p2.z, v.z, fma(p2.y, v.y, fma(p2.x, v.x, a2_0[0])))); a3_0[0] = fma(p3.w, v.w, fma(p3.z, v.z, fma(p3.y, v.y, fma(p3.x, v.x, a3_0[0])))); a4_0[0] = fma(p4.w, v.w, fma(p4.z, v.z, fma(p4.y, v.y, fma(p4.x, v.x, a4_0[0])))); a5_0[0] = fma(p5.w, v.w, fma(p5.z, v.z, fma(p5.y, v.y, fma(p5.x, v.x, a5_0[0])))); a6_0[0] = fma(p6.w, v.w, fma(p6.z, v.z, fma(p6.y, v.y, fma(p6.x, v.x, a6_0[0])))); a7_0[0] = fma(p7.w, v.w, fma(p7.z, v.z, fma(p7.y, v.y, fma(p7.x, v.x, a7_0[0])))); }
      { let v = ws[side * 64u + h * 32u + 8u + column]; a0_0[1] = fma(p0.w, v.w, fma(p0.z, v.z, fma(p0.y, v.y, fma(p0.x, v.x, a0_0[1])))); a1_0[1] = fma(p1.w, v.w, fma(p1.z, v.z, fma(p1.y, v.y, fma(p1.x, v.x, a1_0[1])))); a2_0[1] = fma(p2.w, v.w, fma(p2.z, v.z, fma(p2.y, v.y, fma(p2.x, v.x, a2_0[1])))); a3_0[1] = fma(p3.w, v.w, fma(p3.z, v.z, fma(p3.y, v.y, fma(p3.x, v.x, a3_0[1])))); a4_0[1] = fma(p4.w, v.w, fma(p4.z, v.z, fma(p4.y, v.y, fma(p4.x, v.x, a4_0[1])))); a5_0[1] = fma(p5.w, v.w, fma(p5.z, v.z, fma(p5.y, v.y, fma(p5.x, v.x, a5_0[1])))); a6_0[1] = fma(p6.w, v.w, fma(p6.z, v.z, fma(p6.y, v.y, fma(p6.x, v.x, a6_0[1])))); a7_0[1] = fma(p7.w, v.w, fma(p7.z, v.z, fma(p7.y, v.y, fma(p7.x, v.x, a7_0[1])))); }
      { let v = ws[side * 64u + h * 32u + 16u + column]; a0_0[2] = fma(p0.w, v.w, fma(p0.z, v.z, fma(p0.y, v.y, fma(p0.x, v.x, a0_0[2])))); a1_0[2] = fma(p1.w, v.w, fma(p1.z, v.z, fma(p1.y, v.y, fma(p1.x, v.x, a1_0[2])))); a2_0[2] = fma(p2.w, v.w, fma(p2.z, v.z, fma(p2.y, v.y, fma(p2.x, v.x, a2_0[2])))); a3_0[2] = fma(p3.w, v.w, fma(p3.z, v.z, fma(p3.y, v.y, fma(p3.x, v.x, a3_0[2])))); a4_0[2] = fma(p4.w, v.w, fma(p4.z, v.z, fma(p4.y, v.y, fma(p4.x, v.x, a4_0[2])))); a5_0[2] = fma(p5.w, v.w, fma(p5.z, v.z, fma(p5.y, v.y, fma(p5.x, v.x, a5_0[2])))); a6_0[2] = fma(p6.w, v.w, fma(p6.z, v.z, fma(p6.y, v.y, fma(p6.x, v.x, a6_0[2])))); a7_0[2] = fma(p7.w, v.w, fma(p7.z, v.z, fma(p7.y, v.y, fma(p7.x, v.x, a7_0[2])))); }
      { let v = ws[side * 64u + h * 32u + 24u + column]; a0_0[3] = fma(p0.w, v.w, fma(p0.z, v.z, fma(p0.y, v.y, fma(p0.x, v.x, a0_0[3])))); a1_0[3] = fma(p1.w, v.w, fma(p1.z, v.z, fma(p1.y, v.y, fma(p1.x, v.x, a1_0[3])))); a2_0[3] = fma(p2.w, v.w, fma(p2.z, v.z, fma(p2.y, v.y, fma(p2.x, v.x, a2_0[3])))); a3_0[3] = fma(p3.w, v.w, fma(p3.z, v.z, fma(p3.y, v.y, fma(p3.x, v.x, a3_0[3])))); a4_0[3] = fma(p4.w, v.w, fma(p4.z, v.z, fma(p4.y, v.y, fma(p4.x, v.x, a4_0[3])))); a5_0[3] = fma(p5.w, v.w, fma(p5.z, v.z, fma(p5.y, v.y, fma(p5.x, v.x, a5_0[3])))); a6_0[3] = fma(p6.w, v.w, fma(p6.z, v.z, fma(p6.y, v.y, fma(p6.x, v.x, a6_0[3])))); a7_0[3] = fma(p7.w, v.w, fma(p7.z, v.z, fma(p7.y, v.y, fma(p7.x, v.x, a7_0[3])))); }
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
