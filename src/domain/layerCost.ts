/**
 * What each layer costs: multiply-accumulates and parameters, from shapes alone.
 *
 *   conv   O·H'·W'·I·k²   MACs at output resolution (shortcuts are convolutions like any other), O·I·k² parameters
 *   norm   no MACs (it folds into the convolution at inference), 2·C parameters (weight, bias; running statistics are buffers)
 *   fc     I·classes MACs, I·classes + classes parameters
 */
import { layersOf } from './network.ts';
import type { NetworkSpec, TensorShape } from './network.ts';

export interface LayerCost {
  /** Parameter prefix of the convolution or classifier; the norms of a site are counted with the site's name. */
  name: string;
  kind: 'conv' | 'norm' | 'fc';
  /** 0 for the stem, else 1-based; the final norm and the classifier belong to the last stage. */
  stage: number;
  macs: number;
  /** Trained numbers; gate parameters (alpha, scale, shift) are not among them. */
  parameters: number;
  in: TensorShape;
  out: TensorShape;
  kernel: number;
  stride: number;
}

/** Cost of every convolution, norm and the classifier, in forward order. One image. */
export function layerCostsOf(spec: NetworkSpec): LayerCost[] {
  return layersOf(spec).map((layer): LayerCost => {
    if (layer.kind === 'conv') {
      const weights = layer.out.channels * layer.in.channels * layer.kernel ** 2;
      return {
        name: layer.name,
        kind: 'conv',
        stage: layer.stage,
        macs: weights * layer.out.height * layer.out.width,
        parameters: weights,
        in: layer.in,
        out: layer.out,
        kernel: layer.kernel,
        stride: layer.stride,
      };
    }
    if (layer.kind === 'site') {
      const norms = layer.residual?.norm ? 2 : 1;
      return {
        name: layer.id,
        kind: 'norm',
        stage: layer.stage,
        macs: 0,
        parameters: 2 * layer.shape.channels * norms,
        in: layer.shape,
        out: layer.shape,
        kernel: 1,
        stride: 1,
      };
    }
    return {
      name: layer.name,
      kind: 'fc',
      stage: spec.blocks.length,
      macs: layer.in.channels * layer.classes,
      parameters: layer.in.channels * layer.classes + layer.classes,
      in: layer.in,
      out: { channels: layer.classes, height: 1, width: 1 },
      kernel: 1,
      stride: 1,
    };
  });
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

/** Multiply-accumulates of one image, shortcuts and classifier included. */
export const macsOf = (spec: NetworkSpec): number => sum(layerCostsOf(spec).map((layer) => layer.macs));
