// filter gradient k3s1 p2q1l0 t32
struct Dims { batch: u32, inH: u32, inW: u32, outH: u32, outW: u32, in4: u32, out4: u32, rows: u32, direct: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
struct Hyper { learningRate: f32, maskLearningRate: f32, momentum: f32, weightDecay: f32, lambda: f32, slope: f32, mix: f32, soft: u32, temperature: f32, distillWeight: f32, gradientScale: f32, accumulate: u32, at: u32, seed: u32, cropPadding: u32, flip: u32, adam: u32, beta1: f32, beta2: f32, fresh1: f32, fresh2: f32, epsilon: f32, correction1: f32, correction2: f32, trainMasks: u32, trainAffine: u32, row: u32, images: u32, threshold: f32 }
@group(0) @binding(1) var<uniform> hyper: Hyper;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> partial: array<vec4<f32>>;
@compute @workgroup_size(32, 1, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>,
        @builtin(workgroup_id) wid: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>) {
  let combos = 3u * dims.in4;
  let combo = min(gid.x, combos - 1u);
  let ky = i32(combo / dims.in4);
  let ci = combo % dims.in4;
  let co = wid.y * 1u;
  let last = min((wid.z + 1u) * dims.rows, dims.batch * dims.outH);
  var a0_0_0 = vec4<f32>();
var a0_1_0 = vec4<f32>();
var a0_2_0 = vec4<f32>();
var a0_3_0 = vec4<f32>();
var a1_0_0 = vec4<f32>();
var a1_1_0 = vec4<f32>();
var a1_2_0 = vec4<f32>();
var a1_3_0 = vec4<f32>();
var a2_0_0 = vec4<f32>();
var a2_1_0 = vec4<f32>();
var a2_2_0 = vec4<f32>();
var a2_3_0 = vec4<f32>();
  for (var row = wid.z * dims.rows; row < last; row++) {
    let n = row / dims.outH;
    let iy = i32(row % dims.outH) * 1 + ky - 1;
    let inside = iy >= 0 && iy < i32(dims.inH);
    let start = (n * dims.inH + u32(clamp(iy, 0, i32(dims.inH) - 1))) * dims.inW;
    for (var ox = 0; ox < i32(dims.outW); ox += 2) {
      let left = ox * 1 - 1;
      let x0 = select(vec4<f32>(), x[(start + u32(clamp(left + 0, 0, i32(dims.inW) - 1))) * dims.in4 + ci], inside && left + 0 >= 0 && left + 0 < i32(dims.inW));
let x1 = select(vec4<f32>(), x[(start + u32(clamp(left + 1, 0, i32(dims.inW) - 1))) * dims.in4 + ci], inside && left + 1 >= 0 && left + 1 < i32(dims.inW));
let x2 = select(vec4<f32>(), x[(start + u32(clamp(left + 2, 0, i32(dims.inW) - 1))) * dims.in4 + ci], inside && left + 2 >= 0 && left + 2 < i32(dims.inW));
let x3 = select(vec4<f32>(), x[(start + u32(clamp(left + 3, 0, i32(dims.inW) - 1))) * dims.in4 + ci], inside && left + 3 >= 0 && left + 3 < i32(dims.inW));
      let gBase = (row * dims.outW + u32(ox)) * dims.out4 + co;
      { let d0 = select(vec4<f32>(), dy[gBase + (0u) / 1u * dims.out4 + (0u) % 1u], ox + 0 < i32(dims.outW)); let d1 = select(vec4<f32>(), dy[gBase + (1u) / 1u * dims.out4 + (1u) % 1u], ox + 1 < i32(dims.outW));
      a0_0_0 = fma(vec4<f32>(x1[0]), d1, fma(vec4<f32>(x0[0]), d0, a0_0_0)); a0_1_0 = fma(vec4<f32>(x1[1]), d1, fma(vec4<f32>(x0[1]), d0, a0_1_0)); a0_2_0 = fma(vec4<f32>(x1[2]), d1, fma(vec4<f32>(x0[2]), d0, a0_2_0)); a0_3_0 = fma(vec4<f32>(x1[3]), d1, fma(vec4<f32>(x0[3]), d0, a0_3_0)); a1_0_0 = fma(vec4<f32>(x2[0]), d1, fma(vec4<f32>(x1[0]), d0, a1_0_0)); a1_1_0 = fma(vec4<f32>(x2[1]), d1, fma(vec4<f32>(x1[1]), d0, a1_1_0)); a1_2_0 = fma(vec4<f32>(x2[2]), d1, fma(vec4<f32>(x1[2]), d0, a1_2_0)); a1_3_0 = fma(vec4<f32>(x2[3]), d1, fma(vec4<f32>(x1[3]), d0, a1_3_0)); a2_0_0 = fma(vec4<f32>(x3[0]), d1, fma(vec4<f32>(x2[0]), d0, a2_0_0)); a2_1_0 = fma(vec4<f32>(x3[1]), d1, fma(vec4<f32>(x2[1]), d0, a2_1_0)); a2_2_0 = fma(vec4<f32>(x3[2]), d1, fma(vec4<f32>(x2[2]), d0, a2_2_0)); a2_3_0 = fma(vec4<f32>(x3[3]), d1, fma(vec4<f32>(x2[3]), d0, a2_3_0)); }
    }
  }
  if (gid.x < combos) {
    // direct: one slice only, so this is the gradient itself.
    let add = dims.direct != 0u && hyper.accumulate != 0u;
    let base = wid.z * 9u * 4u * dims.in4 * dims.out4;
    { let at = base + ((u32(ky) * 3u + 0u) * 4u * dims.in4 + 4u * ci + 0u) * dims.out4 + co;
      if (co + 0u < dims.out4) { var v = a0_0_0; if (add) { v += partial[at + 0u]; } partial[at + 0u] = v; } }
    { let at = base + ((u32(ky) * 3u + 0u) * 4u * dims.in4 + 4u * ci + 1u) * dims.out4 + co;
      if (co + 0u < dims.out4) { var v = a0_1_0; if (add) { v += partial[at + 0u]; } partial[at + 0u] = v; } }
    { let at = base + ((u32(ky) * 3u + 0u) * 4u * dims.in4 + 4u * ci + 2u) * dims.out4 + co;
      if (co + 0u < dims.out4) { var v = a0_2_0; if (add) { v += partial[at + 0u]; } partial[at + 0u] = v; } }
    { let at = base + ((u32(ky) * 3u + 0u) * 4u * dims.in4 + 4u * ci + 3u) * dims.out4 + co;
      if (co + 0u < dims.out4) { var v = a0_3_0; if (add) { v += partial[at + 0u]; } partial[at + 0u] = v; } }
    { let at = base + ((u32(ky) * 3u + 1u) * 4u * dims.in4 + 4u * ci + 0u) * dims.out4 + co;
      if (co + 0u < dims.out4) { var v = a1_0_0; if (add) { v += partial[at + 0u]; } partial[at + 0u] = v; } }
    { let at = base + ((u32(ky) * 3u + 1u) * 4u * dims.in4 + 4u * ci + 1u) * dims.out4 + co;
      if (co + 0u < dims.out4) { var v = a1_1_0; if (add) { v += partial[at + 0u]; } partial[at + 0u] = v; } }
    { let at = base + ((u32(ky) * 3u + 1u) * 4u * dims.in4 + 4u * ci + 2u) * dims.out4 + co;
      if (co + 0u < dims.out4) { var v = a1_2_0; if (add) { v += partial[at + 0u]; } partial[at + 0u] = v; } }
    { let at = base + ((u32(ky) * 3u + 1u) * 4u * dims.in4 + 4u * ci + 3u) * dims.out4 + co;
      if (co + 0u < dims.out4) { var v = a1_3_0; if (add) { v += partial[at + 0u]; } partial[at + 0u] = v; } }
    { let at = base + ((u32(ky) * 3u + 2u) * 4u * dims.in4 + 4u * ci + 0u) * dims.out4 + co;
      if (co + 0u < dims.out4) { var v = a2_0_0; if (add) { v += partial[at + 0u]; } partial[at + 0u] = v; } }
    { let at = base + ((u32(ky) * 3u + 2u) * 4u * dims.in4 + 4u * ci + 1u) * dims.out4 + co;
      if (co + 0u < dims.out4) { var v = a2_1_0; if (add) { v += partial[at + 0u]; } partial[at + 0u] = v; } }
    { let at = base + ((u32(ky) * 3u + 2u) * 4u * dims.in4 + 4u * ci + 2u) * dims.out4 + co;
      if (co + 0u < dims.out4) { var v = a2_2_0; if (add) { v += partial[at + 0u]; } partial[at + 0u] = v; } }
    { let at = base + ((u32(ky) * 3u + 2u) * 4u * dims.in4 + 4u * ci + 3u) * dims.out4 + co;
      if (co + 0u < dims.out4) { var v = a2_3_0; if (add) { v += partial[at + 0u]; } partial[at + 0u] = v; } }
  }
}
