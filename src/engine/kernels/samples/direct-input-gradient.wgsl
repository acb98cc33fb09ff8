// conv k3s1 transposed p2q1l0
struct Dims { batch: u32, inH: u32, inW: u32, outH: u32, outW: u32, in4: u32, out4: u32, strips: u32, accumulate: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>,
        @builtin(workgroup_id) wid: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>) {
  let strip = gid.x;
  let co = wid.y * 1u;
  let total = dims.batch * dims.outH * dims.strips;
  let row = min(strip, total - 1u) / dims.strips;
  let ox = i32((min(strip, total - 1u) % dims.strips) * 2u);
  let oy = i32(row % dims.outH);
  let n = row / dims.outH;
  // Vectors from one tap to the next in W[tap][ci][co / 4].
  let tapStride = 4u * dims.out4 * dims.in4;
  let left = ox * 1 - 1;
  let ok0 = left + 0 >= 0 && left + 0 < i32(dims.inW); let c0 = u32(clamp(left + 0, 0, i32(dims.inW) - 1)) * dims.in4;
let ok1 = left + 1 >= 0 && left + 1 < i32(dims.inW); let c1 = u32(clamp(left + 1, 0, i32(dims.inW) - 1)) * dims.in4;
let ok2 = left + 2 >= 0 && left + 2 < i32(dims.inW); let c2 = u32(clamp(left + 2, 0, i32(dims.inW) - 1)) * dims.in4;
let ok3 = left + 3 >= 0 && left + 3 < i32(dims.inW); let c3 = u32(clamp(left + 3, 0, i32(dims.inW) - 1)) * dims.in4;
  var a0_0 = vec4<f32>();
var a1_0 = vec4<f32>();
  for (var ky = 0; ky < 3; ky++) {
    let iy = oy * 1 + ky - 1;
    let inside = iy >= 0 && iy < i32(dims.inH);
    let start = (n * dims.inH + u32(clamp(iy, 0, i32(dims.inH) - 1))) * dims.inW * dims.in4;
    for (var ci = 0u; ci < dims.in4; ci++) {
      let x0 = select(vec4<f32>(), x[start + c0 + ci], inside && ok0);
let x1 = select(vec4<f32>(), x[start + c1 + ci], inside && ok1);
let x2 = select(vec4<f32>(), x[start + c2 + ci], inside && ok2);
let x3 = select(vec4<f32>(), x[start + c3 + ci], inside && ok3);
      let wBase = u32(2 - ky) * 3u * tapStride + 4u * co * dims.in4 + ci;
      { let wv = w[wBase + (2u - (0u) / 4u) * tapStride + (0u % 4u) * dims.in4]; a0_0[0] = fma(x0.w, wv.w, fma(x0.z, wv.z, fma(x0.y, wv.y, fma(x0.x, wv.x, a0_0[0])))); a1_0[0] = fma(x1.w, wv.w, fma(x1.z, wv.z, fma(x1.y, wv.y, fma(x1.x, wv.x, a1_0[0])))); }
{ let wv = w[wBase + (2u - (1u) / 4u) * tapStride + (1u % 4u) * dims.in4]; a0_0[1] = fma(x0.w, wv.w, fma(x0.z, wv.z, fma(x0.y, wv.y, fma(x0.x, wv.x, a0_0[1])))); a1_0[1] = fma(x1.w, wv.w, fma(x1.z, wv.z, fma(x1.y, wv.y, fma(x1.x, wv.x, a1_0[1])))); }
{ let wv = w[wBase + (2u - (2u) / 4u) * tapStride + (2u % 4u) * dims.in4]; a0_0[2] = fma(x0.w, wv.w, fma(x0.z, wv.z, fma(x0.y, wv.y, fma(x0.x, wv.x, a0_0[2])))); a1_0[2] = fma(x1.w, wv.w, fma(x1.z, wv.z, fma(x1.y, wv.y, fma(x1.x, wv.x, a1_0[2])))); }
{ let wv = w[wBase + (2u - (3u) / 4u) * tapStride + (3u % 4u) * dims.in4]; a0_0[3] = fma(x0.w, wv.w, fma(x0.z, wv.z, fma(x0.y, wv.y, fma(x0.x, wv.x, a0_0[3])))); a1_0[3] = fma(x1.w, wv.w, fma(x1.z, wv.z, fma(x1.y, wv.y, fma(x1.x, wv.x, a1_0[3])))); }
{ let wv = w[wBase + (2u - (4u) / 4u) * tapStride + (4u % 4u) * dims.in4]; a0_0[0] = fma(x1.w, wv.w, fma(x1.z, wv.z, fma(x1.y, wv.y, fma(x1.x, wv.x, a0_0[0])))); a1_0[0] = fma(x2.w, wv.w, fma(x2.z, wv.z, fma(x2.y, wv.y, fma(x2.x, wv.x, a1_0[0])))); }
{ let wv = w[wBase + (2u - (5u) / 4u) * tapStride + (5u % 4u) * dims.in4]; a0_0[1] = fma(x1.w, wv.w, fma(x1.z, wv.z, fma(x1.y, wv.y, fma(x1.x, wv.x, a0_0[1])))); a1_0[1] = fma(x2.w, wv.w, fma(x2.z, wv.z, fma(x2.y, wv.y, fma(x2.x, wv.x, a1_0[1])))); }
{ let wv = w[wBase + (2u - (6u) / 4u) * tapStride + (6u % 4u) * dims.in4]; a0_0[2] = fma(x1.w, wv.w, fma(x1.z, wv.z, fma(x1.y, wv.y, fma(x1.x, wv.x, a0_0[2])))); a1_0[2] = fma(x2.w, wv.w, fma(x2.z, wv.z, fma(x2.y, wv.y, fma(x2.x, wv.x, a1_0[2])))); }
{ let wv = w[wBase + (2u - (7u) / 4u) * tapStride + (7u % 4u) * dims.in4]; a0_0[3] = fma(x1.w, wv.w, fma(x1.z, wv.z, fma(x1.y, wv.y, fma(x1.x, wv.x, a0_0[3])))); a1_0[3] = fma(x2.w, wv.w, fma(x2.z, wv.z, fma(x2.y, wv.y, fma(x2.x, wv.x, a1_0[3])))); }
{ let wv = w[wBase + (2u - (8u) / 4u) * tapStride + (8u % 4u) * dims.in4]; a0_0[0] = fma(x2.w, wv.w, fma(x2.z, wv.z, fma(x2.y, wv.y, fma(x2.x, wv.x, a0_0[0])))); a1_0[0] = fma(x3.w, wv.w, fma(x3.z, wv.z, fma(x3.y, wv.y, fma(x3.x, wv.x, a1_0[0])))); }
{ let wv = w[wBase + (2u - (9u) / 4u) * tapStride + (9u % 4u) * dims.in4]; a0_0[1] = fma(x2.w, wv.w, fma(x2.z, wv.z, fma(x2.y, wv.y, fma(x2.x, wv.x, a0_0[1])))); a1_0[1] = fma(x3.w, wv.w, fma(x3.z, wv.z, fma(x3.y, wv.y, fma(x3.x, wv.x, a1_0[1])))); }
{ let wv = w[wBase + (2u - (10u) / 4u) * tapStride + (10u % 4u) * dims.in4]; a0_0[2] = fma(x2.w, wv.w, fma(x2.z, wv.z, fma(x2.y, wv.y, fma(x2.x, wv.x, a0_0[2])))); a1_0[2] = fma(x3.w, wv.w, fma(x3.z, wv.z, fma(x3.y, wv.y, fma(x3.x, wv.x, a1_0[2])))); }
{ let wv = w[wBase + (2u - (11u) / 4u) * tapStride + (11u % 4u) * dims.in4]; a0_0[3] = fma(x2.w, wv.w, fma(x2.z, wv.z, fma(x2.y, wv.y, fma(x2.x, wv.x, a0_0[3])))); a1_0[3] = fma(x3.w, wv.w, fma(x3.z, wv.z, fma(x3.y, wv.y, fma(x3.x, wv.x, a1_0[3])))); }
    }
  }
  if (strip < total) {
    let at = u32((row) * dims.outW + u32(ox)) * dims.out4 + co;
    if (u32(ox) + 0u < dims.outW) { if (co + 0u < dims.out4) { var v = a0_0; if (dims.accumulate != 0u) { v += y[at + 0u * dims.out4 + 0u]; } y[at + 0u * dims.out4 + 0u] = v; } }
    if (u32(ox) + 1u < dims.outW) { if (co + 0u < dims.out4) { var v = a1_0; if (dims.accumulate != 0u) { v += y[at + 1u * dims.out4 + 0u]; } y[at + 1u * dims.out4 + 0u] = v; } }
  }
}
