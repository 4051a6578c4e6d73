//! A zip archive of a few small files that compresses nothing (PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and
//! 4.3.16): with the sizes in front of the bytes, as every reader of such archives understands it.

/// What a reader must be able to do: version 2.0 of the format.
const VERSION: u16 = 20;
/// The first day that an archive can name: it has no clock of its own, so that the same files give the same bytes.
const FIRST_OF_JANUARY_1980: u16 = 0x21;

/// Packs files, by their names in ASCII. All of them together must stay below 4 GiB.
pub(super) fn pack(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut archive, mut directory): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let (described, offset) = (described(name, bytes), size(&archive));
        archive.extend([&b"PK\x03\x04"[..], &described, name.as_bytes(), bytes].concat());
        directory.extend([&b"PK\x01\x02"[..], &VERSION.to_le_bytes(), &described].concat());
        // No comment, the first disk, no attributes.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(files.len()).unwrap_or(u16::MAX).to_le_bytes();
    let (directory_size, offset) = (size(&directory).to_le_bytes(), size(&archive).to_le_bytes());
    archive.extend(directory);
    archive.extend([&b"PK\x05\x06"[..], &[0; 4], &count, &count, &directory_size, &offset, &[0; 2]].concat());
    archive
}

/// What both headers of a file say of it.
fn described(name: &str, bytes: &[u8]) -> Vec<u8> {
    let (flags, stored, midnight, no_extra) = ([0; 2], [0; 2], [0; 2], [0; 2]);
    let size = size(bytes).to_le_bytes();
    let name = u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes();
    [
        &VERSION.to_le_bytes()[..],
        &flags,
        &stored,
        &midnight,
        &FIRST_OF_JANUARY_1980.to_le_bytes(),
        &crc32fast::hash(bytes).to_le_bytes(),
        &size,
        &size,
        &name,
        &no_extra,
    ]
    .concat()
}

fn size(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// The files of an archive, by way of its directory, as a reader finds them.
#[cfg(test)]
pub(super) fn unpack(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let short = |at: usize| usize::from(u16::from_le_bytes(archive[at..at + 2].try_into().expect("two")));
    let long = |at: usize| u32::from_le_bytes(archive[at..at + 4].try_into().expect("four"));
    let place = |at: usize| usize::try_from(long(at)).expect("small");
    let end = archive.len() - 22;
    assert_eq!(archive[end..end + 4], *b"PK\x05\x06");
    assert_eq!(place(end + 12) + place(end + 16), end, "the directory ends where its end begins");
    let (mut at, mut files) = (place(end + 16), Vec::new());
    for _ in 0..short(end + 10) {
        assert_eq!(archive[at..at + 4], *b"PK\x01\x02");
        let (length, header) = (short(at + 28), place(at + 42));
        assert_eq!(archive[header..header + 4], *b"PK\x03\x04");
        assert_eq!(archive[header + 4..header + 30], archive[at + 6..at + 32], "both headers say the same");
        let name = String::from_utf8(archive[at + 46..at + 46 + length].to_vec()).expect("a name");
        let begin = header + 30 + length;
        let bytes = archive[begin..begin + place(at + 24)].to_vec();
        assert_eq!(long(at + 16), crc32fast::hash(&bytes), "{name}");
        files.push((name, bytes));
        at += 46 + length;
    }
    assert_eq!(at, end);
    files
}

#[cfg(test)]
mod tests {
    use super::{pack, unpack};

    #[test]
    fn what_is_packed_is_found_again() {
        let files: [(&str, &[u8]); 3] = [("a.json", b"{}"), ("empty", b""), ("b.png", &[7; 70_000])];
        let found = unpack(&pack(&files));
        let found: Vec<(&str, &[u8])> = found.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        assert_eq!(found, files);
        assert!(unpack(&pack(&[])).is_empty());
    }
}
