//! PNG: a signature and chunks, of which only those that make the picture are kept.

pub(crate) const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];

/// Chunks that change how the picture looks. Others that may be left out are: texts, times, EXIF,
/// thumbnails and whatever a camera invents.
const KEPT: [&[u8; 4]; 14] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT",
    b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

/// The picture alone; what follows its end goes too. `None` if it breaks off.
pub(crate) fn without_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(&SIGNATURE)?;
    let mut kept = SIGNATURE.to_vec();
    let mut first = true;
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (name, _) = after.split_first_chunk::<4>()?;
        if first && name != b"IHDR" {
            return None;
        }
        first = false;
        // The length, the name, the content and its checksum.
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?.checked_add(12)?;
        let (chunk, next) = rest.split_at_checked(length)?;
        if KEPT.contains(&name) {
            kept.extend_from_slice(chunk);
        }
        if name == b"IEND" {
            return Some(kept);
        }
        rest = next;
    }
}
