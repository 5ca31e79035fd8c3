//! A small valid PNG: four colours in squares, left and right alike, as an identicon.

use crate::Draw;

/// Squares along the shorter side.
const SQUARES: usize = 16;
/// Bytes of a block of deflate that is stored as it is.
const BLOCK: usize = 0xffff;

/// A mosaic of a size such as `1024x1536`; a square of 64 pixels where that is no size.
pub fn mosaic(size: &str, draw: &mut Draw) -> Vec<u8> {
    let sides = size.split_once('x').and_then(|(width, height)| {
        Some((width.parse::<u32>().ok()?, height.parse::<u32>().ok()?))
    });
    let (width, height) = sides.unwrap_or((64, 64));
    let mut head = [width.to_be_bytes(), height.to_be_bytes()].concat();
    // Two bits a pixel, by a palette; deflate, no filter beyond the usual, not interlaced.
    head.extend([2, 3, 0, 0, 0]);
    let palette: Vec<u8> = (0..12).map(|_| draw.next_bits().to_be_bytes()[0]).collect();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut file, *b"IHDR", &head);
    chunk(&mut file, *b"PLTE", &palette);
    chunk(&mut file, *b"IDAT", &stored(&rows(width, height, draw)));
    chunk(&mut file, *b"IEND", &[]);
    file
}

/// The rows of pixels, four to a byte, each row after a byte that says "not filtered".
fn rows(width: u32, height: u32, draw: &mut Draw) -> Vec<u8> {
    let (width, height) =
        (usize::try_from(width).unwrap_or(64), usize::try_from(height).unwrap_or(64));
    let side = width.min(height).div_ceil(SQUARES).max(1);
    let mut rows = Vec::new();
    let mut row = Vec::new();
    for line in 0..height {
        if line.is_multiple_of(side) {
            let half: Vec<u8> = (0..width.div_ceil(side).div_ceil(2))
                .map(|_| draw.next_bits().to_be_bytes()[0] & 3)
                .collect();
            let colour = |x: usize| half[(x.min(width - 1 - x) / side).min(half.len() - 1)];
            let packed = |first: usize| {
                (first..first + 4)
                    .fold(0, |byte, x| byte << 2 | if x < width { colour(x) } else { 0 })
            };
            row = std::iter::once(0).chain((0..width).step_by(4).map(packed)).collect();
        }
        rows.extend_from_slice(&row);
    }
    rows
}

/// A zlib stream that stores its bytes as they are (RFC 1950 and 1951).
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(BLOCK).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend_from_slice(block);
    }
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    stream.extend((high << 16 | low).to_be_bytes());
    stream
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    file.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
    let start = file.len();
    file.extend(kind);
    file.extend_from_slice(data);
    let check = crc(&file[start..]);
    file.extend(check.to_be_bytes());
}

/// The checksum of a chunk (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ ((crc & 1) * 0xedb8_8320))
    })
}

#[cfg(test)]
mod tests {
    //! The checksums are the published ones; that a reader opens the file, the SDK's tests see.

    use super::*;

    #[test]
    fn checksums_are_those_of_the_standards() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
        assert_eq!(stored(b"Wikipedia")[16..], [0x11, 0xe6, 0x03, 0x98]);
    }

    #[test]
    fn an_image_has_the_size_it_was_asked_for_and_the_same_prompt_gives_the_same() {
        let draw = || Draw::from(&[b"a lighthouse"]);
        let file = mosaic("48x40", &mut draw());
        assert_eq!(file[16..24], [0, 0, 0, 48, 0, 0, 0, 40]);
        assert_eq!(file, mosaic("48x40", &mut draw()));
        assert_ne!(file, mosaic("48x40", &mut Draw::from(&[b"a harbour"])));
    }
}
