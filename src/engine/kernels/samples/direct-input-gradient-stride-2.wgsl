// input gradient k3s2 p2q1l0
struct Dims { batch: u32, inH: u32, inW: u32, outH: u32, outW: u32, in4: u32, out4: u32, strips: u32, blocks: u32, accumulate: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;
@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>,
        @builtin(workgroup_id) wid: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>) {
  let total = dims.batch * dims.blocks * dims.strips;
  let strip = min(gid.x, total - 1u);
  let ci = wid.y * 1u;
  let by = (strip / dims.strips) % dims.blocks;
  let n = strip / dims.strips / dims.blocks;
  let bx = (strip % dims.strips) * 2u;
  let tapStride = 4u * dims.out4 * dims.in4;
  let row0 = (n * dims.inH + min(by + 0u, dims.inH - 1u)) * dims.inW; let rowOk0 = by + 0u < dims.inH;
let row1 = (n * dims.inH + min(by + 1u, dims.inH - 1u)) * dims.inW; let rowOk1 = by + 1u < dims.inH;
  let column0 = min(bx + 0u, dims.inW - 1u); let columnOk0 = bx + 0u < dims.inW;
let column1 = min(bx + 1u, dims.inW - 1u); let columnOk1 = bx + 1u < dims.inW;
let column2 = min(bx + 2u, dims.inW - 1u); let columnOk2 = bx + 2u < dims.inW;
  var a00_0_0 = vec4<f32>();
var a00_1_0 = vec4<f32>();
var a01_0_0 = vec4<f32>();
var a01_1_0 = vec4<f32>();
var a10_0_0 = vec4<f32>();
var a10_1_0 = vec4<f32>();
var a11_0_0 = vec4<f32>();
var a11_1_0 = vec4<f32>();
  for (var co = 0u; co < dims.in4; co++) {
    let d0_0 = select(vec4<f32>(), x[(row0 + column0) * dims.in4 + co], rowOk0 && columnOk0);
    let d0_1 = select(vec4<f32>(), x[(row0 + column1) * dims.in4 + co], rowOk0 && columnOk1);
    let d0_2 = select(vec4<f32>(), x[(row0 + column2) * dims.in4 + co], rowOk0 && columnOk2);
    let d1_0 = select(vec4<f32>(), x[(row1 + column0) * dims.in4 + co], rowOk1 && columnOk0);
    let d1_1 = select(vec4<f32>(), x[(row1 + column1) * dims.in4 + co], rowOk1 && columnOk1);
    let d1_2 = select(vec4<f32>(), x[(row1 + column2) * dims.in4 + co], rowOk1 && columnOk2);
    let wBase = 4u * ci * dims.in4 + co;
    { let wv = w[wBase + (16u) / 4u * tapStride + (16u) % 4u * dims.in4]; a00_0_0[0] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a00_0_0[0])))); a00_1_0[0] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a00_1_0[0])))); }
{ let wv = w[wBase + (17u) / 4u * tapStride + (17u) % 4u * dims.in4]; a00_0_0[1] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a00_0_0[1])))); a00_1_0[1] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a00_1_0[1])))); }
{ let wv = w[wBase + (18u) / 4u * tapStride + (18u) % 4u * dims.in4]; a00_0_0[2] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a00_0_0[2])))); a00_1_0[2] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a00_1_0[2])))); }
{ let wv = w[wBase + (19u) / 4u * tapStride + (19u) % 4u * dims.in4]; a00_0_0[3] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a00_0_0[3])))); a00_1_0[3] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a00_1_0[3])))); }
{ let wv = w[wBase + (12u) / 4u * tapStride + (12u) % 4u * dims.in4]; a01_0_0[0] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a01_0_0[0])))); a01_1_0[0] = fma(d0_2.w, wv.w, fma(d0_2.z, wv.z, fma(d0_2.y, wv.y, fma(d0_2.x, wv.x, a01_1_0[0])))); }
{ let wv = w[wBase + (13u) / 4u * tapStride + (13u) % 4u * dims.in4]; a01_0_0[1] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a01_0_0[1])))); a01_1_0[1] = fma(d0_2.w, wv.w, fma(d0_2.z, wv.z, fma(d0_2.y, wv.y, fma(d0_2.x, wv.x, a01_1_0[1])))); }
{ let wv = w[wBase + (14u) / 4u * tapStride + (14u) % 4u * dims.in4]; a01_0_0[2] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a01_0_0[2])))); a01_1_0[2] = fma(d0_2.w, wv.w, fma(d0_2.z, wv.z, fma(d0_2.y, wv.y, fma(d0_2.x, wv.x, a01_1_0[2])))); }
{ let wv = w[wBase + (15u) / 4u * tapStride + (15u) % 4u * dims.in4]; a01_0_0[3] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a01_0_0[3])))); a01_1_0[3] = fma(d0_2.w, wv.w, fma(d0_2.z, wv.z, fma(d0_2.y, wv.y, fma(d0_2.x, wv.x, a01_1_0[3])))); }
{ let wv = w[wBase + (20u) / 4u * tapStride + (20u) % 4u * dims.in4]; a01_0_0[0] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a01_0_0[0])))); a01_1_0[0] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a01_1_0[0])))); }
{ let wv = w[wBase + (21u) / 4u * tapStride + (21u) % 4u * dims.in4]; a01_0_0[1] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a01_0_0[1])))); a01_1_0[1] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a01_1_0[1])))); }
{ let wv = w[wBase + (22u) / 4u * tapStride + (22u) % 4u * dims.in4]; a01_0_0[2] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a01_0_0[2])))); a01_1_0[2] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a01_1_0[2])))); }
{ let wv = w[wBase + (23u) / 4u * tapStride + (23u) % 4u * dims.in4]; a01_0_0[3] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a01_0_0[3])))); a01_1_0[3] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a01_1_0[3])))); }
{ let wv = w[wBase + (4u) / 4u * tapStride + (4u) % 4u * dims.in4]; a10_0_0[0] = fma(d1_0.w, wv.w, fma(d1_0.z, wv.z, fma(d1_0.y, wv.y, fma(d1_0.x, wv.x, a10_0_0[0])))); a10_1_0[0] = fma(d1_1.w, wv.w, fma(d1_1.z, wv.z, fma(d1_1.y, wv.y, fma(d1_1.x, wv.x, a10_1_0[0])))); }
{ let wv = w[wBase + (5u) / 4u * tapStride + (5u) % 4u * dims.in4]; a10_0_0[1] = fma(d1_0.w, wv.w, fma(d1_0.z, wv.z, fma(d1_0.y, wv.y, fma(d1_0.x, wv.x, a10_0_0[1])))); a10_1_0[1] = fma(d1_1.w, wv.w, fma(d1_1.z, wv.z, fma(d1_1.y, wv.y, fma(d1_1.x, wv.x, a10_1_0[1])))); }
{ let wv = w[wBase + (6u) / 4u * tapStride + (6u) % 4u * dims.in4]; a10_0_0[2] = fma(d1_0.w, wv.w, fma(d1_0.z, wv.z, fma(d1_0.y, wv.y, fma(d1_0.x, wv.x, a10_0_0[2])))); a10_1_0[2] = fma(d1_1.w, wv.w, fma(d1_1.z, wv.z, fma(d1_1.y, wv.y, fma(d1_1.x, wv.x, a10_1_0[2])))); }
{ let wv = w[wBase + (7u) / 4u * tapStride + (7u) % 4u * dims.in4]; a10_0_0[3] = fma(d1_0.w, wv.w, fma(d1_0.z, wv.z, fma(d1_0.y, wv.y, fma(d1_0.x, wv.x, a10_0_0[3])))); a10_1_0[3] = fma(d1_1.w, wv.w, fma(d1_1.z, wv.z, fma(d1_1.y, wv.y, fma(d1_1.x, wv.x, a10_1_0[3])))); }
{ let wv = w[wBase + (28u) / 4u * tapStride + (28u) % 4u * dims.in4]; a10_0_0[0] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a10_0_0[0])))); a10_1_0[0] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a10_1_0[0])))); }
{ let wv = w[wBase + (29u) / 4u * tapStride + (29u) % 4u * dims.in4]; a10_0_0[1] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a10_0_0[1])))); a10_1_0[1] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a10_1_0[1])))); }
{ let wv = w[wBase + (30u) / 4u * tapStride + (30u) % 4u * dims.in4]; a10_0_0[2] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a10_0_0[2])))); a10_1_0[2] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a10_1_0[2])))); }
{ let wv = w[wBase + (31u) / 4u * tapStride + (31u) % 4u * dims.in4]; a10_0_0[3] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a10_0_0[3])))); a10_1_0[3] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a10_1_0[3])))); }
{ let wv = w[wBase + (0u) / 4u * tapStride + (0u) % 4u * dims.in4]; a11_0_0[0] = fma(d1_1.w, wv.w, fma(d1_1.z, wv.z, fma(d1_1.y, wv.y, fma(d1_1.x, wv.x, a11_0_0[0])))); a11_1_0[0] = fma(d1_2.w, wv.w, fma(d1_2.z, wv.z, fma(d1_2.y, wv.y, fma(d1_2.x, wv.x, a11_1_0[0])))); }
{ let wv = w[wBase + (1u) / 4u * tapStride + (1u) % 4u * dims.in4]; a11_0_0[1] = fma(d1_1.w, wv.w, fma(d1_1.z, wv.z, fma(d1_1.y, wv.y, fma(d1_1.x, wv.x, a11_0_0[1])))); a11_1_0[1] = fma(d1_2.w, wv.w, fma(d1_2.z, wv.z, fma(d1_2.y, wv.y, fma(d1_2.x, wv.x, a11_1_0[1])))); }
{ let wv = w[wBase + (2u) / 4u * tapStride + (2u) % 4u * dims.in4]; a11_0_0[2] = fma(d1_1.w, wv.w, fma(d1_1.z, wv.z, fma(d1_1.y, wv.y, fma(d1_1.x, wv.x, a11_0_0[2])))); a11_1_0[2] = fma(d1_2.w, wv.w, fma(d1_2.z, wv.z, fma(d1_2.y, wv.y, fma(d1_2.x, wv.x, a11_1_0[2])))); }
{ let wv = w[wBase + (3u) / 4u * tapStride + (3u) % 4u * dims.in4]; a11_0_0[3] = fma(d1_1.w, wv.w, fma(d1_1.z, wv.z, fma(d1_1.y, wv.y, fma(d1_1.x, wv.x, a11_0_0[3])))); a11_1_0[3] = fma(d1_2.w, wv.w, fma(d1_2.z, wv.z, fma(d1_2.y, wv.y, fma(d1_2.x, wv.x, a11_1_0[3])))); }
{ let wv = w[wBase + (8u) / 4u * tapStride + (8u) % 4u * dims.in4]; a11_0_0[0] = fma(d1_0.w, wv.w, fma(d1_0.z, wv.z, fma(d1_0.y, wv.y, fma(d1_0.x, wv.x, a11_0_0[0])))); a11_1_0[0] = fma(d1_1.w, wv.w, fma(d1_1.z, wv.z, fma(d1_1.y, wv.y, fma(d1_1.x, wv.x, a11_1_0[0])))); }
{ let wv = w[wBase + (9u) / 4u * tapStride + (9u) % 4u * dims.in4]; a11_0_0[1] = fma(d1_0.w, wv.w, fma(d1_0.z, wv.z, fma(d1_0.y, wv.y, fma(d1_0.x, wv.x, a11_0_0[1])))); a11_1_0[1] = fma(d1_1.w, wv.w, fma(d1_1.z, wv.z, fma(d1_1.y, wv.y, fma(d1_1.x, wv.x, a11_1_0[1])))); }
{ let wv = w[wBase + (10u) / 4u * tapStride + (10u) % 4u * dims.in4]; a11_0_0[2] = fma(d1_0.w, wv.w, fma(d1_0.z, wv.z, fma(d1_0.y, wv.y, fma(d1_0.x, wv.x, a11_0_0[2])))); a11_1_0[2] = fma(d1_1.w, wv.w, fma(d1_1.z, wv.z, fma(d1_1.y, wv.y, fma(d1_1.x, wv.x, a11_1_0[2])))); }
{ let wv = w[wBase + (11u) / 4u * tapStride + (11u) % 4u * dims.in4]; a11_0_0[3] = fma(d1_0.w, wv.w, fma(d1_0.z, wv.z, fma(d1_0.y, wv.y, fma(d1_0.x, wv.x, a11_0_0[3])))); a11_1_0[3] = fma(d1_1.w, wv.w, fma(d1_1.z, wv.z, fma(d1_1.y, wv.y, fma(d1_1.x, wv.x, a11_1_0[3])))); }
{ let wv = w[wBase + (24u) / 4u * tapStride + (24u) % 4u * dims.in4]; a11_0_0[0] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a11_0_0[0])))); a11_1_0[0] = fma(d0_2.w, wv.w, fma(d0_2.z, wv.z, fma(d0_2.y, wv.y, fma(d0_2.x, wv.x, a11_1_0[0])))); }
{ let wv = w[wBase + (25u) / 4u * tapStride + (25u) % 4u * dims.in4]; a11_0_0[1] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a11_0_0[1])))); a11_1_0[1] = fma(d0_2.w, wv.w, fma(d0_2.z, wv.z, fma(d0_2.y, wv.y, fma(d0_2.x, wv.x, a11_1_0[1])))); }
{ let wv = w[wBase + (26u) / 4u * tapStride + (26u) % 4u * dims.in4]; a11_0_0[2] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a11_0_0[2])))); a11_1_0[2] = fma(d0_2.w, wv.w, fma(d0_2.z, wv.z, fma(d0_2.y, wv.y, fma(d0_2.x, wv.x, a11_1_0[2])))); }
{ let wv = w[wBase + (27u) / 4u * tapStride + (27u) % 4u * dims.in4]; a11_0_0[3] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a11_0_0[3])))); a11_1_0[3] = fma(d0_2.w, wv.w, fma(d0_2.z, wv.z, fma(d0_2.y, wv.y, fma(d0_2.x, wv.x, a11_1_0[3])))); }
{ let wv = w[wBase + (32u) / 4u * tapStride + (32u) % 4u * dims.in4]; a11_0_0[0] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a11_0_0[0])))); a11_1_0[0] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a11_1_0[0])))); }
{ let wv = w[wBase + (33u) / 4u * tapStride + (33u) % 4u * dims.in4]; a11_0_0[1] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a11_0_0[1])))); a11_1_0[1] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a11_1_0[1])))); }
{ let wv = w[wBase + (34u) / 4u * tapStride + (34u) % 4u * dims.in4]; a11_0_0[2] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a11_0_0[2])))); a11_1_0[2] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a11_1_0[2])))); }
{ let wv = w[wBase + (35u) / 4u * tapStride + (35u) % 4u * dims.in4]; a11_0_0[3] = fma(d0_0.w, wv.w, fma(d0_0.z, wv.z, fma(d0_0.y, wv.y, fma(d0_0.x, wv.x, a11_0_0[3])))); a11_1_0[3] = fma(d0_1.w, wv.w, fma(d0_1.z, wv.z, fma(d0_1.y, wv.y, fma(d0_1.x, wv.x, a11_1_0[3])))); }
  }
  if (gid.x < total) {
    { let oy = 2u * by + 0u; let ox = 2u * (bx + 0u) + 0u; if (oy < dims.outH && ox < dims.outW) {
      let at = ((n * dims.outH + oy) * dims.outW + ox) * dims.out4 + ci;
      if (ci + 0u < dims.out4) { var v = a00_0_0; if (dims.accumulate != 0u) { v += y[at + 0u]; } y[at + 0u] = v; } } }
    { let oy = 2u * by + 0u; let ox = 2u * (bx + 1u) + 0u; if (oy < dims.outH && ox < dims.outW) {
      let at = ((n * dims.outH + oy) * dims.outW + ox) * dims.out4 + ci;
      if (ci + 0u < dims.out4) { var v = a00_1_0; if (dims.accumulate != 0u) { v += y[at + 0u]; } y[at + 0u] = v; } } }
    { let oy = 2u * by + 0u; let ox = 2u * (bx + 0u) + 1u; if (oy < dims.outH && ox < dims.outW) {
      let at = ((n * dims.outH + oy) * dims.outW + ox) * dims.out4 + ci;
      if (ci + 0u < dims.out4) { var v = a01_0_0; if (dims.accumulate != 0u) { v += y[at + 0u]; } y[at + 0u] = v; } } }
    { let oy = 2u * by + 0u; let ox = 2u * (bx + 1u) + 1u; if (oy < dims.outH && ox < dims.outW) {
      let at = ((n * dims.outH + oy) * dims.outW + ox) * dims.out4 + ci;
      if (ci + 0u < dims.out4) { var v = a01_1_0; if (dims.accumulate != 0u) { v += y[at + 0u]; } y[at + 0u] = v; } } }
    { let oy = 2u * by + 1u; let ox = 2u * (bx + 0u) + 0u; if (oy < dims.outH && ox < dims.outW) {
      let at = ((n * dims.outH + oy) * dims.outW + ox) * dims.out4 + ci;
      if (ci + 0u < dims.out4) { var v = a10_0_0; if (dims.accumulate != 0u) { v += y[at + 0u]; } y[at + 0u] = v; } } }
    { let oy = 2u * by + 1u; let ox = 2u * (bx + 1u) + 0u; if (oy < dims.outH && ox < dims.outW) {
      let at = ((n * dims.outH + oy) * dims.outW + ox) * dims.out4 + ci;
      if (ci + 0u < dims.out4) { var v = a10_1_0; if (dims.accumulate != 0u) { v += y[at + 0u]; } y[at + 0u] = v; } } }
    { let oy = 2u * by + 1u; let ox = 2u * (bx + 0u) + 1u; if (oy < dims.outH && ox < dims.outW) {
      let at = ((n * dims.outH + oy) * dims.outW + ox) * dims.out4 + ci;
      if (ci + 0u < dims.out4) { var v = a11_0_0; if (dims.accumulate != 0u) { v += y[at + 0u]; } y[at + 0u] = v; } } }
    { let oy = 2u * by + 1u; let ox = 2u * (bx + 1u) + 1u; if (oy < dims.outH && ox < dims.outW) {
      let at = ((n * dims.outH + oy) * dims.outW + ox) * dims.out4 + ci;
      if (ci + 0u < dims.out4) { var v = a11_1_0; if (dims.accumulate != 0u) { v += y[at + 0u]; } y[at + 0u] = v; } } }
  }
}
