/**
 * The Boolean circuit of one gate site, in the format that emp-wasm reads.
 *
 * Both parties hold additive shares of the pre-activations z. Inside the circuit z = z0 + z1 modulo 2^32, read as a signed number;
 * b = 1[z > 0] for neurons that compare; t = b' · z for neurons that multiply, b' the bit of whichever neuron they consult. Results
 * leave masked, t − r0 − r1 modulo 2^64 and b ⊕ s0 ⊕ s1, with masks of both parties, so that nobody learns them.
 */
export const VALUE_BITS = 32;
export const RING_BITS = 64;

/** Builds circuits of XOR, AND and INV gates. */
class Circuit {
  lines = [];
  ands = 0;
  constructor(inputs) {
    this.wires = inputs;
  }
  gate(kind, ...inputs) {
    const out = this.wires++;
    this.lines.push(`${inputs.length} 1 ${inputs.join(' ')} ${out} ${kind}`);
    if (kind === 'AND') this.ands++;
    return out;
  }
  xor = (a, b) => this.gate('XOR', a, b);
  and = (a, b) => this.gate('AND', a, b);
  not = (a) => this.gate('INV', a);
  or = (a, b) => this.not(this.and(this.not(a), this.not(b)));
  /** Sum modulo 2^n, one AND per bit: carry' = carry ⊕ ((a ⊕ carry) ∧ (b ⊕ carry)). */
  add(a, b) {
    let carry = null;
    return a.map((bit, i) => {
      const half = this.xor(bit, b[i]);
      const sum = carry === null ? half : this.xor(half, carry);
      if (i < a.length - 1)
        carry =
          carry === null ? this.and(bit, b[i]) : this.xor(carry, this.and(this.xor(bit, carry), this.xor(b[i], carry)));
      return sum;
    });
  }
  positive(z) {
    const any = z.slice(0, -1).reduce((some, bit) => this.or(some, bit));
    return this.and(any, this.not(z.at(-1)));
  }
}

const range = (from, count) => Array.from({ length: count }, (_, i) => from + i);

/**
 * @param values number of pre-activations that the circuit needs
 * @param compare indices into the values: these get a bit
 * @param multiply { value, bit }: value times a bit, an index into `compare` or { shared: index of a bit that was shared earlier }
 * @param shared number of bits shared earlier that are used
 * Inputs of each party, in this order: values (32 bits each), shared bits, masks of the products (64 bits each), masks of the bits.
 * Outputs: products (64 bits each), then the bits of `compare`.
 */
export function gateCircuit({ values, compare, multiply, shared }) {
  const perParty = values * VALUE_BITS + shared + multiply.length * RING_BITS + compare.length;
  const circuit = new Circuit(2 * perParty);
  const party = (p) => {
    let at = p * perParty;
    const take = (count) => range((at += count) - count, count);
    return {
      values: range(0, values).map(() => take(VALUE_BITS)),
      shared: take(shared),
      products: multiply.map(() => take(RING_BITS)),
      bits: take(compare.length),
    };
  };
  const [a, b] = [party(0), party(1)];
  const z = a.values.map((own, i) => circuit.add(own, b.values[i]));
  const bits = compare.map((value) => circuit.positive(z[value]));
  const earlier = a.shared.map((own, i) => circuit.xor(own, b.shared[i]));
  const products = multiply.map(({ value, bit }, i) => {
    const open = typeof bit === 'number' ? bits[bit] : earlier[bit.shared];
    const t = z[value].map((wire) => circuit.and(wire, open));
    const signed = [...t, ...range(0, RING_BITS - VALUE_BITS).map(() => t.at(-1))];
    return circuit.add(circuit.add(signed, a.products[i]), b.products[i]);
  });
  const masked = bits.map((bit, i) => circuit.xor(circuit.xor(bit, a.bits[i]), b.bits[i]));
  // Outputs are the last wires.
  const zero = circuit.xor(0, 0);
  const outputs = [...products.flat(), ...masked];
  for (const wire of outputs) circuit.xor(wire, zero);
  const header = `${circuit.lines.length} ${circuit.wires}\n${perParty} ${perParty} ${outputs.length}\n`;
  return { text: `${header}\n${circuit.lines.join('\n')}\n`, perParty, ands: circuit.ands };
}
