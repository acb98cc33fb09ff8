/** What the page may weigh, compressed. Read from the built page itself, so that no chunk is forgotten. */
import { readFileSync, readdirSync } from 'node:fs';

const html = readFileSync('dist/index.html', 'utf8');
/** The entry and what it preloads: everything a browser fetches before it shows the page. */
const initial = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map(
  (match) => `dist/${match[1]}`,
);
const assets = readdirSync('dist/assets');
const scripts = assets.filter((name) => name.endsWith('.js'));
const worker = scripts.filter((name) => name.startsWith('worker'));
/** Loaded when a run is first exported, or weights, a zip archive or pictures are first imported. */
const exchange = worker.filter((name) =>
  /^worker-(exportRun|importWeights|runArchive|zip|zip\.js|zipTree|jpeg)-/.test(name),
);
const party = scripts.filter((name) => name.startsWith('party-'));

const budget = (name, path, limit) => ({ name, path, limit, gzip: true });

export default [
  budget(
    'page, before it shows (JavaScript)',
    initial.filter((path) => path.endsWith('.js')),
    '270 kB',
  ),
  budget(
    'page, before it shows (styles)',
    initial.filter((path) => path.endsWith('.css')),
    '45 kB',
  ),
  budget(
    'worker with tfjs',
    worker.filter((name) => !exchange.includes(name)).map((name) => `dist/assets/${name}`),
    '450 kB',
  ),
  budget(
    'worker, exports and imports',
    exchange.map((name) => `dist/assets/${name}`),
    '125 kB',
  ),
  budget(
    'a party of private inference',
    party.map((name) => `dist/assets/${name}`),
    '75 kB',
  ),
  budget(
    'every tab, panel and chart',
    scripts.filter((name) => !worker.includes(name) && !party.includes(name)).map((name) => `dist/assets/${name}`),
    '490 kB',
  ),
];
