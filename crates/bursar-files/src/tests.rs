//! Files of each type, what is taken out of them, and files that pretend.

use proptest::prelude::*;

use super::*;

fn chunk(name: &[u8], content: &[u8]) -> Vec<u8> {
    let mut chunk = u32::try_from(content.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend_from_slice(name);
    chunk.extend_from_slice(content);
    chunk.extend_from_slice(&[0; 4]);
    chunk
}

fn png(extra: &[Vec<u8>]) -> Vec<u8> {
    let mut png = png::SIGNATURE.to_vec();
    png.extend(chunk(b"IHDR", &[0; 13]));
    png.extend(extra.concat());
    png.extend(chunk(b"IDAT", b"data"));
    png.extend(chunk(b"IEND", b""));
    png
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], content].concat()
}

fn jpeg(extra: &[Vec<u8>]) -> Vec<u8> {
    let start = [0xff, 0xd8].to_vec();
    let table = segment(0xdb, &[0; 65]);
    let scan = segment(0xda, &[1, 1, 0, 0, 63, 0]);
    let data = [1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 0xff, 0xd9].to_vec();
    [start, extra.concat(), table, scan, data].concat()
}

#[test]
fn a_picture_keeps_nothing_of_who_took_it_where() {
    let text = chunk(b"tEXt", b"Author\0Ada Lovelace");
    let place = chunk(b"eXIf", b"GPS 52.5 13.4");
    let colours = chunk(b"gAMA", &[0, 0, 1, 2]);
    let given = [png(&[text, colours.clone(), place]), b"after the end".to_vec()].concat();
    let kept = look("a.png", &given, &FileType::ALL).unwrap();
    assert_eq!(kept.bytes, png(&[colours]));

    let exif = segment(0xe1, b"Exif\0\0MM\0\x2a\0\0\0\x08\0\0 GPS 52.5 13.4");
    let xmp = segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Ada");
    let (comment, maker) = (segment(0xfe, b"by Ada"), segment(0xed, b"Photoshop 3.0\0Ada"));
    let (jfif, icc) = (segment(0xe0, b"JFIF\0\x01\x02"), segment(0xe2, b"ICC_PROFILE\0\x01\x01"));
    let given = jpeg(&[jfif.clone(), exif, xmp, comment, maker, icc.clone()]);
    let given = [given, b"a second picture".to_vec()].concat();
    let kept = look("a.JPG", &given, &[FileType::Jpeg]).unwrap();
    assert_eq!(kept.bytes, jpeg(&[jfif, icc]));
}

#[test]
fn a_picture_stays_the_right_way_up() {
    let exif = |little: bool| {
        let mut tiff = Vec::new();
        let short = |n: u16| if little { n.to_le_bytes() } else { n.to_be_bytes() };
        let long = |n: u32| if little { n.to_le_bytes() } else { n.to_be_bytes() };
        tiff.extend_from_slice(if little { b"II" } else { b"MM" });
        tiff.extend_from_slice(&short(42));
        tiff.extend_from_slice(&long(8));
        tiff.extend_from_slice(&short(2));
        for (tag, value) in [(0x010f_u16, 7_u16), (0x0112, 6)] {
            tiff.extend_from_slice(&short(tag));
            tiff.extend_from_slice(&short(3));
            tiff.extend_from_slice(&long(1));
            tiff.extend_from_slice(&short(value));
            tiff.extend_from_slice(&[0, 0]);
        }
        tiff.extend_from_slice(b"GPS 52.5 13.4");
        segment(0xe1, &[b"Exif\0\0", &tiff[..]].concat())
    };
    for little in [true, false] {
        let kept = look("a.jpeg", &jpeg(&[exif(little)]), &[FileType::Jpeg]).unwrap().bytes;
        let again = look("a.jpeg", &kept, &[FileType::Jpeg]).unwrap().bytes;
        assert_eq!(kept, again, "what is written anew is read as it was");
        let find = |part: &[u8]| kept.windows(part.len()).any(|window| window == part);
        assert!(!find(b"GPS") && find(&[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6]));
    }
}

#[test]
fn a_file_is_what_is_in_it_and_not_what_it_is_called() {
    let check = |name: &str, bytes: &[u8], taken: &[FileType]| match look(name, bytes, taken) {
        Ok(kept) => kept.kind.name().to_owned(),
        Err(refusal) => refusal.to_string(),
    };
    let all = &FileType::ALL;
    assert_eq!(check("plan.pdf", b"%PDF-1.7\n", all), "pdf");
    assert_eq!(check("notes.txt", "é 🙂 \u{202e}".as_bytes(), all), "text");
    assert_eq!(check("rows.csv", b"a,b\r\n1,2\r\n", all), "csv");
    let misnamed = |kind: &str| {
        format!("The file's name does not end as that of a {kind} does, and that is what is in it")
    };
    assert_eq!(check("plan.pdf", &png(&[]), all), misnamed("PNG"));
    assert_eq!(check("plan.pdf", b"<script>alert(1)</script>", all), misnamed("plain text"));
    assert_eq!(check("page.html", b"<script>alert(1)</script>", all), misnamed("plain text"));
    assert_eq!(check("plan", b"%PDF-1.7\n", all), misnamed("PDF"));
    let unknown = "The file is not a PDF, a PNG, a JPEG or plain text";
    assert_eq!(check("a.pdf", b"MZ\x90\0", all), unknown);
    assert_eq!(check("a.txt", b"a\0b", all), unknown);
    assert_eq!(check("a.txt", b"", all), "The file is empty");
    let taken = "The file is a PDF: this question takes PNG, JPEG";
    assert_eq!(check("a.pdf", b"%PDF-", &[FileType::Png, FileType::Jpeg]), taken);
    let broken = png(&[]);
    let half = &broken[..broken.len() - 6];
    assert_eq!(check("a.png", half, all), "The PNG cannot be read: save it again and add that");
    assert!(check("a.jpg", &jpeg(&[])[..30], all).starts_with("The JPEG cannot be read"));
}

proptest! {
    /// Whatever is in it: nothing panics, nothing grows by more than the one small segment, and
    /// what is kept is kept as it is the next time.
    #[test]
    fn any_picture_comes_to_an_end(tail in proptest::collection::vec(any::<u8>(), 0..600)) {
        for (name, head) in [("a.png", &png::SIGNATURE[..]), ("a.jpg", &[0xff, 0xd8, 0xff][..])] {
            let bytes = [head, &tail].concat();
            if let Ok(kept) = look(name, &bytes, &FileType::ALL) {
                prop_assert!(kept.bytes.len() <= bytes.len() + 36);
                prop_assert_eq!(look(name, &kept.bytes, &FileType::ALL), Ok(kept));
            }
        }
    }

    /// What looks like a picture and is cut or changed anywhere is refused or kept, never worse.
    #[test]
    fn a_picture_may_be_cut_anywhere(at in 0_usize..200, byte in any::<u8>(), cut in any::<bool>()) {
        let exif = segment(0xe1, b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
        let pictures = [("a.png", png(&[chunk(b"tEXt", b"x")])), ("a.jpg", jpeg(&[exif]))];
        for (name, mut bytes) in pictures {
            if cut { bytes.truncate(at); } else if at < bytes.len() { bytes[at] = byte; }
            let _ = look(name, &bytes, &FileType::ALL);
        }
    }
}
