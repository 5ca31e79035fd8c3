//! How long an audio file lasts, read off its frames: a provider that reports no usage of speech
//! bills by its length.

use crate::raw::length;

/// Audio tokens of a minute of speech: the provider's price list says $0.015 for what costs $12 a
/// million tokens.
const TOKENS_PER_MINUTE: u64 = 1_250;
const MS_PER_MINUTE: u64 = 60_000;

/// The tokens of so much speech, rounded up.
pub(crate) fn tokens(milliseconds: u64) -> u64 {
    milliseconds.saturating_mul(TOKENS_PER_MINUTE).div_ceil(MS_PER_MINUTE)
}

/// How long an MP3 or a WAV file lasts, rounded up. `None` for what is neither, or is cut off.
pub(crate) fn milliseconds(file: &[u8]) -> Option<u64> {
    if file.starts_with(b"RIFF") { of_wav(file) } else { of_mp3(file) }
}

/// By the bytes of its samples. A file that was streamed leaves their number open.
fn of_wav(file: &[u8]) -> Option<u64> {
    let mut bytes_per_second = None;
    let mut at = 12_usize;
    loop {
        let head = file.get(at..at.checked_add(8)?)?;
        let size = usize::try_from(u32::from_le_bytes(head[4..].try_into().ok()?)).ok()?;
        let start = at.checked_add(8)?;
        match &head[..4] {
            b"fmt " => {
                let rate = file.get(start.checked_add(8)?..start.checked_add(12)?)?;
                bytes_per_second = Some(u64::from(u32::from_le_bytes(rate.try_into().ok()?)));
            }
            b"data" => {
                let samples = length(file.len().checked_sub(start)?.min(size));
                let rate = bytes_per_second.filter(|rate| 0 < *rate)?;
                return Some(samples.checked_mul(1_000)?.div_ceil(rate));
            }
            _ => {}
        }
        // Chunks begin at even places.
        at = start.checked_add(size)?.checked_add(size & 1)?;
    }
}

/// By its frames, each of so many samples (ISO 11172-3 and 13818-3, layer III).
fn of_mp3(file: &[u8]) -> Option<u64> {
    let mut rest = without_tag(file)?;
    let mut samples_ms = 0_u64;
    let mut rate = None;
    while !rest.is_empty() && !rest.starts_with(b"TAG") {
        let frame = Frame::read(rest)?;
        rest = rest.get(frame.bytes..)?;
        // All frames of a file are of one rate, so their samples are added before dividing.
        if *rate.get_or_insert(frame.samples_per_second) != frame.samples_per_second {
            return None;
        }
        samples_ms = samples_ms.checked_add(frame.samples.checked_mul(1_000)?)?;
    }
    Some(samples_ms.div_ceil(rate?))
}

/// The frames behind an `ID3v2` tag, whose size is written seven bits to a byte.
fn without_tag(file: &[u8]) -> Option<&[u8]> {
    if !file.starts_with(b"ID3") {
        return Some(file);
    }
    let size = file.get(6..10)?.iter().try_fold(0_usize, |size, byte| {
        size.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))
    })?;
    file.get(size.checked_add(10)?..)
}

struct Frame {
    bytes: usize,
    samples: u64,
    samples_per_second: u64,
}

impl Frame {
    fn read(bytes: &[u8]) -> Option<Self> {
        let &[first, second, third, ..] = bytes else { return None };
        let is_layer_three = first == 0xff && second & 0xe6 == 0xe2;
        let is_first_version = second & 0x18 == 0x18;
        let halvings = match second & 0x18 {
            0x18 => 0,
            0x10 => 1,
            0x00 => 2,
            _ => return None,
        };
        let kilobits: [u64; 16] = if is_first_version {
            [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0]
        } else {
            [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0]
        };
        let kilobits = kilobits[usize::from(third >> 4)];
        let rate = [44_100_u64, 48_000, 32_000, 0][usize::from(third >> 2 & 3)] >> halvings;
        if !is_layer_three || kilobits == 0 || rate == 0 {
            return None;
        }
        let samples = if is_first_version { 1_152 } else { 576 };
        let padding = u64::from(third >> 1 & 1);
        let size = (samples / 8 * kilobits * 1_000 / rate).checked_add(padding)?;
        Some(Self { bytes: usize::try_from(size).ok()?, samples, samples_per_second: rate })
    }
}

#[cfg(test)]
mod tests;
