//! The two icons of the Teams app, drawn: the mark of Patchbay (`public/favicon.svg`), in colour and as an outline. As
//! Pictures of sixteen shades (PNG specification, third edition: palette, bit depth 4, stored deflate), so that no picture
//! lies in the code.

/// The side of the mark's own drawing.
const VIEW: f32 = 22.0;
/// The two sockets: their centres, radius, and half of the line's width.
const SOCKETS: [(f32, f32); 2] = [(6.5, 15.0), (15.5, 7.0)];
const RADIUS: f32 = 2.6;
const HALF_LINE: f32 = 0.8;
/// The cable between them: points along a curve, and half of its width.
const CABLE: [(f32, f32); 9] = [
    (7.6, 12.6),
    (8.46, 11.21),
    (9.26, 10.66),
    (10.02, 10.68),
    (10.76, 10.97),
    (11.51, 11.26),
    (12.28, 11.25),
    (13.11, 10.66),
    (14.0, 9.2),
];
const HALF_CABLE: f32 = 0.9;
/// Points in each direction that are looked at within a pixel.
const FINE: u32 = 4;

const GROUND: [u8; 3] = [0x1c, 0x1a, 0x17];
const WHITE: [u8; 3] = [0xff, 0xff, 0xff];
const ORANGE: [u8; 3] = [0xfb, 0x92, 0x3c];

/// 192 by 192, white and orange on the ground of the mark.
pub(super) fn colour() -> Vec<u8> {
    // Eight shades of each colour, from the ground to the full one.
    let shade = |full: [u8; 3], step: u32| {
        let mix = |index: usize| (u32::from(GROUND[index]) * (7 - step) + u32::from(full[index]) * step) / 7;
        [0, 1, 2].map(|index| u8::try_from(mix(index)).unwrap_or(u8::MAX))
    };
    let palette: Vec<[u8; 3]> =
        (0..8).map(|step| shade(WHITE, step)).chain((0..8).map(|step| shade(ORANGE, step))).collect();
    png(192, &palette, None, |x, y| {
        let (sockets, cable) = covered(192, x, y);
        let most = FINE * FINE;
        if cable > sockets { 8 + cable * 7 / most } else { sockets * 7 / most }
    })
}

/// 32 by 32, white on nothing.
pub(super) fn outline() -> Vec<u8> {
    let alphas: Vec<u8> = (0..16).map(|step| step * 17).collect();
    png(32, &[WHITE; 16], Some(&alphas), |x, y| {
        let (sockets, cable) = covered(32, x, y);
        sockets.max(cable) * 15 / (FINE * FINE)
    })
}

/// How many of a pixel's points lie on the sockets, and on the cable.
fn covered(size: u32, x: u32, y: u32) -> (u32, u32) {
    let at = |pixel: u32, point: u32| (pixel as f32 + (point as f32 + 0.5) / FINE as f32) * VIEW / size as f32;
    let (mut sockets, mut cable) = (0, 0);
    for point in 0..FINE * FINE {
        let here = (at(x, point % FINE), at(y, point / FINE));
        let rings = SOCKETS.iter().any(|centre| (distance(here, *centre) - RADIUS).abs() <= HALF_LINE);
        sockets += u32::from(rings);
        cable += u32::from(!rings && CABLE.windows(2).any(|ends| to_line(here, ends[0], ends[1]) <= HALF_CABLE));
    }
    (sockets, cable)
}

fn distance(one: (f32, f32), other: (f32, f32)) -> f32 {
    (one.0 - other.0).hypot(one.1 - other.1)
}

/// How far a point is from the line between two.
fn to_line(point: (f32, f32), from: (f32, f32), to: (f32, f32)) -> f32 {
    let along = (to.0 - from.0, to.1 - from.1);
    let length = along.0 * along.0 + along.1 * along.1;
    let part = (((point.0 - from.0) * along.0 + (point.1 - from.1) * along.1) / length).clamp(0.0, 1.0);
    distance(point, (from.0 + part * along.0, from.1 + part * along.1))
}

/// A square picture of sixteen shades; `shade` gives the one of a pixel.
fn png(size: u32, palette: &[[u8; 3]], alphas: Option<&[u8]>, shade: impl Fn(u32, u32) -> u32) -> Vec<u8> {
    let mut rows = Vec::new();
    for y in 0..size {
        rows.push(0); // no filter
        let nibble = |x: u32| u8::try_from(shade(x, y).min(15)).unwrap_or_default();
        rows.extend((0..size).step_by(2).map(|x| (nibble(x) << 4) | nibble(x + 1)));
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [&size.to_be_bytes()[..], &size.to_be_bytes()[..], &[4, 3, 0, 0, 0]].concat();
    chunk(&mut file, b"IHDR", &header);
    chunk(&mut file, b"PLTE", &palette.concat());
    if let Some(alphas) = alphas {
        chunk(&mut file, b"tRNS", alphas);
    }
    chunk(&mut file, b"IDAT", &stored(&rows));
    chunk(&mut file, b"IEND", &[]);
    file
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    file.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    let named = [&kind[..], data].concat();
    file.extend(&named);
    file.extend(crc32fast::hash(&named).to_be_bytes());
}

/// Bytes as a zlib stream that compresses nothing (RFC 1950, RFC 1951 section 3.2.4).
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    stream.extend(((high << 16) | low).to_be_bytes());
    stream
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icons_are_pictures_of_the_sizes_that_teams_wants() {
        for (icon, size) in [(colour(), 192_u32), (outline(), 32)] {
            assert!(icon.starts_with(b"\x89PNG\r\n\x1a\n"));
            assert_eq!((&icon[16..20], &icon[20..24]), (&size.to_be_bytes()[..], &size.to_be_bytes()[..]));
            let (mut rest, mut names) = (&icon[8..], Vec::new());
            while !rest.is_empty() {
                let length = usize::try_from(u32::from_be_bytes(rest[..4].try_into().expect("four"))).expect("small");
                let (named, after) = rest[4..].split_at(4 + length);
                assert_eq!(after[..4], crc32fast::hash(named).to_be_bytes());
                names.push(String::from_utf8_lossy(&named[..4]).into_owned());
                rest = &after[4..];
            }
            let inner: Vec<&str> = names.iter().map(String::as_str).collect();
            let transparent = inner.contains(&"tRNS");
            assert_eq!((inner[0], inner[inner.len() - 1], transparent), ("IHDR", "IEND", size == 32));
            assert!(icon.len() < 24 * 1024, "{}", icon.len());
        }
    }

    #[test]
    fn the_mark_has_its_sockets_and_its_cable() {
        let on = |x: u32, y: u32| covered(22, x, y);
        assert_eq!(on(0, 0), (0, 0));
        assert_eq!(on(6, 14), (0, 0), "a socket is hollow");
        assert!(on(3, 14).0 > 8 && on(15, 4).0 > 8, "and has a rim");
        assert!(on(10, 11).1 > 8, "between them is a cable");
    }
}
