/** `relu-studio serve` and `deal`: the server's side of private inference, and a dealer in a process of its own. */
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { Channel, pipe } from '../inference/channel.ts';
import { DealerService } from '../inference/dealerService.ts';
import { ChannelClosed, UnsupportedNetwork } from '../inference/errors.ts';
import { compile } from '../inference/program.ts';
import { publicNetworkOf } from '../inference/publicNetwork.ts';
import { serveSession } from '../inference/server.ts';
import type { ServerModel } from '../inference/server.ts';
import { quantize, weightsOf } from '../inference/serverWeights.ts';
import { Interrupted, UsageError } from './errors.ts';
import { readFinishedRun } from './finishedRun.ts';
import { readOptions, required, wholeNumber } from './options.ts';
import { connect, LONGEST_MESSAGE, transportOf } from './webSocket.ts';

export const SERVE_HELP = `usage: relu-studio serve --run DIR --port N [--host ADDRESS] [--dealer ws://HOST:PORT]

The server's side of private inference: classifies images that it never sees. See docs/private-inference.md; not audited.

  --run DIR       a finished run: masks.json and its weights
  --port N        port to listen on; 0: any free one, named in the ready line
  --host ADDRESS  address to listen on (default 127.0.0.1: this machine only)
  --dealer URL    a dealer that neither party runs ("relu-studio deal"); default: one inside this process, which then
                  could see the client's images if it were changed to look
`;

export const DEAL_HELP = `usage: relu-studio deal --port N [--host ADDRESS]

The dealer of private inference: gives both parties correlated randomness and sees neither images nor weights. It must not be run by
one of the parties.

  --port N        port to listen on; 0: any free one, named in the ready line
  --host ADDRESS  address to listen on (default 127.0.0.1: this machine only)
`;

/** Path on a server's own port where its built-in dealer answers. */
export const DEALER_PATH = '/dealer';
const HIGHEST_PORT = 65535;

const say = (line: string) => process.stderr.write(`${line}\n`);
const portOf = (text: string) => wholeNumber(text, '--port', 0, HIGHEST_PORT);

/** Listens until Ctrl-C; `serve` handles one connection. */
async function listen(
  host: string,
  port: number,
  ready: (address: string) => string,
  serve: (socket: WebSocket, path: string) => Promise<string | null>,
): Promise<never> {
  const server = new WebSocketServer({ host, port, maxPayload: LONGEST_MESSAGE, perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new UsageError(
          cause.code === 'EADDRINUSE'
            ? `Port ${port} is in use: choose another with --port.`
            : `${host}:${port} cannot be listened on: ${cause.message}.`,
          { cause },
        ),
      ),
    );
  });
  server.on('connection', (socket, request) => {
    serve(socket, new URL(request.url ?? '/', 'ws://localhost').pathname)
      .then((line) => line !== null && say(line))
      .catch((error: unknown) => {
        if (!(error instanceof ChannelClosed)) say(`a session ended: ${(error as Error).message}`);
      })
      .finally(() => socket.close());
  });
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  say(ready(`ws://${host.includes(':') ? `[${host}]` : host}:${bound}`));
  return new Promise((_, reject) => {
    const stop = () => {
      for (const socket of server.clients) socket.terminate();
      server.close(() => reject(new Interrupted('Stopped.')));
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
}

/** A finished run as the server of the protocol. @throws UnsupportedNetwork, CheckpointError */
async function modelOfRun(path: string): Promise<ServerModel> {
  const { run } = await readFinishedRun(path);
  const { masks } = run;
  const network = publicNetworkOf(masks.network, masks.gates, masks.trained, masks.about.dataset);
  const weights = weightsOf(compile(network), run.weights, masks.trained);
  try {
    weights.forEach(quantize);
  } catch (cause) {
    throw new UnsupportedNetwork(`The weights do not fit the fixed point: ${(cause as Error).message}`, { cause });
  }
  return { network, weights };
}

export async function serve(args: readonly string[]): Promise<void> {
  const options = readOptions<{ run?: string; port?: string; host: string; dealer?: string }>('serve', args, {
    run: { type: 'string' },
    port: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    dealer: { type: 'string' },
  });
  const port = portOf(required(options.port, '--port', 'serve'));
  const model = await modelOfRun(required(options.run, '--run', 'serve'));
  const { comparisons, multiplexers } = compile(model.network);
  const service = new DealerService();
  const { dealer } = options;
  const openDealer = (): Promise<Channel> => {
    if (dealer !== undefined) return connect(dealer);
    const [own, other] = pipe();
    service.accept(new Channel(other)).catch(() => own.close());
    return Promise.resolve(new Channel(own));
  };
  await listen(
    options.host,
    port,
    (address) =>
      `ready: ${address}, ${comparisons.toLocaleString('en')} DReLUs and ${multiplexers.toLocaleString('en')} multiplications per image; dealer: ${dealer ?? 'in this process (the client must trust its operator)'}`,
    async (socket, path) => {
      const channel = new Channel(transportOf(socket));
      if (path === DEALER_PATH) {
        if (dealer !== undefined) {
          await channel.sendFailure(`this server uses the dealer at ${dealer}: pass --dealer ${dealer}.`);
          return null;
        }
        await service.accept(channel);
        return null;
      }
      try {
        const images = await serveSession(channel, openDealer, model);
        const { sent, received } = channel.total();
        return `served ${images} images: ${sent.toLocaleString('en')} bytes sent, ${received.toLocaleString('en')} received`;
      } catch (error) {
        if (!(error instanceof ChannelClosed))
          await channel.sendFailure((error as Error).message).catch(() => undefined);
        throw error;
      }
    },
  );
}

export async function dealCommand(args: readonly string[]): Promise<void> {
  const options = readOptions<{ port?: string; host: string }>('deal', args, {
    port: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
  });
  const service = new DealerService();
  await listen(
    options.host,
    portOf(required(options.port, '--port', 'deal')),
    (address) => `ready: dealer at ${address}`,
    async (socket) => {
      await service.accept(new Channel(transportOf(socket)));
      return null;
    },
  );
}
