/** What can go wrong between the parties: one sentence each, fit to be shown. */

/** The other party, or the channel, did what the protocol does not allow. */
export class ProtocolError extends Error {
  override readonly name: string = 'ProtocolError';
}

/** A frame arrived damaged, out of order or of another length than announced. */
export class FrameError extends ProtocolError {
  override readonly name = 'FrameError';
}

/** The parties speak different versions. */
export class VersionError extends ProtocolError {
  override readonly name = 'VersionError';
}

/** The channel ended before the protocol did. */
export class ChannelClosed extends Error {
  override readonly name = 'ChannelClosed';
}

/** A network that cannot be run privately; the message says why. */
export class UnsupportedNetwork extends Error {
  override readonly name = 'UnsupportedNetwork';
}
