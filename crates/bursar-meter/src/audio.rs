//! How long an audio file lasts, read off its frames: a provider that reports no usage of speech
//! bills by its length.

use crate::raw::length;

/// Audio tokens of a minute of speech: the provider's price list says $0.015 for what costs $12 a
/// million tokens.
const TOKENS_PER_MINUTE: u64 = 1_250;
const MS_PER_MINUTE: u64 = 60_000;
/// Bytes of an `ID3v1` tag.
const LAST_TAG_BYTES: usize = 128;

/// The tokens of so much speech, rounded up.
pub(crate) fn tokens(milliseconds: u64) -> u64 {
    milliseconds.saturating_mul(TOKENS_PER_MINUTE).div_ceil(MS_PER_MINUTE)
}

/// How long an MP3 or a WAV file lasts, rounded up. `None` for what is neither, or is cut off.
pub(crate) fn milliseconds(file: &[u8]) -> Option<u64> {
    if file.starts_with(b"RIFF") { of_wav(file) } else { of_mp3(file) }
}

/// By the bytes of its samples, in each of its chunks of them. A file that was streamed leaves
/// their number open, as nothing or as more than there is: they go on to its end.
///
/// What it says of its rate is held against its samples: a decoder goes by those, and a recording
/// is not shorter for saying so. So nothing but plain samples has a length here.
fn of_wav(file: &[u8]) -> Option<u64> {
    let (mut rate, mut samples) = (None, None::<u64>);
    let mut at = 12_usize;
    while let Some(head) = file.get(at..at.checked_add(8)?) {
        let size = usize::try_from(u32::from_le_bytes(head[4..].try_into().ok()?)).ok()?;
        let start = at.checked_add(8)?;
        match &head[..4] {
            // Two that differ are two lengths.
            b"fmt " if rate.is_some() => return None,
            b"fmt " => rate = Some(wav_rate(file.get(start..)?)?),
            b"data" => {
                let there = file.len().checked_sub(start)?;
                let size = if size == 0 { there } else { size.min(there) };
                samples = Some(samples.unwrap_or(0).checked_add(length(size))?);
                if size == there {
                    break;
                }
            }
            _ => {}
        }
        // Chunks begin at even places.
        at = start.checked_add(size)?.checked_add(size & 1)?;
    }
    Some(samples?.checked_mul(1_000)?.div_ceil(rate?))
}

/// Bytes a second, of which there are as many as samples, channels and bits make.
fn wav_rate(format: &[u8]) -> Option<u64> {
    let short = |at: usize| Some(u16::from_le_bytes(format.get(at..at + 2)?.try_into().ok()?));
    let long = |at: usize| Some(u32::from_le_bytes(format.get(at..at + 4)?.try_into().ok()?));
    let (channels, bits) = (u64::from(short(2)?), u64::from(short(14)?));
    let (samples, said) = (u64::from(long(4)?), u64::from(long(8)?));
    // Whole numbers, floats, and either with more said of them.
    let is_plain = matches!(short(0)?, 1 | 3 | 0xfffe);
    let made = samples.checked_mul(channels)?.checked_mul(bits.div_ceil(8))?;
    (is_plain && 0 < said && made == said).then_some(said)
}

/// By its frames, each of so many samples (ISO 11172-3 and 13818-3, layer III).
fn of_mp3(file: &[u8]) -> Option<u64> {
    let mut rest = without_tag(file)?;
    let mut samples_ms = 0_u64;
    let mut rate = None;
    while !rest.is_empty() && !is_last_tag(rest) {
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

/// Whether nothing is left but an `ID3v1` tag. Behind anything longer a decoder finds more frames.
fn is_last_tag(rest: &[u8]) -> bool {
    rest.starts_with(b"TAG") && rest.len() <= LAST_TAG_BYTES
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
