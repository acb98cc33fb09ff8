import { it } from 'vitest';
import { openGpuForTests } from './openGpu.ts';
import { network } from '../src/domain/presets.ts';
const gpu = openGpuForTests();
it('mem', async () => {
  const { StudioEngine } = await import('../src/engine/studio/studioEngine.ts');
  const { GpuMemory } = await import('../src/engine/gpu/memory.ts');
  for (const [m, B, stem] of [[64,16,true],[64,32,true],[64,64,true]] as const) {
    const spec = network(m, { stemGate: stem, classes: 10 });
    const labels = new Map<string, number>();
    const orig = GpuMemory.prototype.allocate;
    GpuMemory.prototype.allocate = function (b: number, label: string, u?: number) { labels.set(label.replace(/layer\d.*|conv1|stem|bn1/, 'act'), (labels.get(label.replace(/layer\d.*|conv1|stem|bn1/, 'act')) ?? 0) + b); return orig.call(this, b, label, u); };
    const e = new StudioEngine(gpu(), { network: spec, gates: {}, batch: B });
    GpuMemory.prototype.allocate = orig;
    console.log(m, B, 'actual', e.memory.bytes, 'perImage', e.memory.perImage, JSON.stringify([...labels].sort((a,b)=>b[1]-a[1]).slice(0,14).map(([k,v])=>[k,v, v/B])));
    e.dispose();
  }
}, 120000);
