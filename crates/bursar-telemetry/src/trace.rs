//! A call's place in its caller's trace (W3C Trace Context, level 1): read from `traceparent`, and
//! written for the upstream.

use bursar_kernel::BasisPoints;
use bursar_sources::entropy;
use http::{HeaderMap, HeaderName, HeaderValue};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// `00-` and 32 digits, `-` and 16, `-` and two flags.
const LENGTH: usize = 55;
const SAMPLED: u8 = 1;
/// The bits of a trace's name that chance is read off: the last 56, as the specification asks that
/// they be random.
const RANDOM_BITS: u32 = 56;

/// A call's place in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The trace's name.
    pub(crate) id: [u8; 16],
    /// The call's own name in it; of a call that is not exported, its caller's.
    pub(crate) span: [u8; 8],
    /// Its caller's, if there is one.
    pub(crate) parent: Option<[u8; 8]>,
    /// Whether the call is exported.
    pub(crate) is_sampled: bool,
}

impl Trace {
    /// The place of a call that begins, with such headers; of all traces such a share is exported.
    /// `None` where there is neither anything to export nor anything to pass on.
    ///
    /// Which are exported their names decide, so that every server decides alike. What its caller
    /// does not export is not exported, and whoever says that everything is gets no more than the
    /// share: an operator pays for the collector, and callers are many.
    pub(crate) fn begin(headers: &HeaderMap, share: BasisPoints) -> Option<Self> {
        let caller = read(headers);
        let bytes: [u8; 24] = entropy::bytes();
        let (fresh, own) = bytes.split_at(16);
        let span = own.try_into().ok()?;
        match caller {
            None => {
                let id = fresh.try_into().ok()?;
                is_in(id, share).then_some(Self { id, span, parent: None, is_sampled: true })
            }
            Some(Caller { id, span: parent, is_sampled }) => {
                let is_sampled = is_sampled && is_in(id, share);
                let span = if is_sampled { span } else { parent };
                Some(Self { id, span, parent: Some(parent), is_sampled })
            }
        }
    }

    /// What the upstream is told: its parent is this call.
    pub fn header(&self) -> (HeaderName, HeaderValue) {
        let flags = if self.is_sampled { SAMPLED } else { 0 };
        let text = format!("00-{}-{}-{flags:02x}", hex(&self.id), hex(&self.span));
        (TRACEPARENT, HeaderValue::from_str(&text).expect("digits and dashes are plain text"))
    }

    /// Whether the call is exported.
    pub const fn is_sampled(&self) -> bool {
        self.is_sampled
    }
}

/// What a caller says of its trace.
struct Caller {
    id: [u8; 16],
    span: [u8; 8],
    is_sampled: bool,
}

/// Reads the header. One that is not as it should be, or is there twice, is as good as none: a new
/// trace begins.
fn read(headers: &HeaderMap) -> Option<Caller> {
    let mut all = headers.get_all(TRACEPARENT).iter();
    let text = all.next()?.to_str().ok()?;
    if all.next().is_some() || text.len() != LENGTH {
        return None;
    }
    let mut parts = text.split('-');
    let (version, id, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if version != "00" || parts.next().is_some() {
        return None;
    }
    let caller = Caller {
        id: bytes(id)?,
        span: bytes(span)?,
        is_sampled: bytes::<1>(flags)?[0] & SAMPLED == SAMPLED,
    };
    (caller.id != [0; 16] && caller.span != [0; 8]).then_some(caller)
}

/// Small hexadecimal digits, as many as there have to be.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != N.checked_mul(2)? || !text.bytes().all(is_digit) {
        return None;
    }
    let mut bytes = [0; N];
    for (place, byte) in bytes.iter_mut().enumerate() {
        let at = place.checked_mul(2)?;
        *byte = u8::from_str_radix(text.get(at..at.checked_add(2)?)?, 16).ok()?;
    }
    Some(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

/// Whether a trace is among such a share of all.
fn is_in(id: [u8; 16], share: BasisPoints) -> bool {
    let random = u128::from_be_bytes(id) & ((1 << RANDOM_BITS) - 1);
    let whole = u128::from(BasisPoints::WHOLE.get());
    random.saturating_mul(whole) >> RANDOM_BITS < u128::from(share.get())
}

#[cfg(test)]
mod tests;
