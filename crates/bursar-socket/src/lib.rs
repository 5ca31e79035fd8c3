//! WebSocket connections (RFC 6455): the handshake of either side, and messages within limits.
//! Never reads what a message says, and never buffers more than one message each way.

mod handshake;
mod socket;

pub use handshake::{Asked, NotASocket, NotTaken, Offer};
pub use socket::{Close, Closed, Message, Reader, Socket, Writer};
