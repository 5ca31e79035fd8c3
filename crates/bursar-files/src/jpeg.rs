//! JPEG: segments up to the picture's data. Those that say something beside the picture are left
//! out; which way up it is stands in EXIF, and is written anew, alone.

/// Segments of a file at the most: real ones have a few dozen.
const SEGMENTS_MAX: usize = 1_000;

const START_OF_SCAN: u8 = 0xda;
const END: u8 = 0xd9;
const COMMENT: u8 = 0xfe;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const APP15: u8 = 0xef;

/// The picture alone; what follows its end goes too. `None` if it breaks off.
pub(crate) fn without_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    let (mut kept, mut orientation) = (Vec::with_capacity(bytes.len()), None);
    for _ in 0..SEGMENTS_MAX {
        let marker;
        (marker, rest) = next_marker(rest)?;
        if marker == END {
            return None;
        }
        let (length, _) = rest.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (segment, after) = rest.split_at_checked(length)?;
        let content = segment.get(2..)?;
        if marker == APP1 && orientation.is_none() {
            orientation = exif_orientation(content);
        }
        if is_kept(marker, content) {
            kept.extend_from_slice(&[0xff, marker]);
            kept.extend_from_slice(segment);
        }
        rest = after;
        if marker == START_OF_SCAN {
            let data = up_to_the_end(rest)?;
            let mut whole = vec![0xff, 0xd8];
            whole.extend(orientation.map(exif).into_iter().flatten());
            whole.extend_from_slice(&kept);
            whole.extend_from_slice(data);
            return Some(whole);
        }
    }
    None
}

/// The next marker, before which there may be padding.
fn next_marker(rest: &[u8]) -> Option<(u8, &[u8])> {
    let mut rest = rest.strip_prefix(&[0xff])?;
    while let Some(after) = rest.strip_prefix(&[0xff]) {
        rest = after;
    }
    let (marker, rest) = rest.split_first()?;
    Some((*marker, rest))
}

fn is_kept(marker: u8, content: &[u8]) -> bool {
    match marker {
        APP0 => content.starts_with(b"JFIF\0"),
        // A colour profile, and how the colours are coded.
        APP2 => content.starts_with(b"ICC_PROFILE\0"),
        APP14 => content.starts_with(b"Adobe"),
        APP1..=APP15 | COMMENT => false,
        _ => true,
    }
}

/// The rest of the picture: scans, and the tables between them, up to the end of the image.
fn up_to_the_end(rest: &[u8]) -> Option<&[u8]> {
    let mut at = 0_usize;
    while let Some(found) = rest.get(at..)?.iter().position(|byte| *byte == 0xff) {
        at = at.checked_add(found)?;
        let marker = *rest.get(at.checked_add(1)?)?;
        match marker {
            END => return rest.get(..at.checked_add(2)?),
            // A byte of data, a restart, padding.
            0x00 | 0xd0..=0xd7 => at = at.checked_add(2)?,
            0xff => at = at.checked_add(1)?,
            // What says something beside the picture has no place between scans.
            APP0..=APP15 | COMMENT => return None,
            _ => {
                let from = at.checked_add(2)?;
                let length = rest.get(from..)?.first_chunk::<2>()?;
                at = from.checked_add(usize::from(u16::from_be_bytes(*length)))?;
            }
        }
    }
    None
}

/// Which way up the picture is: tag 0x0112 of the first directory.
fn exif_orientation(content: &[u8]) -> Option<u8> {
    let tiff = content.strip_prefix(b"Exif\0\0")?;
    let little = match tiff.get(..4)? {
        [b'I', b'I', 42, 0] => true,
        [b'M', b'M', 0, 42] => false,
        _ => return None,
    };
    let short = |at: usize| {
        let pair = *tiff.get(at..)?.first_chunk::<2>()?;
        Some(if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    };
    let four = *tiff.get(4..)?.first_chunk::<4>()?;
    let from = if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) };
    let from = usize::try_from(from).ok()?;
    for entry in 0..usize::from(short(from)?) {
        let at = from.checked_add(2)?.checked_add(entry.checked_mul(12)?)?;
        if short(at)? == 0x0112 {
            let value = u8::try_from(short(at.checked_add(8)?)?).ok()?;
            return (2..=8).contains(&value).then_some(value);
        }
    }
    None
}

/// A segment that says which way up the picture is, and nothing else.
fn exif(orientation: u8) -> Vec<u8> {
    let mut segment = vec![0xff, APP1, 0, 34];
    segment.extend_from_slice(b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
    segment.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0]);
    segment
}
