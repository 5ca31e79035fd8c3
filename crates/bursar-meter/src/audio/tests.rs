//! Files whose length is known, and what is no file.

use super::*;

/// MPEG-2, layer III, 32 kbit/s, 24 kHz: 96 bytes for 576 samples, which last 24 ms.
fn mp3(frames: usize) -> Vec<u8> {
    let mut frame = vec![0xff, 0xf3, 0x44, 0xc4];
    frame.resize(96, 0);
    frame.repeat(frames)
}

fn wav(declared: u32, samples: usize) -> Vec<u8> {
    let mut file = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0".to_vec();
    file.extend([1, 0, 1, 0]);
    file.extend(24_000_u32.to_le_bytes());
    file.extend(48_000_u32.to_le_bytes());
    file.extend([2, 0, 16, 0]);
    file.extend(b"LIST\x03\0\0\0abc\0data");
    file.extend(declared.to_le_bytes());
    file.resize(file.len() + samples * 2, 0);
    file
}

#[test]
fn a_file_lasts_as_long_as_its_frames() {
    assert_eq!(milliseconds(&mp3(100)), Some(2_400));
    let tagged = [b"ID3\x04\0\0\0\0\x01\x02".to_vec(), vec![7; 130], mp3(10)].concat();
    assert_eq!(milliseconds(&tagged), Some(240));
    assert_eq!(milliseconds(&[mp3(10), b"TAG and so on".to_vec()].concat()), Some(240));
    assert_eq!(milliseconds(&wav(48_000, 24_000)), Some(1_000));
    assert_eq!(milliseconds(&wav(u32::MAX, 36_000)), Some(1_500), "the number was left open");
}

#[test]
fn what_cannot_be_read_whole_has_no_length() {
    let cut = mp3(10);
    for file in [&b""[..], b"RIFF", b"fLaC\0\0", b"OggS", &cut[..cut.len() - 1], &wav(9, 9)[..30]] {
        assert_eq!(milliseconds(file), None, "{file:?}");
    }
    assert_eq!(milliseconds(&[mp3(1), vec![0; 96]].concat()), None, "noise behind a frame");
}

#[test]
fn a_recording_is_not_shorter_for_saying_so() {
    let honest = wav(48_000, 24_000);
    let rate_at = 12 + 8 + 8;
    for said in [0, 1, 96_000, u32::MAX] {
        let mut file = honest.clone();
        file[rate_at..rate_at + 4].copy_from_slice(&said.to_le_bytes());
        assert_eq!(milliseconds(&file), None, "{said} bytes a second");
    }
    let mut compressed = honest.clone();
    compressed[20] = 2;
    assert_eq!(milliseconds(&compressed), None);
    let second = &honest[12..36];
    let two_formats = [&honest[..12], second, second, &honest[36..]].concat();
    assert_eq!(milliseconds(&two_formats), None);
    // More samples behind the first, which a decoder goes on with.
    let mut more = honest.clone();
    more.extend(b"junk\x02\0\0\0ab");
    more.extend_from_slice(&honest[honest.len() - 48_008..]);
    assert_eq!(milliseconds(&more), Some(2_000));
    assert_eq!(milliseconds(&wav(0, 24_000)), Some(1_000), "the number was left open");
    let behind_a_tag = [mp3(1), b"TAG".to_vec(), mp3(100)].concat();
    assert_eq!(milliseconds(&behind_a_tag), None);
}

#[test]
fn a_minute_is_1250_tokens_and_any_part_rounds_up() {
    assert_eq!([0, 1, 48, 49, 60_000].map(tokens), [0, 1, 1, 2, 1_250]);
}
