/** The table of published results: as it is, and refused by line where damaged. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { csvRows, parsePublished, PublishedError } from './published.ts';

const table = readFileSync(new URL('../../public/published-pareto.csv', import.meta.url), 'utf8');
const header = table.slice(0, table.indexOf('\n') + 1);

describe('published results', () => {
  it('of the table are all read, each with the place it was read', () => {
    const points = parsePublished(table);
    expect(points).toHaveLength(table.trimEnd().split('\n').length - 1);
    for (const point of points) {
      expect(point.drelus).toBeGreaterThan(1000);
      expect(point.accuracy).toBeGreaterThan(0.2);
      expect(point.source.length).toBeGreaterThan(5);
    }
    expect(points).toContainEqual(
      expect.objectContaining({ method: 'SNL', dataset: 'cifar-100', drelus: 49_400, accuracy: 0.7375 }),
    );
    expect(points.filter(({ method }) => /DeepShare|DeepReShape/.test(method))).toEqual([]);
  });

  it('fields may be quoted, with commas, quotes and line ends inside', () => {
    expect(csvRows('a,"b, ""c""\nd",\r\n\ne,f,g')).toEqual([
      ['a', 'b, "c"\nd', ''],
      ['e', 'f', 'g'],
    ]);
  });

  it.each([
    ['x,y\n', /begin with the columns/],
    [`${header}SNL,R18,cifar10,1,2\n`, /entry 1: it has 5 fields/],
    [`${header}SNL,R18,mnist,1,2,s,c,\n`, /entry 1: data set "mnist"/],
    [`${header}SNL,R18,cifar10,,2,s,c,\n`, /entry 1: "" is no count/],
    [`${header}SNL,R18,cifar10,1,200,s,c,\n`, /entry 1: "200" is no accuracy/],
    [`${header}SNL,R18,cifar10,1,20,,c,\n`, /entry 1: it does not say where/],
  ])('refuses %j', (csv, message) => {
    expect(() => parsePublished(csv)).toThrow(PublishedError);
    expect(() => parsePublished(csv)).toThrow(message);
  });
});
