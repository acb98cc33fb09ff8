/** The worker of one party of private inference: hands the page's one message to party.ts. */
import type { FromParty, ToParty } from './messages.ts';
import { runParty } from './party.ts';

self.onmessage = ({ data }: MessageEvent<ToParty>) =>
  void runParty(data, (message: FromParty) => self.postMessage(message));
